"""`fenrir settings`: the settings of an app, with values and owners."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, List, Optional

import click

from ..complete import complete_app
from ..console import console, show
from ..loader import load_app, require_fenrir
from ..settings import SettingReport, settings_of
from ..target import parse_target

if TYPE_CHECKING:
    from rich.table import Table

#: The least width of values and their help, in columns, the gaps of the table included.
LEAST_WIDTH = 36
ORIGIN_STYLES = {"app": "green", "environment": "yellow", "default": "dim"}


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--show-secrets", is_flag=True, help="Show passwords and keys too.")
@click.option("--owner", metavar="NAME", help="Only those of one plugin, or of the kernel.")
@click.option("--changed", is_flag=True, help="Only those that differ from their default.")
def settings(
    app: Optional[str], factory: bool, as_json: bool, show_secrets: bool, owner: Optional[str], changed: bool
) -> None:
    """List the settings of APP: value, where it comes from, and which plugin owns it."""
    target = parse_target(app, os.getcwd())
    found = settings_of(require_fenrir(load_app(target, factory), target), show_secrets)
    if owner is not None:
        found = [item for item in found if item.owner == owner]
    if changed:
        found = [item for item in found if item.origin != "default"]
    if as_json:
        click.echo(json.dumps({"app": str(target), "settings": [asdict(item) for item in found]}, indent=2))
    elif found:
        show(_fitting(found))
    else:
        click.echo(f"{target} has no such setting.")


def _fitting(found: List[SettingReport]) -> Table:
    """Return the table, or if that is too wide for the values, one with the owner below the name."""
    wide = sum(max(len(text) for text in column) for column in zip(*((it.name, it.owner, it.origin) for it in found)))
    return _table(found) if wide + LEAST_WIDTH <= console().width else _narrow_table(found)


def _narrow_table(found: List[SettingReport]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ..render import owner_text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Setting, value, what it is for, owner, from", overflow="fold")
    for item in found:
        text = Text(item.name, style="bold").append(" = ", "not bold dim")
        text.append(item.value, "not bold" if item.origin == "default" else "bold")
        help_text = f"{item.help} ({item.variable})" if item.variable else item.help
        text.append(f"\n{help_text}\n", "not bold dim").append(owner_text(item.owner))
        text.append("  ").append(Text(item.origin, style=ORIGIN_STYLES[item.origin]))
        table.add_row(text)
    return table


def _table(found: List[SettingReport]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ..render import owner_text

    # piped, a setting is one line
    beneath = "\n" if sys.stdout.isatty() else "  "
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Setting", no_wrap=True)
    table.add_column("Owner", no_wrap=True)
    table.add_column("From", no_wrap=True)
    table.add_column("Value, and what it is for", overflow="fold")
    for item in found:
        value = Text(item.value, style="" if item.origin == "default" else "bold")
        value.append(f"{beneath}{item.help}", "not bold dim")
        if item.variable:
            value.append(f" ({item.variable})", "not bold dim")
        origin = Text(item.origin, style=ORIGIN_STYLES[item.origin])
        table.add_row(Text(item.name, style="bold"), owner_text(item.owner), origin, value)
    return table
