"""`fenrir settings`: what an app can be told, whose each setting is, and what it is now."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, List, Optional

import click

from ..console import console
from ..loader import load_app, require_fenrir
from ..settings import SettingReport, settings_of
from ..target import parse_target

if TYPE_CHECKING:
    from rich.table import Table

ORIGIN_STYLES = {"app": "green", "environment": "yellow", "default": "dim"}


@click.command()
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--show-secrets", is_flag=True, help="Show passwords and keys too.")
def settings(app: Optional[str], factory: bool, as_json: bool, show_secrets: bool) -> None:
    """List the settings of APP: value, where it comes from, and which plugin owns it."""
    target = parse_target(app, os.getcwd())
    found = settings_of(require_fenrir(load_app(target, factory), target), show_secrets)
    if as_json:
        click.echo(json.dumps({"app": str(target), "settings": [asdict(item) for item in found]}, indent=2))
    else:
        console().print(_table(found))


def _table(found: List[SettingReport]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Setting", "Value", "From", "Owner", "Variable", "Meaning"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Setting", "From", "Owner"))
    for item in found:
        table.add_row(
            Text(item.name, style="bold"),
            Text(item.value),
            Text(item.origin, style=ORIGIN_STYLES[item.origin]),
            Text(item.owner),
            Text(item.variable or ""),
            Text(item.help, style="dim"),
        )
    return table
