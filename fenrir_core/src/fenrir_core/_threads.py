"""Run blocking callables in a thread, with the caller's context carried both ways."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from contextvars import Context, copy_context
from enum import Enum
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, AsyncIterator, Callable, Iterator, Optional, Union

from ._types import T

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")


class _Missing(Enum):
    """The type of `MISSING`, so that type checkers can tell it from a value."""

    MISSING = 0


_MISSING = _Missing.MISSING


async def run_in_thread(executor: Optional[Executor], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in a thread of `executor` and return its result.

    The function runs in a copy of the caller's context. Variables that it sets are set in
    the caller's context when it returns or raises.

    Args:
        executor: Where to run it; None for the event loop's default executor.
        function: A synchronous callable. A `StopIteration` that it raises becomes a RuntimeError.
        *args: Its positional arguments.
        **kwargs: Its keyword arguments.

    Source: the behaviour that asgiref's `sync_to_async` has for context variables.
    """
    context = copy_context()
    call = partial(_call, context, function, *args, **kwargs)
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, call)
    finally:
        _carry_back(context)


def _call(context: Context, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return context.run(function, *args, **kwargs)
    except StopIteration as error:  # StopIteration can't be set on a Future; the awaiter would hang
        raise RuntimeError(f"{function!r} raised StopIteration.") from error


def _carry_back(context: Context) -> None:
    for variable, value in context.items():
        if variable.get(_MISSING) is not value:
            variable.set(value)


def uncancel(task: asyncio.Task[object]) -> None:
    """Undo one `Task.cancel()` whose CancelledError was caught (Python 3.11+)."""
    undo = getattr(task, "uncancel", None)
    if undo is not None:
        undo()


async def iterate_in_thread(executor: Optional[Executor], iterator: Iterator[T]) -> AsyncIterator[T]:
    """Iterate a blocking iterator, one thread hop for each item; closing this closes `iterator`."""
    busy = Lock()  # a thread can't be cancelled: closing waits for the item that is being made

    def step() -> Union[T, _Missing]:
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
