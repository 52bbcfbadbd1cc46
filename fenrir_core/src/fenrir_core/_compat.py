"""Differences between the supported versions of Python. No other module tests the version."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from types import MethodType
from typing import TYPE_CHECKING, Any, Iterable, List, NamedTuple, Tuple, cast

from ._types import F, Receive, Scope, Send

if sys.version_info >= (3, 11):
    from typing import get_type_hints
else:
    from typing_extensions import get_type_hints


if TYPE_CHECKING:
    from importlib.metadata import Distribution


def coroutine_function(method: F) -> F:
    """Mark a method that returns a coroutine as a coroutine function.

    Servers tell ASGI 3 from ASGI 2 and from WSGI by `inspect.iscoroutinefunction(app.__call__)`. Python has a mark
    for that from 3.12 on; in older versions the method is awaited in a real coroutine function.
    """
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(method)
    else:

        @functools.wraps(method)
        async def call(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
            await method(self, scope, receive, send)

        return cast(F, call)


def mark_coroutine_function(method: F) -> F:
    """Mark a method as a coroutine function without making it one, as far as this Python can (3.12).

    For the `__call__` of an app that WSGI servers call, too: with two arguments it returns no coroutine.
    """
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(method)
    else:
        return method


def show_asgi(app: Any) -> None:
    """Let servers see ASGI 3 in an app whose `__call__` takes WSGI's arguments, too (before Python 3.12).

    They look for a real coroutine function at `app.__call__`, and take all else for ASGI 2 or WSGI; a call of the app
    is one of its class's method all the same.
    """
    if sys.version_info < (3, 12):
        app.__dict__["__call__"] = MethodType(_serve, app)


async def _serve(app: Any, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


class InstalledEntryPoint(NamedTuple):
    """An entry point and the distribution that has it."""

    name: str
    value: str
    distribution: str
    version: str


def entry_points(*groups: str) -> List[InstalledEntryPoint]:
    """Return the entry points of `groups`, each installed distribution once.

    Of two copies of one distribution on `sys.path` the first counts, as for imports.
    """
    return [point for group, point in _installed(_search_path()) if group in groups]


def _search_path() -> Tuple[Tuple[str, int], ...]:
    """Return `sys.path` with the time of change of each directory, which an installation changes."""
    found = []
    for path in sys.path:
        try:
            found.append((path, os.stat(path or ".").st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


@functools.lru_cache(maxsize=1)
def _installed(search_path: Tuple[Tuple[str, int], ...]) -> Tuple[Tuple[str, InstalledEntryPoint], ...]:
    """Return the entry points of Fenrir's groups; `search_path` is the key of the cached result."""
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


def _distributions() -> Iterable[Distribution]:
    # PERF: 11 ms for this import, which an app that names its plugins, and `import fenrir`, do not need
    if sys.version_info >= (3, 10):
        from importlib.metadata import distributions
    else:
        from importlib_metadata import distributions
    return distributions()


def _name(distribution: Distribution) -> str:
    return (distribution.metadata["Name"] or "").lower().replace("_", "-").replace(".", "-")


__all__ = ["InstalledEntryPoint", "coroutine_function", "entry_points", "get_type_hints", "mark_coroutine_function"]
