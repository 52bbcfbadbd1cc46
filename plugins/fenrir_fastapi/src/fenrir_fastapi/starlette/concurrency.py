"""Threads for blocking calls."""

from __future__ import annotations

import inspect
from typing import Any, AsyncIterator, Callable, Iterable, Optional, TypeVar

from fenrir_core import current
from fenrir_core.authoring import iterate_in_thread, run_in_thread, unwrap_callable

T = TypeVar("T")

__all__ = ["call_either", "iterate_in_threadpool", "run_in_threadpool"]


def _executor() -> Optional[Any]:
    connection = current.get(None)
    return None if connection is None else connection.app.executor


async def run_in_threadpool(func: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a blocking function in a thread, with the context carried both ways."""
    return await run_in_thread(_executor(), func, *args, **kwargs)


def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """Iterate over a blocking iterator in threads."""
    return iterate_in_thread(_executor(), iter(iterator))


async def call_either(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Await an async function, or call a synchronous one in a thread."""
    if inspect.iscoroutinefunction(unwrap_callable(func)):
        return await func(*args, **kwargs)
    return await run_in_threadpool(func, *args, **kwargs)
