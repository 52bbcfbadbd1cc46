"""`fenrir why`: what serves a URL, and why."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Iterator, Optional

import click

from ..complete import complete_app
from ..console import show
from ..inspect import RouteInfo
from ..loader import load_app, require_fenrir
from ..target import parse_target
from ..why import Candidate, Decision, decide

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

#: The colours of outcomes.
OUTCOMES = {"route": "green", "mount": "green", "not allowed": "red", "not found": "red"}


@click.command()
@click.argument("method")
@click.argument("url")
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--source", is_flag=True, help="Show the compiled function too.")
def why(method: str, url: str, app: Optional[str], factory: bool, as_json: bool, source: bool) -> None:
    """Show what of APP serves METHOD URL, what would come next, and what refused it.

    METHOD is an HTTP method or WEBSOCKET; URL is a path or a whole URL. No request is sent.
    """
    target = parse_target(app, os.getcwd())
    decision = decide(require_fenrir(load_app(target, factory), target), method, url)
    if as_json:
        click.echo(json.dumps({"app": str(target), **asdict(decision)}, indent=2))
    else:
        for part in _parts(decision, source):
            show(part)


def _parts(decision: Decision, source: bool) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    from ..render import explanation_view

    yield Text(f"{decision.method} {decision.path}", style="bold")
    yield Padding(_decision(decision), (0, 0, 0, 2), expand=False)
    if decision.inside is not None:
        yield Text()
        yield from _parts(decision.inside, source)
    elif decision.explanation is not None:
        yield Text()
        yield explanation_view(decision.explanation, source)


def _decision(decision: Decision) -> RenderableType:
    from rich.text import Text

    from ..render import grid

    table = grid()

    def row(label: str, text: Text) -> None:
        table.add_row(Text(label, style="bold"), text)

    route = decision.route
    if route is not None:
        row("answered by", _route(route, with_owner=True))
    row("because", Text(f"{decision.reason}.", style=OUTCOMES.get(decision.outcome, "yellow")))
    for name, value in decision.params.items():
        row("value", Text(f"{name} = {value}"))
    for item in decision.candidates:
        row(item.verdict, _candidate(item))
    return table


def _route(route: RouteInfo, with_owner: bool = False) -> Text:
    from ..render import methods_text, owner_text, place, plain_name

    text = methods_text(route).append(f" {route.path}", "bold").append(f"  {plain_name(route.handler)}")
    if with_owner:
        text.append(" (").append_text(owner_text(route.owner)).append(")")
    return text.append(f" {place(route.where)}".rstrip(), "dim")


def _candidate(item: Candidate) -> Text:
    return _route(item.route).append(f"\n{item.reason}")
