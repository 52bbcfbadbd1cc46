"""Bridges between synchronous and asynchronous code."""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Awaitable, Callable, List, Optional, TypeVar

__all__ = [
    "async_to_sync",
    "create_task",
    "get_running_loop",
    "runs_sync",
    "sync_to_async",
    "wrap_sync_to_async",
    "wrap_sync_to_async_unsafe",
]

R = TypeVar("R")

get_running_loop = asyncio.get_running_loop
create_task = asyncio.create_task

#: The executor of functions that must not run at the same time, made when it is first needed.
_serial: List[ThreadPoolExecutor] = []


def wrap_sync_to_async_unsafe(func: Callable[..., R]) -> Callable[..., Awaitable[R]]:
    """Return a coroutine function that calls `func` on the event loop, so it must not block."""

    @functools.wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> R:
        return func(*args, **kwargs)

    return wrapper


def wrap_sync_to_async(func: Callable[..., R], threadsafe: Optional[bool] = None) -> Callable[..., Awaitable[R]]:
    """Return a coroutine function that calls `func` in a thread.

    Args:
        func: A function that may block.
        threadsafe: Whether several threads may call it at once; if False, all calls are made by one thread.
    """

    @functools.wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> R:
        executor = None
        if threadsafe is False:
            if not _serial:
                _serial.append(ThreadPoolExecutor(max_workers=1))
            executor = _serial[0]
        call = functools.partial(copy_context().run, func, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(executor, call)

    return wrapper


async def sync_to_async(func: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Call a blocking function in a thread and return its result."""
    return await wrap_sync_to_async(func)(*args, **kwargs)


def async_to_sync(coroutine: Callable[..., Awaitable[R]], *args: Any, **kwargs: Any) -> R:
    """Call a coroutine function on an event loop and return its result.

    The loop is kept for the next call in this thread; inside a running loop a thread with a loop of its own is used.
    """
    return run_coroutine(lambda: coroutine(*args, **kwargs))


def runs_sync(coroutine: Callable[..., Awaitable[R]]) -> Callable[..., R]:
    """Return a function that runs a coroutine function to its end, for example as a test."""

    @functools.wraps(coroutine)
    def invoke(*args: Any, **kwargs: Any) -> R:
        return async_to_sync(coroutine, *args, **kwargs)

    return invoke


def run_coroutine(make: Callable[[], Awaitable[R]]) -> R:
    """Await what `make` returns, in this thread, or in another if an event loop is running here."""

    async def main() -> R:
        return await make()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(main())
    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(copy_context().run, asyncio.run, main()).result()
