"""What the façade `fenrir` hands on: the kernel's names, and those that installed distributions add.

A distribution adds a name with an entry point of the group ``fenrir.exports``: the entry's name is the name that
users import, its value is ``module:attribute`` (``module`` alone means an attribute of the same name), one entry a
name. It is imported when it is asked for.

What is not installed can't say so itself: an entry point of the group ``fenrir.hints`` leads to a `Hints` value, whose
texts name the plugin to install.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ._compat import InstalledEntryPoint, entry_points
from ._suggestions import did_you_mean

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
    "Request",
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
        places: What to write instead, by names that are looked for at the façade and that it does not have.
    """

    names: Mapping[str, str]
    methods: Mapping[str, str]
    requirements: Mapping[str, str]
    places: Mapping[str, str] = {}


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
    module, _, attributes = points[0].value.partition(":")
    try:
        return import_path(f"{module}:{attributes or name}")
    except AttributeError:
        owner = f"{name!r} is exported by {points[0].distribution}, but"
        fault = _missing_attribute(points[0], module, attributes or name, importlib.import_module(module))
        raise ImportError(f"{owner} {fault}") from None


def import_path(path: str) -> Any:
    """Return what ``module`` or ``module:attribute`` names.

    Raises:
        AttributeError: The module has no such attribute. What the module raises passes through.
    """
    module, _, attributes = path.partition(":")
    found: Any = importlib.import_module(module)
    for name in attributes.split(".") if attributes else ():
        found = getattr(found, name)
    return found


def is_missing(module: str, error: BaseException) -> bool:
    """Return whether an import failed because the module, or a package above it, is not there.

    It is not missing if something that it imports is.
    """
    return isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")


def export_problem(point: InstalledEntryPoint, points: Iterable[InstalledEntryPoint]) -> Optional[str]:
    """Return why a name can't be imported through its entry point, and what to do; None if it can.

    Args:
        point: The entry point. What it names is imported, since only that shows whether it exists.
        points: All entry points of the façade's names.
    """
    if not point.name.isidentifier() or point.name.startswith("_"):
        return "it is no public Python name. The entry point's name is the exported name: give it another."
    if point.name in KERNEL_NAMES:
        return "the kernel exports that name. Give the entry point another name."
    owners = sorted(other.distribution for other in points if other.name == point.name)
    others = [owner for owner in owners if owner != point.distribution]
    if others:
        taken = " and ".join(others)
        return f"{taken} exports that name too. Give the entry point another name, or uninstall one of them."
    if len(owners) > 1:
        return "its distribution has two entry points of that name. Take one of them out."
    path, _, attributes = point.value.partition(":")
    try:
        found: Any = importlib.import_module(path)
    except (Exception, SystemExit) as error:  # a module of a plugin may fail in any way
        reason = f"importing {path} failed: {type(error).__name__}: {error}"
        return f"{reason}. Correct the entry point, or install what the module needs."
    module, attribute = found, attributes or point.name
    for name in attribute.split("."):
        if not hasattr(found, name):
            return _missing_attribute(point, path, attribute, module)
        found = getattr(found, name)
    return None


def _missing_attribute(point: InstalledEntryPoint, path: str, attribute: str, module: Any) -> str:
    text = f"{path} has no attribute {attribute!r}."
    names = [str(name) for name in getattr(module, "__all__", ())]
    if ":" not in point.value and names:  # an entry point that means a whole module
        lines = ", ".join(f'{name} = "{path}:{name}"' for name in names[:3])
        return f"{text} The entry point's name is the exported name, one entry point for each: {lines}."
    hint = did_you_mean(attribute, dir(module), lead=" ")
    return f'{text}{hint} Correct the entry point: {point.name} = "{path}:ATTRIBUTE".'


def missing_name(name: str) -> Optional[str]:
    """Return which plugin brings a name of the façade and how to install it, or where else the name is; or None."""
    found = _all_hints()
    hint = next((_hint(name, hints.names[name], hints) for hints in found if name in hints.names), None)
    places = " or ".join(f"`{hints.places[name]}`" for hints in found if name in hints.places)
    return hint or (f"{name!r} is not a name of fenrir. Write {places}." if places else None)


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
