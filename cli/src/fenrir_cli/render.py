"""Rich renderables of routes, explanations and plugins, made of plain values."""

from __future__ import annotations

import os
import sys
import zlib
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .explain import ErrorInfo, Explanation, StepInfo
from .facade import Export, by_distribution
from .inspect import AliasInfo, PluginReport, RouteInfo

METHOD_STYLES = {
    "GET": "green",
    "POST": "yellow",
    "PUT": "blue",
    "PATCH": "cyan",
    "DELETE": "red",
    "WEBSOCKET": "magenta",
}
#: The colours of plugins; the plugin's name decides, so that each has the same colour in every report.
OWNER_STYLES = (
    "bright_cyan",
    "green",
    "magenta",
    "bright_magenta",
    "yellow",
    "blue",
    "bright_blue",
    "cyan",
)
STATE_STYLES = {"active": "green", "off": "dim", "failed": "bold red"}


def grid() -> Table:
    """Return a table without lines: a label, and a text that is wrapped beside it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def plain_name(name: str) -> str:
    """Return a dotted name without Python's ``<locals>``."""
    return name.replace(".<locals>", "")


def place(where: str) -> str:
    """Return a place in short: an installed file relative to its directory of `sys.path`."""
    roots = [root for root in sys.path if root and where.startswith(root + os.sep)]
    return where[len(max(roots, key=len)) + 1 :] if roots else where


def owner_text(owner: str) -> Text:
    """Return the name of an owner in the plugin's colour; the app and the kernel have none."""
    if owner in ("app", "kernel"):
        return Text(owner)
    return Text(owner, style=OWNER_STYLES[zlib.crc32(owner.encode()) % len(OWNER_STYLES)])


def methods_text(info: RouteInfo) -> Text:
    """Return the methods of a route, each in its colour."""
    if info.kind == "mount":
        return Text("MOUNT", style="dim")
    return Text(" ").join(Text(method, style=METHOD_STYLES.get(method, "")) for method in info.methods)


def counted(counts: Mapping[str, int]) -> str:
    """Return counts as text: ``flask 2, app 1``."""
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


# ------------------------------------------------------------------ how a route is served


def explanation_view(explanation: Explanation, with_source: bool) -> RenderableType:
    """Return how a route is served: its steps in order, its error handlers, and the compiled function."""
    route = explanation.route
    head = methods_text(route).append(f" {route.path}", "bold")
    parts: List[RenderableType] = [head, Text(f"  {_handled(route)}", style="dim")]
    table = grid()
    if explanation.options:
        shown = ", ".join(f"{key}={text}" for key, text in explanation.options.items())
        table.add_row(Text("options", style="bold"), Text(shown, style="dim"))
    for step in explanation.steps:
        table.add_row(Text(step.stage, style="bold"), _step(step))
    for handler in explanation.errors:
        table.add_row(Text("errors", style="bold"), _error(handler))
    parts.append(Padding(table, (0, 0, 0, 2), expand=False))
    if with_source:
        parts.append(Padding(_source(explanation.source), (0, 0, 0, 4), expand=False))
    return Group(*parts)


def _handled(route: RouteInfo) -> str:
    return f"{plain_name(route.handler)} ({route.owner}) {place(route.where)}".rstrip()


def _error(handler: ErrorInfo) -> Text:
    # the class's own name is enough: its module is in the JSON
    text = Text(", ".join(name.rpartition(".")[2] for name in handler.matches)).append(": ")
    text.append_text(Text.assemble(plain_name(handler.name), "  [", owner_text(handler.by), "]  ", handler.how))
    return text.append(f"  {place(handler.where)}" if handler.where else "", "dim")


def _step(step: StepInfo) -> Text:
    text = Text.assemble(plain_name(step.name), "  [", owner_text(step.by), "]  ", step.how)
    if step.where:
        text.append(f"  {place(step.where)}", "dim")
    for item in step.inputs:
        text.append(f"\n  {item.name}: {plain_name(item.source)}", "dim")
        text.append("  [", "dim").append_text(owner_text(item.by)).append("]", "dim")
    return text


def _source(source: str) -> RenderableType:
    if not sys.stdout.isatty():
        return Text(source.rstrip("\n"))
    return Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)


# ------------------------------------------------------------------ plugins


def plugins_view(
    plugins: Iterable[PluginReport], added: Optional[Mapping[str, Mapping[str, int]]] = None
) -> RenderableType:
    """Return a list of plugins: state and reason, distribution, entry point, hooks, and what each added to an app.

    Args:
        plugins: The plugins.
        added: Counts by plugin and kind; None without an app.
    """
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in plugins:
        lines = Text(f"{item.distribution} {item.version}".strip() or "this app's")
        if item.entry_point:
            lines.append(f"  {item.entry_point}", "dim")
        for label, text, style in _plugin_lines(item, added):
            lines.append(f"\n{label} ", "bold").append(text, style)
        table.add_row(
            owner_text(item.name), Text(item.kind), Text(item.state, style=STATE_STYLES.get(item.state, "")), lines
        )
    return table


def _plugin_lines(
    item: PluginReport, added: Optional[Mapping[str, Mapping[str, int]]]
) -> Iterator[Tuple[str, str, str]]:
    if item.error:
        yield "because", item.error, "red"
    if item.hooks:
        yield "hooks", ", ".join(name[len("fenrir_") :] for name in item.hooks), "dim"
    if added is not None and item.state == "active":
        yield "added", counted(added.get(item.name, {})), ""


def exports_view(found: Sequence[Export]) -> RenderableType:
    """Return a list of the names that distributions add to the facade, the faulty ones with the reason."""
    table = grid()
    for distribution, items in by_distribution(found).items():
        text = Text(", ").join(Text(item.name) for item in items if not item.error)
        for item in items:
            if item.error:
                text.append("\n" if text else "").append(f"{item.name} ({item.entry_point}): ")
                text.append(item.error, "red")
        table.add_row(Text.assemble(("exports", "bold"), f"  {distribution}"), text)
    return table


def aliases_text(found: Iterable[AliasInfo]) -> Text:
    """Return the names that can be imported instead of other frameworks; those in use stand out."""
    parts = [
        Text(f"{item.name} {item.version}", style="green" if item.active else "").append(
            f" ({'in use' if item.active else 'not in use'}: {item.package})", "dim"
        )
        for item in found
    ]
    return Text(", ").join(parts)


def versions_text(group: Dict[str, Optional[str]]) -> Text:
    """Return names with their versions; those that are not installed come last."""
    text = Text(", ").join(Text(f"{name} {version}") for name, version in group.items() if version is not None)
    missing = [name for name, version in group.items() if version is None]
    if missing:
        text.append(f"{', ' if text else ''}not installed: {', '.join(missing)}", "dim")
    return text


def section(*rows: Tuple[str, Any]) -> Table:
    """Return rows of a label and a value."""
    table = grid()
    for label, value in rows:
        table.add_row(Text(label, style="bold"), value if isinstance(value, Text) else Text(str(value)))
    return table
