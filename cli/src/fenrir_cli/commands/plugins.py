"""`fenrir plugins`: the installed plugins, what they added to an app, and what their hooks cost at build."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import click

from ..complete import complete_app
from ..console import paint, say, show
from ..errors import MISUSED, CliError
from ..extensions import Extensions, declared_commands
from ..facade import exports, installed_adapters
from ..inspect import PluginReport, plugin_reports
from ..loader import load_app, require_fenrir
from ..plugins import HookTime, Stopwatch, contributed_names, counts_of, why_state
from ..target import parse_target
from ..values import Command
from .info import installed_plugins


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--why", "wanted", metavar="NAME", help="Show why one is loaded or not, and all that it added.")
@click.option("--trace", is_flag=True, help="With APP: show how long each hook took while the app was built.")
def plugins(app: Optional[str], factory: bool, as_json: bool, wanted: Optional[str], trace: bool) -> None:
    """List the installed plugins with their state; with APP, what each added to it."""
    logging.getLogger("fenrir.plugins").setLevel(logging.ERROR)  # the report has the failures
    given: Optional[Dict[str, Dict[str, List[str]]]] = None
    times: List[HookTime] = []
    if app is not None:
        target = parse_target(app, os.getcwd())
        loaded = load_app(target, factory)
        watch = Stopwatch(loaded) if trace and hasattr(loaded, "plugins") else None
        records = require_fenrir(loaded, target).plugins.records
        given = contributed_names(loaded)
        times = watch.times() if watch is not None else []
    elif trace:
        raise CliError("--trace times the build of an app: name one.", exit_code=MISUSED)
    else:
        records = installed_plugins()
    if wanted is not None:
        record, reason = why_state(wanted, records, app is not None)
        found = Reasons(plugin_reports([record] if record else []), wanted, reason, (given or {}).get(wanted, {}))
        times = [item for item in times if item.plugin == wanted]
        _explain(found, times, as_json)
        return
    counts = None if given is None else {name: counts_of(kinds) for name, kinds in given.items()}
    _list(plugin_reports(records), counts, times, as_json)


class Reasons(NamedTuple):
    """The facts about one plugin: its report (none, or one), name, reason of its state, and what it added."""

    reports: Tuple[PluginReport, ...]
    name: str
    reason: str
    added: Dict[str, List[str]]


def _explain(found: Reasons, times: List[HookTime], as_json: bool) -> None:
    if as_json:
        report = asdict(found.reports[0]) if found.reports else {"name": found.name, "state": "not loaded"}
        data = {**report, "reason": found.reason, "added": found.added, "trace": [asdict(item) for item in times]}
        click.echo(json.dumps(data, indent=2))
        return
    from ..render import plugins_view, section

    show(plugins_view(found.reports) if found.reports else found.name)
    rows = [("because", found.reason)] if not (found.reports and found.reports[0].error) else []
    # what was added to many routes is listed once for each
    rows += [(kind, "\n".join(names)) for kind, names in found.added.items()]
    show(section(*rows))
    _print_times(times)


def _list(
    reports: Tuple[PluginReport, ...], counts: Optional[Dict[str, Dict[str, int]]], times: List[HookTime], as_json: bool
) -> None:
    extensions = Extensions()
    commands = _commands(extensions)
    exported, adapters = exports(), installed_adapters()
    if as_json:
        data: Dict[str, Any] = {
            "plugins": [{**asdict(item), "added": (counts or {}).get(item.name, {})} for item in reports],
            "command_line": [item._asdict() for item in extensions.loaded],
            "commands": commands,
            "exports": [asdict(item) for item in exported],
            "adapters": [point._asdict() for point in adapters],
            "trace": [asdict(item) for item in times],
        }
        click.echo(json.dumps(data, indent=2))
        return
    from ..render import counted, exports_view, plugins_view

    show(plugins_view(reports, counts))
    for name in ("kernel", "app"):
        if counts is not None and name in counts:
            say(f"{name} added {counted(counts[name])}")
    if exported:
        show(exports_view(exported))
    for point in adapters:
        say(f"adapter: {point.name}  {point.value} ({point.distribution} {point.version})")
    for item in extensions.loaded:
        state = f"failed: {item.error}" if item.error else "active"
        say(f"command line: {item.name} ({item.distribution} {item.version}, {item.entry_point}) {state}")
    for name, line in commands.items():
        say(f"command: fenrir {name}  {line}")
    _print_times(times)


def _print_times(times: List[HookTime]) -> None:
    if not times:
        return
    from rich import box
    from rich.table import Table

    from ..render import owner_text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, justify in (("Milliseconds", "right"), ("Calls", "right"), ("Plugin", "left"), ("Hook", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for item in times:
        table.add_row(f"{item.milliseconds:.3f}", str(item.calls), owner_text(item.plugin), item.hook)
    total = sum(item.milliseconds for item in times)
    show(table)
    say(paint(f"  {total:.3f} ms in hooks while the app was built", "2"))


def _commands(extensions: Extensions) -> Dict[str, str]:
    found = {name: line for name, (_, line) in declared_commands().items()}
    for item in extensions.ask("fenrir_cli_commands", Command):
        found.setdefault(item.value.name, f"{item.value.help} ({item.plugin})")
    return found
