"""What installed distributions add by entry points: names of the facade, `fenrir`, with their faults; adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Dict, List, Mapping, Sequence, Tuple

if TYPE_CHECKING:
    from fenrir_core._compat import InstalledEntryPoint


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
    from fenrir_core.exports import EXPORTS, export_problem

    points = sorted(entry_points(EXPORTS), key=lambda point: (point.distribution, point.name))
    return tuple(
        Export(point.name, point.value, point.distribution, point.version, export_problem(point, points) or "")
        for point in points
    )


def installed_adapters() -> Tuple[InstalledEntryPoint, ...]:
    """List the entry points of adapters for objects of other frameworks, by name."""
    from fenrir_core._compat import entry_points
    from fenrir_core.http.adapters import ADAPTERS

    return tuple(sorted(entry_points(ADAPTERS)))


def by_distribution(found: Sequence[Export]) -> Mapping[str, Sequence[Export]]:
    """Group exported names by distribution and version."""
    groups: Dict[str, List[Export]] = {}
    for item in found:
        groups.setdefault(f"{item.distribution} {item.version}", []).append(item)
    return groups
