"""`fenrir shell`: a Python prompt with the app started."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List, Optional, Tuple

import click

from ..complete import complete_app
from ..errors import FAILED
from ..extensions import Extensions
from ..loader import built, load_app
from ..prompt import interact, run_program
from ..shell import Client, greeting, is_written_in, models, module_names
from ..target import AppTarget, parse_target
from ..values import ShellName


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("-c", "--command", metavar="CODE", help="Run this instead of opening a prompt; 1 if it fails.")
@click.option("--plain", is_flag=True, help="Use Python's own prompt even if IPython is installed.")
@click.pass_context
def shell(ctx: click.Context, app: Optional[str], factory: bool, command: Optional[str], plain: bool) -> None:
    """Open a Python prompt (IPython's, if it is installed) with the app started.

    `app` is the app, `client` sends requests to it: client.get("/").json(). The names of its module,
    its models and what plugins give are available too, and `await` works. Code from a pipe or from -c
    is run as if it were typed; the first error ends it with exit code 1.
    """
    target = parse_target(app, os.getcwd())
    loaded = built(load_app(target, factory))
    given = Extensions().ask("fenrir_cli_shell_names", ShellName, app=loaded)
    with Client(loaded) as client:
        names, described = _names(target, [item.value for item in given])
        names.update(app=loaded, client=client)
        if command is not None or not sys.stdin.isatty():
            text, place = (sys.stdin.read(), "<stdin>") if command is None else (command, "<command>")
            done = run_program(text, place, names, client.run)
        else:
            interact(names, greeting(target, loaded, described), client.run, plain)
            done = True
    if not done:
        ctx.exit(FAILED)


def _names(target: AppTarget, given: List[ShellName]) -> Tuple[Dict[str, Any], List[Tuple[str, str]]]:
    """Return the names at the prompt, the author's own before all others, and a line of text on each group."""
    found_models, own = models(target), module_names(target.module)
    names: Dict[str, Any] = {"__name__": "__console__", "__doc__": None}
    names.update({item.name: item.value for item in reversed(given)}, **found_models)
    names.update(own)
    described = [(item.name, item.help) for item in given if item.name not in {*own, *found_models}]
    if found_models:
        described.append(("models", ", ".join(sorted(found_models))))
    written = ", ".join(sorted(name for name, value in own.items() if is_written_in(value, target.module)))
    described.append((f"from {target.module}", written or "its names"))
    return names, described
