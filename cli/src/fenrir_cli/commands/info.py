"""`fenrir info`: what is installed, and what an app is made of."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

import click

from ..console import console
from ..errors import CliError
from ..inspect import AppReport, Environment, PluginReport, app_report, environment
from ..loader import load_app, require_fenrir
from ..target import parse_target

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

STATE_STYLES = {"active": "green", "off": "dim", "failed": "bold red"}


@click.command()
@click.argument("app", required=False)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
def info(app: Optional[str], factory: bool, as_json: bool) -> None:
    """Show Python, the installed parts, every plugin, and with APP its make-up."""
    # The report says what failed; the kernel's warnings would say it twice.
    logging.getLogger("fenrir.plugins").setLevel(logging.ERROR)
    report: Optional[AppReport] = None
    if app is None:
        records = installed_plugins()
    else:
        target = parse_target(app, os.getcwd())
        loaded = require_fenrir(load_app(target, factory), target)
        records, report = loaded.plugins.records, app_report(loaded, str(target))
    found = environment(records)
    if as_json:
        data: Dict[str, Any] = asdict(found)
        data["app"] = None if report is None else asdict(report)
        click.echo(json.dumps(data, indent=2))
        return
    terminal = console()
    for part in _parts(found, report):
        terminal.print(part)


def installed_plugins() -> Any:
    """Give the records of the plugins that an app would load.

    Raises:
        CliError: They can't be looked for as the environment says.
    """
    from fenrir_core import BuildError
    from fenrir_core.plugins import Plugins

    try:
        return Plugins().records
    except BuildError as error:
        raise CliError(str(error)) from error


def _parts(found: Environment, report: Optional[AppReport]) -> Tuple[RenderableType, ...]:
    from rich.table import Table
    from rich.text import Text

    versions = Table.grid(padding=(0, 2))
    versions.add_row(Text("Python", style="bold"), Text(f"{found.implementation} {found.python} on {found.platform}"))
    for title, group in (("Fenrir", found.packages), ("Engines", found.engines), ("Servers", found.servers)):
        chosen = f"; auto is {found.auto}" if title == "Servers" and found.auto else ""
        versions.add_row(Text(title, style="bold"), Text(_versions(group) + chosen))
    parts: Tuple[RenderableType, ...] = (versions, plugin_table(found.plugins))
    return parts if report is None else (*parts, _app(report))


def _versions(group: Dict[str, Optional[str]]) -> str:
    return ", ".join(f"{name} {version or '(not installed)'}" for name, version in group.items())


def plugin_table(plugins: Tuple[PluginReport, ...]) -> Table:
    """Make the table of plugins with their state."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Plugin", "Kind", "State", "Distribution", "Entry point", "Hooks"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Plugin", "Kind", "State"))
    for item in plugins:
        shown = item.error or ", ".join(name[len("fenrir_") :] for name in item.hooks)
        table.add_row(
            Text(item.name, style="bold"),
            Text(item.kind),
            Text(item.state, style=STATE_STYLES.get(item.state, "")),
            Text(f"{item.distribution} {item.version}".strip()),
            Text(item.entry_point),
            Text(shown, style="red" if item.error else "dim"),
        )
    return table


def _app(report: AppReport) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_row(Text("App", style="bold"), Text(f"{report.name} ({report.type})"))
    table.add_row(Text("Routes", style="bold"), Text(f"{report.total}: {_counts(report.routes)}"))
    table.add_row(Text("Methods", style="bold"), Text(_counts(report.methods)))
    for title, names in (
        ("Mounts", report.mounts),
        ("Middleware", report.middleware),
        ("Lifespans", report.lifespans),
    ):
        table.add_row(Text(title, style="bold"), Text(", ".join(names) or "none"))
    return table


def _counts(counts: Dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
