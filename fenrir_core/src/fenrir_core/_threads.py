"""Run blocking callables in a thread, with the caller's context carried both ways."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from contextvars import Context, copy_context
from functools import partial
from threading import Lock
from typing import Any, AsyncIterator, Callable, Iterator, Optional, TypeVar

T = TypeVar("T")
_MISSING: Any = object()


async def run_in_thread(executor: Optional[Executor], function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call `function` in a thread of `executor` and give what it returns.

    The function runs in a copy of the caller's context; variables that it sets are set in
    the caller's context too when it is done, also when it raises.

    Args:
        executor: Where to run; None is the event loop's default executor.
        function: A synchronous callable. A `StopIteration` that it raises becomes a RuntimeError.

    Source: the behaviour that asgiref's `sync_to_async` has for context variables.
    """
    context = copy_context()
    call = partial(_call, context, function, *args, **kwargs)
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, call)
    finally:
        _carry_back(context)


def _call(context: Context, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    try:
        return context.run(function, *args, **kwargs)
    except StopIteration as error:  # no future can hold it: whoever waits would wait for ever
        raise RuntimeError(f"{function!r} raised StopIteration.") from error


def _carry_back(context: Context) -> None:
    for variable, value in context.items():
        if variable.get(_MISSING) is not value:
            variable.set(value)


def uncancel(task: asyncio.Task[Any]) -> None:
    """Take back one request to cancel `task`, once its CancelledError was caught (Python 3.11+)."""
    take_back = getattr(task, "uncancel", None)
    if take_back is not None:
        take_back()


async def iterate_in_thread(executor: Optional[Executor], iterator: Iterator[T]) -> AsyncIterator[T]:
    """Iterate a blocking iterator, one thread hop an item; closing this closes `iterator`."""
    busy = Lock()  # a thread can't be cancelled: closing waits for the item that it is at

    def step() -> T:
        with busy:
            return next(iterator, _MISSING)

    def close() -> None:
        with busy:
            getattr(iterator, "close", bool)()

    try:
        while True:
            item = await run_in_thread(executor, step)
            if item is _MISSING:
                return
            yield item
    finally:
        await run_in_thread(executor, close)
