"""`fenrir why`: what answers a URL, and why that."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Optional

import click

from ..console import paint, say
from ..loader import load_app, require_fenrir
from ..target import parse_target
from ..why import Decision, decide
from .routes import print_explanation

VERDICTS = {"next": "next", "method": "other method", "refused": "refused"}


@click.command()
@click.argument("method")
@click.argument("url")
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--source", is_flag=True, help="Show the compiled function too.")
def why(method: str, url: str, app: Optional[str], factory: bool, as_json: bool, source: bool) -> None:
    """Say what APP answers METHOD URL with, what would come next, and what refused it.

    METHOD is an HTTP method or WEBSOCKET; URL is a path or a whole URL. No request is sent.
    """
    target = parse_target(app, os.getcwd())
    decision = decide(require_fenrir(load_app(target, factory), target), method, url)
    if as_json:
        click.echo(json.dumps({"app": str(target), **asdict(decision)}, indent=2))
    else:
        _show(decision, source)


def _show(decision: Decision, source: bool) -> None:
    say(paint(f"{decision.method} {decision.path}", "1"))
    route = decision.route
    if route is not None:
        what = "mount" if route.kind == "mount" else ", ".join(route.methods)
        say(f"  answered by  {what} {route.path}  {route.handler} ({route.owner}) {route.where}".rstrip())
    say(f"  because      {decision.reason}.")
    for name, value in decision.params.items():
        say(f"  value        {name} = {value}")
    for item in decision.candidates:
        said = f"{', '.join(item.route.methods) or 'mount'} {item.route.path}  {item.route.handler} {item.route.where}"
        say(f"  {VERDICTS[item.verdict]:<13}{said}: {item.reason}")
    if decision.inside is not None:
        say()
        _show(decision.inside, source)
    elif decision.explanation is not None:
        say()
        print_explanation(decision.explanation, source)
