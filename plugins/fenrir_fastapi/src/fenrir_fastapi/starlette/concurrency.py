"""Threads for blocking calls."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import warnings
from concurrent.futures import Executor
from functools import partial
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable, Optional, Tuple, TypeVar

from fenrir_core import current
from fenrir_core.authoring import iterate_in_thread, run_in_thread, unwrap_callable

from .exceptions import StarletteDeprecationWarning
from .types import AnyCallable, Values

T = TypeVar("T")

__all__ = ["call_either", "iterate_in_threadpool", "run_in_threadpool", "run_until_first_complete"]


def _executor() -> Optional[Executor]:
    connection = current.get(None)
    return None if connection is None else connection.app.executor


async def run_in_threadpool(func: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a blocking function in a thread, with the context carried both ways.

    Outside of a Fenrir app, where anyio is in use, its threads are taken, so that `anyio.from_thread` works there.
    """
    executor = _executor()
    if executor is None and "anyio" in sys.modules:
        to_thread: Any = importlib.import_module("anyio.to_thread")
        found: T = await to_thread.run_sync(partial(func, *args, **kwargs))
        return found
    return await run_in_thread(executor, func, *args, **kwargs)


async def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """Iterate over a blocking iterator in threads; it is begun at the first item."""
    async for item in iterate_in_thread(_executor(), iter(iterator)):
        yield item


async def run_until_first_complete(*args: Tuple[Callable[..., Awaitable[Any]], Values]) -> None:
    """Run coroutine functions with their keywords until the first one returns, and cancel the others."""
    warnings.warn(
        "run_until_first_complete is deprecated and will be removed in a future version.",
        StarletteDeprecationWarning,
        stacklevel=2,
    )
    tasks = [asyncio.ensure_future(function(**kwargs)) for function, kwargs in args]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def call_either(func: AnyCallable, *args: Any, **kwargs: Any) -> Any:
    """Await an async function, or call a synchronous one in a thread."""
    if is_async(func):
        return await func(*args, **kwargs)
    return await run_in_threadpool(func, *args, **kwargs)


def is_async(func: Any) -> bool:
    """Return whether a callable is a coroutine function, a partial of one, or an object with an async `__call__`."""
    while isinstance(func, partial):
        func = func.func
    return inspect.iscoroutinefunction(unwrap_callable(func)) or inspect.iscoroutinefunction(
        getattr(type(func), "__call__", None)  # noqa: B004  # the method itself
    )
