"""`fenrir routes`: the routes of an app."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict, List, Optional

import click

from ..complete import complete_app
from ..console import console, paint, say, show
from ..explain import explain
from ..inspect import RouteInfo, entries_of
from ..loader import load_app, require_fenrir
from ..target import parse_target

if TYPE_CHECKING:
    from rich.table import Table


#: What `--sort` takes: the order of registration, or a field of `RouteInfo`.
SORTS = ("registered", "path", "name", "paradigm")


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--explain", "explained", is_flag=True, help="Show each route's steps, their plugins, and its source.")
@click.option("--paradigm", help="Only the routes of one paradigm; `app` for those without.")
@click.option("--path", "part", help="Only the routes whose path contains this text.")
@click.option("--method", help="Only the routes with this method, or WEBSOCKET.")
@click.option("--sort", type=click.Choice(SORTS), default="registered", show_default=True, help="Their order.")
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
        field = "owner" if sort == "paradigm" else sort
        found.sort(key=lambda item: (getattr(item[0], field), item[0].path, item[0].methods))
    if as_json:
        click.echo(json.dumps({"app": str(target), "routes": [_data(*item, explained) for item in found]}, indent=2))
    elif not found:
        wanted = [f" of {paradigm}"] * bool(paradigm) + [f" with {part!r}"] * bool(part)
        wanted += [f" for {method.upper()}"] if method else []
        click.echo(f"{target} has no routes{''.join(wanted)}.")
    elif explained:
        _explain_all(found)
    else:
        infos = [info for info, _ in found]
        show(_fitting(infos))
        say(paint(f"  {_summary(infos)}", "2"))


def _explain_all(found: List[Any]) -> None:
    from rich.text import Text

    from ..render import explanation_view, methods_text, place, plain_name

    for number, (info, compiled) in enumerate(found):
        if number:
            say()
        if compiled is None:
            mounted = f"{plain_name(info.handler)} ({info.owner}) {place(info.where)}".rstrip()
            show(methods_text(info).append(f" {info.path}", "bold"), Text(f"  {mounted}", style="dim"))
        else:
            show(explanation_view(explain(compiled, info), True))


def _data(info: RouteInfo, compiled: Any, explained: bool) -> Dict[str, Any]:
    if not explained or compiled is None:
        return asdict(info)
    data = asdict(explain(compiled, info))
    return {**data.pop("route"), **data}


def _summary(found: List[RouteInfo]) -> str:
    routes = [item for item in found if item.kind != "mount"]
    mounts = len(found) - len(routes)
    parts = [f"{len(routes)} route{'s' * (len(routes) != 1)}"] if routes else []
    if routes:
        counts = Counter(item.owner for item in routes).most_common()
        parts[0] += f" ({', '.join(f'{name} {count}' for name, count in counts)})"
    parts += [f"{mounts} mount{'s' * (mounts != 1)}"] if mounts else []
    return ", ".join(parts)


def _fitting(found: List[RouteInfo]) -> Table:
    """Return the widest table that fits the terminal."""
    from rich.measure import Measurement

    out, table = console(), _table(found)
    wanted = Measurement.get(out, out.options.update(width=10_000), table).maximum
    return table if wanted <= out.width else _narrow_table(found)


def _table(found: List[RouteInfo]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ..render import methods_text, owner_text, place, plain_name

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Methods", "Path", "Name", "Paradigm", "Handler", "Where"):
        table.add_column(heading, overflow="fold")
    for item in found:
        table.add_row(
            methods_text(item),
            Text(item.path, style="bold"),
            Text(item.name),
            owner_text(item.owner),
            Text(plain_name(item.handler)),
            Text(place(item.where), style="dim"),
        )
    return table


def _narrow_table(found: List[RouteInfo]) -> Table:
    """Return a table with name, handler and place below the path."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ..render import methods_text, owner_text, place, plain_name

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Methods", no_wrap=True)
    table.add_column("Path, name, handler, where", overflow="fold")
    table.add_column("Paradigm", no_wrap=True)
    for item in found:
        below = "  ".join(part for part in (item.name, plain_name(item.handler), place(item.where)) if part)
        path = Text(item.path, style="bold").append(f"\n{below}", "not bold dim")
        table.add_row(methods_text(item), path, owner_text(item.owner))
    return table
