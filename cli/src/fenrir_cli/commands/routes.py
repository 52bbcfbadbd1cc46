"""`fenrir routes`: what an app answers."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, List, Optional

import click

from ..console import console
from ..inspect import RouteInfo, routes_of
from ..loader import load_app, require_fenrir
from ..target import parse_target

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

METHOD_STYLES = {
    "GET": "green",
    "POST": "yellow",
    "PUT": "blue",
    "PATCH": "cyan",
    "DELETE": "red",
    "WEBSOCKET": "magenta",
}
PARADIGM_STYLES = {"fastapi": "cyan", "flask": "green", "falcon": "yellow", "sanic": "magenta", "bottle": "blue"}


@click.command()
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--paradigm", help="Only the routes of one paradigm; `app` for those without.")
@click.option("--sort", type=click.Choice(("registered", "path", "name")), default="registered", show_default=True)
def routes(app: Optional[str], factory: bool, as_json: bool, paradigm: Optional[str], sort: str) -> None:
    """List the HTTP and WebSocket routes and the mounts of APP."""
    target = parse_target(app, os.getcwd())
    found = list(routes_of(require_fenrir(load_app(target, factory), target)))
    if paradigm is not None:
        found = [item for item in found if item.kind != "mount" and item.owner == paradigm]
    if sort != "registered":
        found.sort(key=lambda item: (getattr(item, sort), item.path, item.methods))
    if as_json:
        click.echo(json.dumps({"app": str(target), "routes": [asdict(item) for item in found]}, indent=2))
        return
    if not found:
        click.echo(f"{target} has no routes." if paradigm is None else f"{target} has no routes of {paradigm}.")
        return
    console().print(_table(found))


def _table(found: List[RouteInfo]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Methods", "Path", "Name", "Paradigm", "Handler", "Where"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Methods", "Path", "Paradigm"))
    for item in found:
        table.add_row(
            _methods(item),
            Text(item.path, style="bold"),
            Text(item.name),
            Text(item.owner, style=PARADIGM_STYLES.get(item.owner, "")),
            Text(item.handler),
            Text(item.where, style="dim"),
        )
    return table


def _methods(item: RouteInfo) -> Text:
    from rich.text import Text

    if item.kind == "mount":
        return Text("MOUNT", style="dim")
    return Text(" ").join(Text(method, style=METHOD_STYLES.get(method, "")) for method in item.methods)
