"""`fenrir routes`: what an app answers."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict, List, Optional

import click

from ..console import console, paint, say
from ..explain import Explanation, explain, lines_of
from ..inspect import RouteInfo, entries_of
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


#: The colours of an explanation's lines.
LINE_STYLES = {"head": "1", "input": "2", "note": "2", "code": "2"}


@click.command()
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--explain", "explained", is_flag=True, help="Show each route's steps, whose they are, and its source.")
@click.option("--paradigm", help="Only the routes of one paradigm; `app` for those without.")
@click.option("--path", "part", help="Only the routes whose path has this text.")
@click.option("--method", help="Only the routes that answer this method, or WEBSOCKET.")
@click.option("--sort", type=click.Choice(("registered", "path", "name")), default="registered", show_default=True)
def routes(
    app: Optional[str],
    factory: bool,
    as_json: bool,
    explained: bool,
    paradigm: Optional[str],
    part: Optional[str],
    method: Optional[str],
    sort: str,
) -> None:
    """List the HTTP and WebSocket routes and the mounts of APP."""
    target = parse_target(app, os.getcwd())
    found = list(entries_of(require_fenrir(load_app(target, factory), target)))
    if paradigm is not None:
        found = [item for item in found if item[0].kind != "mount" and item[0].owner == paradigm]
    if part is not None:
        found = [item for item in found if part in item[0].path]
    if method is not None:
        found = [item for item in found if method.upper() in item[0].methods]
    if sort != "registered":
        found.sort(key=lambda item: (getattr(item[0], sort), item[0].path, item[0].methods))
    if as_json:
        click.echo(json.dumps({"app": str(target), "routes": [_data(*item, explained) for item in found]}, indent=2))
    elif not found:
        wanted = [f" of {paradigm}"] * bool(paradigm) + [f" with {part!r}"] * bool(part)
        wanted += [f" for {method.upper()}"] if method else []
        click.echo(f"{target} has no routes{''.join(wanted)}.")
    elif explained:
        for number, (info, compiled) in enumerate(item for item in found if item[1] is not None):
            if number:
                say()
            print_explanation(explain(compiled, info), True)
    else:
        console().print(_table([info for info, _ in found]))


def _data(info: RouteInfo, compiled: Any, explained: bool) -> Dict[str, Any]:
    if not explained or compiled is None:
        return asdict(info)
    data = asdict(explain(compiled, info))
    return {**data.pop("route"), **data}


def print_explanation(explanation: Explanation, with_source: bool) -> None:
    """Print how a route is served."""
    for kind, line in lines_of(explanation, with_source):
        say(paint(line, LINE_STYLES[kind]) if kind in LINE_STYLES else line)


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
