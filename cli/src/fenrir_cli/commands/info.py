"""`fenrir info`: the installation, and what an app is made of."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict, List, Optional

import click

from ..complete import complete_app
from ..console import show
from ..errors import CliError
from ..inspect import AppReport, Environment, app_report, environment
from ..loader import load_app, require_fenrir
from ..plugins import contributions
from ..target import parse_target

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
def info(app: Optional[str], factory: bool, as_json: bool) -> None:
    """Show Python, the installed parts, every plugin, and with APP what it is made of."""
    # The report has the failures; the kernel's warnings would repeat them.
    logging.getLogger("fenrir.plugins").setLevel(logging.ERROR)
    report: Optional[AppReport] = None
    added: Optional[Dict[str, Dict[str, int]]] = None
    if app is None:
        records = installed_plugins()
    else:
        target = parse_target(app, os.getcwd())
        loaded = require_fenrir(load_app(target, factory), target)
        records, report = loaded.plugins.records, app_report(loaded, str(target))
        added = contributions(loaded)
    found = environment(records)
    if as_json:
        data: Dict[str, Any] = asdict(found)
        for item in data["plugins"]:
            item["added"] = (added or {}).get(item["name"], {})
        data["app"] = None if report is None else asdict(report)
        click.echo(json.dumps(data, indent=2))
        return
    show(*_parts(found, report, added))


def installed_plugins() -> Any:
    """Return the records of the plugins that an app would load.

    Raises:
        CliError: The environment variable for plugins is wrong.
    """
    from fenrir_core import BuildError
    from fenrir_core.plugins.manager import Plugins

    try:
        return Plugins().records
    except BuildError as error:
        raise CliError(str(error)) from error


def _parts(found: Environment, report: Optional[AppReport], added: Any) -> List[RenderableType]:
    from rich.text import Text

    from ..render import aliases_text, exports_view, plugins_view, section, versions_text

    servers = versions_text(found.servers)
    if found.auto:
        servers.append(f"; auto is {found.auto} on {found.loop}", "dim")
    environment = section(
        ("Python", f"{found.implementation} {found.python} on {found.system}"),
        ("Fenrir", versions_text(found.packages)),
        ("Engines", versions_text(found.engines)),
        ("Servers", servers),
        ("Aliases", aliases_text(found.aliases)),
    )
    parts: List[RenderableType] = [environment, Text(), plugins_view(found.plugins, added)]
    if found.exports:
        parts += [Text(), exports_view(found.exports)]
    if report is not None:
        parts += [Text(), _app(report)]
    return parts


def _app(report: AppReport) -> Table:
    from ..render import counted, section

    observers = [("Observers", ", ".join(report.observers))] if report.observers else []
    return section(
        ("App", f"{report.name} ({report.type})"),
        ("Routes", f"{report.total}: {counted(report.routes)}"),
        ("Methods", counted(report.methods)),
        ("Mounts", ", ".join(report.mounts) or "none"),
        ("Middleware", ", ".join(report.middleware) or "none"),
        ("Lifespans", ", ".join(report.lifespans) or "none"),
        *observers,
    )
