"""What differs between the Pythons that are supported. The only place that asks for the version."""

from __future__ import annotations

import sys
from typing import Any, Iterable, Iterator, NamedTuple

if sys.version_info >= (3, 11):
    from typing import get_type_hints
else:
    from typing_extensions import get_type_hints


class InstalledEntryPoint(NamedTuple):
    """Be an entry point with the distribution it came in."""

    name: str
    value: str
    distribution: str
    version: str


def entry_points(*groups: str) -> Iterator[InstalledEntryPoint]:
    """List the entry points of `groups`, of each installed distribution once.

    Of two copies of one distribution on `sys.path` the first counts, as it does for imports.
    """
    seen = set()
    for distribution in _distributions():
        # PERF: reading the name parses the whole metadata; most distributions have no entry point of ours
        text = distribution.read_text("entry_points.txt") or ""
        if not any(group in text for group in groups):
            continue
        name = _name(distribution)
        if name in seen:
            continue
        seen.add(name)
        for point in distribution.entry_points:
            if point.group in groups:
                yield InstalledEntryPoint(point.name, point.value, name, distribution.version)


def _distributions() -> Iterable[Any]:
    # PERF: 11 ms that an app which names its plugins, and `import fenrir`, can do without
    if sys.version_info >= (3, 10):
        from importlib.metadata import distributions
    else:
        from importlib_metadata import distributions
    return distributions()


def _name(distribution: Any) -> str:
    return (distribution.metadata["Name"] or "").lower().replace("_", "-").replace(".", "-")


__all__ = ["InstalledEntryPoint", "entry_points", "get_type_hints"]
