"""What the façade `fenrir` hands on: the kernel's names, and those that installed distributions add.

A distribution adds a name with an entry point of the group ``fenrir.exports``: the entry's name is the name that
users import, its value is ``module:attribute`` (``module`` alone means an attribute of the same name), one entry a
name. It is imported when it is asked for.

What is not installed can't say so itself: an entry point of the group ``fenrir.hints`` leads to a `Hints` value, whose
texts name the plugin to install.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ._compat import InstalledEntryPoint, entry_points

EXPORTS, HINTS = "fenrir.exports", "fenrir.hints"

#: What `fenrir` hands on from the kernel itself.
KERNEL_NAMES: Tuple[str, ...] = (
    "BackgroundTasks",
    "BuildError",
    "EventBuffer",
    "EventSourceResponse",
    "Fenrir",
    "FileResponse",
    "HTMLResponse",
    "HTTPError",
    "JSONResponse",
    "NotFound",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "ServerSentEvent",
    "StreamingResponse",
    "WebSocket",
    "WebSocketDisconnect",
    "nonblocking",
)


class Hints(NamedTuple):
    """Which plugin brings what, for messages about plugins that are not installed.

    Args:
        names: Plugins by the façade names that they bring.
        methods: Plugins by the methods of the hybrid app that they bring.
        requirements: What to install, by plugin, as `pip install` takes it.
    """

    names: Mapping[str, str]
    methods: Mapping[str, str]
    requirements: Mapping[str, str]


def exported() -> Dict[str, List[InstalledEntryPoint]]:
    """Return the entry points of the façade's names, by name; more than one where distributions clash."""
    found: Dict[str, List[InstalledEntryPoint]] = {}
    for point in entry_points(EXPORTS):
        found.setdefault(point.name, []).append(point)
    return found


def load_export(name: str, points: List[InstalledEntryPoint]) -> Any:
    """Return what a name of the façade stands for.

    Raises:
        ImportError: Two distributions export it, or the entry leads nowhere. What the module raises passes through.
    """
    if len(points) > 1:
        owners = " and ".join(point.distribution for point in points)
        raise ImportError(f"{name!r} is exported by {owners}: uninstall one of them.", name="fenrir")
    module, _, attribute = points[0].value.partition(":")
    found = importlib.import_module(module)
    try:
        return getattr(found, attribute or name)
    except AttributeError:
        raise ImportError(
            f"{name!r} is exported by {points[0].distribution} as {points[0].value!r}, but {module} has no "
            f"{attribute or name!r}. An entry of {EXPORTS} is written `name = module:attribute`.",
            name="fenrir",
        ) from None


def export_problem(name: str, points: List[InstalledEntryPoint]) -> Optional[str]:
    """Return what is wrong with a name that distributions add to the façade, or None."""
    if name in KERNEL_NAMES:
        return f"{name!r} of {points[0].distribution} is a name of the kernel: give it another one."
    if not name.isidentifier() or name.startswith("_"):
        return f"{name!r} of {points[0].distribution} can't be imported: it is not a public identifier."
    try:
        load_export(name, points)
    except Exception as error:  # a module may fail in any way; a report must go on
        return str(error) if isinstance(error, ImportError) and error.name == "fenrir" else f"{name!r}: {error!r}"
    return None


def missing_name(name: str) -> Optional[str]:
    """Return which plugin brings a name of the façade and how to install it, or None."""
    return next((_hint(name, hints.names[name], hints) for hints in _all_hints() if name in hints.names), None)


def missing_method(name: str) -> Optional[str]:
    """Return which plugin brings a method of the hybrid app and how to install it, or None."""
    found = (hints for hints in _all_hints() if name in hints.methods)
    return next((_hint(f"Fenrir.{name}", hints.methods[name], hints) for hints in found), None)


def install_hint(plugin: str) -> str:
    """Return how to install a plugin."""
    for hints in _all_hints():
        if plugin in hints.requirements:
            return f'pip install "{hints.requirements[plugin]}"'
    return "Install the distribution that provides it."


def _hint(what: str, plugin: str, hints: Hints) -> str:
    requirement = hints.requirements[plugin]
    return f'{what!r} comes with the fenrir-{plugin} plugin: pip install "{requirement}"'


def _all_hints() -> List[Hints]:
    return [load_export(point.name, [point]) for point in entry_points(HINTS)]
