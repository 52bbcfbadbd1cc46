"""What differs between the Pythons that are supported. The only place that asks for the version."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any, Callable, Iterable, Iterator, NamedTuple

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


__all__ = ["InstalledEntryPoint", "coroutine_function", "entry_points", "get_type_hints"]
