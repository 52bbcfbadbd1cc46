"""`fenrir plugins`: what is installed, what it gave to an app, and what its hooks cost at build."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from typing import Any, Dict, List, Optional

import click

from ..console import console, say
from ..errors import MISUSED, CliError
from ..extensions import Extensions, declared_commands
from ..inspect import plugin_reports
from ..loader import load_app, require_fenrir
from ..plugins import HookTime, Stopwatch, contributions
from ..target import parse_target
from ..values import Command
from .info import installed_plugins, plugin_table


@click.command()
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--trace", is_flag=True, help="With APP: show how long each hook took while the app was built.")
def plugins(app: Optional[str], factory: bool, as_json: bool, trace: bool) -> None:
    """List the installed plugins with their state; with APP, what each gave to it."""
    logging.getLogger("fenrir.plugins").setLevel(logging.ERROR)  # the report says what failed
    given: Dict[str, Dict[str, int]] = {}
    times: List[HookTime] = []
    if app is not None:
        target = parse_target(app, os.getcwd())
        loaded = load_app(target, factory)
        watch = Stopwatch(loaded) if trace and hasattr(loaded, "plugins") else None
        records = require_fenrir(loaded, target).plugins.records
        given = contributions(loaded)
        times = watch.times() if watch is not None else []
    elif trace:
        raise CliError("--trace times the build of an app: name one.", exit_code=MISUSED)
    else:
        records = installed_plugins()
    extensions = Extensions()
    data: Dict[str, Any] = {
        "plugins": [{**asdict(item), "gave": given.get(item.name, {})} for item in plugin_reports(records)],
        "command_line": [item._asdict() for item in extensions.loaded],
        "commands": _commands(extensions),
        "trace": [asdict(item) for item in times],
    }
    if as_json:
        click.echo(json.dumps(data, indent=2))
        return
    console().print(plugin_table(plugin_reports(records)))
    for name, counts in given.items():
        say(f"{name} gave " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))
    for item in extensions.loaded:
        state = f"failed: {item.error}" if item.error else "active"
        say(f"command line: {item.name} ({item.distribution} {item.version}, {item.entry_point}) {state}")
    for name, line in data["commands"].items():
        say(f"command: fenrir {name}  {line}")
    for spent in times:
        say(f"{spent.milliseconds:9.3f} ms  {spent.calls:4} x  {spent.plugin} {spent.hook}")


def _commands(extensions: Extensions) -> Dict[str, str]:
    found = {name: line for name, (_, line) in declared_commands().items()}
    for item in extensions.ask("fenrir_cli_commands", Command):
        found.setdefault(item.value.name, f"{item.value.help} ({item.plugin})")
    return found
