"""`fenrir shell`: Python with the app at hand."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, Optional

import click

from ..loader import built, load_app
from ..shell import Client, interact
from ..target import parse_target


@click.command()
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--plain", is_flag=True, help="Use Python's own prompt also where IPython is installed.")
def shell(app: Optional[str], factory: bool, plain: bool) -> None:
    """Open a Python prompt (IPython's, where it is installed) with the app started.

    `app` is the app, `client` sends requests to it: client.get("/").json().
    Code that comes through a pipe is run as if it were typed.
    """
    target = parse_target(app, os.getcwd())
    loaded = built(load_app(target, factory))
    with Client(loaded) as client:
        names: Dict[str, Any] = {**_module_names(target.module), "app": loaded, "client": client}
        banner = f"{target} is started: app, client (client.get('/')) and the names of {target.module}."
        interact(names, banner, plain)


def _module_names(module: str) -> Dict[str, Any]:
    return {name: value for name, value in vars(sys.modules[module]).items() if not name.startswith("_")}
