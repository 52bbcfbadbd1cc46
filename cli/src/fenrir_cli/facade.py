"""The names that installed distributions add to the facade, `fenrir`, with their faults."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from .versions import installed_version

#: The entry-point group: the name is the exported name, the value ``module:attribute``; one for each name.
GROUP = "fenrir.exports"


@dataclass(frozen=True)
class Export:
    """A name that a distribution adds to the facade.

    Args:
        name: What `from fenrir import` takes.
        entry_point: Where it is, ``module:attribute``.
        distribution, version: The distribution that declares it.
        error: Why the import fails, and what to do; an empty string if it works.
    """

    name: str
    entry_point: str
    distribution: str
    version: str
    error: str = ""


def exports() -> Tuple[Export, ...]:
    """List the exported names of all installed distributions, sorted by distribution and name.

    What the entry points name is imported, since only that shows whether it exists.
    """
    from fenrir_core._compat import entry_points

    points = sorted(entry_points(GROUP), key=lambda point: (point.distribution, point.name))
    owners: Dict[str, List[str]] = {}
    for point in points:
        owners.setdefault(point.name, []).append(point.distribution)
    found = [
        Export(point.name, point.value, point.distribution, point.version, _fault(point, owners)) for point in points
    ]
    listed = {(item.distribution, item.name) for item in found}
    found += [item for item in _from_table() if (item.distribution, item.name) not in listed]
    return tuple(sorted(found, key=lambda item: (item.distribution, item.name)))


def by_distribution(found: Sequence[Export]) -> Mapping[str, Sequence[Export]]:
    """Group exported names by distribution and version."""
    groups: Dict[str, List[Export]] = {}
    for item in found:
        groups.setdefault(f"{item.distribution} {item.version}", []).append(item)
    return groups


def _from_table() -> Iterator[Export]:
    """List the names of installed distributions that the kernel's table has."""
    for name, plugin in _kernel_table().items():
        version = installed_version(f"fenrir-{plugin}")
        if version is not None:
            yield Export(name, f"fenrir_{plugin}.exports:{name}", f"fenrir-{plugin}", version)


def _kernel_table() -> Mapping[str, str]:
    from fenrir_core import exports as tables

    return getattr(tables, "EXPORTS", {})


def _fault(point: Any, owners: Mapping[str, Sequence[str]]) -> str:
    """Return why a name can't be imported through this entry point, and what to do; an empty string if it can."""
    from fenrir_core import exports as tables

    if not point.name.isidentifier() or point.name.startswith("_"):
        return "it is no public Python name. The entry point's name is the exported name: give it another."
    if point.name in tables.KERNEL_NAMES:
        return "the kernel exports that name. Give the entry point another name."
    first_party = _kernel_table()
    others = [name for name in owners[point.name] if name != point.distribution]
    if point.name in first_party and point.distribution != f"fenrir-{first_party[point.name]}":
        others.append(f"fenrir-{first_party[point.name]}")
    if others:
        taken = " and ".join(sorted(set(others)))
        return f"{taken} exports that name too. Give the entry point another name, or uninstall one of them."
    if len(owners[point.name]) > 1:
        return "its distribution has two entry points of that name. Take one of them out."
    return _target_fault(point)


def _target_fault(point: Any) -> str:
    path, _, attributes = point.value.partition(":")
    try:
        module = importlib.import_module(path)
    except Exception as error:  # a module of a plugin may fail in any way
        reason = f"importing {path} failed: {type(error).__name__}: {error}"
        return f"{reason}. Correct the entry point, or install what the module needs."
    attribute = attributes or point.name
    found: Any = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            return _missing(point, path, attribute, module)
        found = getattr(found, name)
    return ""


def _missing(point: Any, path: str, attribute: str, module: Any) -> str:
    """Return the message for a missing attribute; an entry point may mean a whole module."""
    text = f"{path} has no attribute {attribute!r}."
    names = [str(name) for name in getattr(module, "__all__", ())]
    if ":" not in point.value and names:
        lines = ", ".join(f'{name} = "{path}:{name}"' for name in names[:3])
        return f"{text} The entry point's name is the exported name, one entry point for each: {lines}."
    near = difflib.get_close_matches(attribute, dir(module), 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f'{text}{hint} Correct the entry point: {point.name} = "{path}:ATTRIBUTE".'
