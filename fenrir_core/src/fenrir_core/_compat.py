"""What differs between the Pythons that are supported. The only place that asks for the version."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from typing import Any, Callable, Iterable, List, NamedTuple, Tuple

if sys.version_info >= (3, 11):
    from typing import get_type_hints
else:
    from typing_extensions import get_type_hints


def coroutine_function(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method that gives a coroutine pass for a coroutine function.

    Servers tell ASGI 3 from ASGI 2 and from WSGI by `inspect.iscoroutinefunction(app.__call__)`, which no mark
    convinces before Python 3.12: there the method is awaited in a real one.
    """
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(method)
    else:

        @functools.wraps(method)
        async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
            await method(self, scope, receive, send)

        return call


class InstalledEntryPoint(NamedTuple):
    """An entry point with the distribution it came in."""

    name: str
    value: str
    distribution: str
    version: str


def entry_points(*groups: str) -> List[InstalledEntryPoint]:
    """Return the entry points of `groups`, of each installed distribution once.

    Of two copies of one distribution on `sys.path` the first counts, as it does for imports.
    """
    return [point for group, point in _installed(_search_path()) if group in groups]


def _search_path() -> Tuple[Tuple[str, int], ...]:
    """Return `sys.path` with the time of change of each directory: what is installed there changes it."""
    found = []
    for path in sys.path:
        try:
            found.append((path, os.stat(path or ".").st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


@functools.lru_cache(maxsize=1)
def _installed(search_path: Tuple[Tuple[str, int], ...]) -> Tuple[Tuple[str, InstalledEntryPoint], ...]:
    """Return the entry points of Fenrir's groups; `search_path` is what the answer holds for."""
    found: List[Tuple[str, InstalledEntryPoint]] = []
    seen = set()
    for distribution in _distributions():
        # PERF: reading the name parses the whole metadata; most distributions have no entry point of ours
        if "[fenrir." not in (distribution.read_text("entry_points.txt") or "").replace(" ", ""):
            continue
        name = _name(distribution)
        if name in seen:
            continue
        seen.add(name)
        for point in distribution.entry_points:
            if point.group.startswith("fenrir."):
                entry = InstalledEntryPoint(point.name, point.value, name, distribution.version)
                found.append((point.group, entry))
    return tuple(found)


def _distributions() -> Iterable[Any]:
    # PERF: 11 ms that an app which names its plugins, and `import fenrir`, can do without
    if sys.version_info >= (3, 10):
        from importlib.metadata import distributions
    else:
        from importlib_metadata import distributions
    return distributions()


def _name(distribution: Any) -> str:
    return (distribution.metadata["Name"] or "").lower().replace("_", "-").replace(".", "-")


__all__ = ["InstalledEntryPoint", "coroutine_function", "entry_points", "get_type_hints"]
