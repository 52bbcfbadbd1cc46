"""Run blocking callables in a thread, with the caller's context carried both ways."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Executor
from contextvars import Context, ContextVar, Token, copy_context
from enum import Enum
from functools import partial
from inspect import isgenerator
from time import monotonic
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Deque, Dict, Generic, Iterator, Optional

from ._thread_pool import Inside, Job, ThreadKeeper, ThreadLimiter, inside, is_nested
from ._types import T

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

#: A hop to a thread ends when it has made this many items of an iterator, this many bytes of them, or has taken this
#: many seconds; what is ready is taken at once all the same.
ITEMS, ITEM_BYTES, ITEM_SECONDS = 256, 256 * 1024, 0.001


class _Missing(Enum):
    """The type of `MISSING`, so that type checkers can tell it from a value."""

    MISSING = 0


_MISSING = _Missing.MISSING


async def run_in_thread(executor: Optional[Executor], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in a thread of `executor` and return its result.

    The function runs in a copy of the caller's context. Variables that it sets are set in
    the caller's context when it returns or raises. A caller that is cancelled waits for the function.

    Args:
        executor: Where to run it, such as `App.executor`; None for the event loop's default executor.
        function: A synchronous callable. A `StopIteration` that it raises becomes a RuntimeError.
        *args: Its positional arguments.
        **kwargs: Its keyword arguments.

    Source: the behaviour that asgiref's `sync_to_async` has for context variables.
    """
    return await SyncContext(executor).run(function, *args, **kwargs)


class SyncContext(ThreadKeeper):
    """The context that the synchronous steps of one request share, and the thread that is lent to them.

    One of them runs at a time. Variables that are set here and in the context of the caller are carried to the
    other side when it goes on. A token belongs to the side that it was made on.

    Args:
        executor: Where the steps run; None for the event loop's default executor.
        keeps_thread: Whether they all run in one thread, from the first one until `release`.
        ends: Whether they end with the iterator that runs in it.
    """

    def __init__(self, executor: Optional[Executor], keeps_thread: bool = False, ends: bool = False) -> None:
        self.executor = executor
        self.limiter = executor if isinstance(executor, ThreadLimiter) else None
        self.keeps_thread, self.ends = keeps_thread and self.limiter is not None, ends
        self.context: Optional[Context] = None
        self.mark = Inside()
        self.hop: Optional[Hop] = None
        # the tokens of variables that one side had and the other got, so that one that is reset is reset there too
        self._given: Dict[ContextVar[Any], Token[Any]] = {}
        self._got: Dict[ContextVar[Any], Token[Any]] = {}

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread and return its result; see `run_in_thread`."""
        if self.hop is not None:  # a child task of the request, or code that a step waits for: a context of its own
            return await SyncContext(self.executor).run(function, *args, **kwargs)
        hop = self.begin(partial(function, *args, **kwargs))
        try:
            await hop.wait()
        finally:
            self.end(hop)
        result: T = hop.result()
        return result

    async def iterate(self, iterator: Iterator[T]) -> AsyncIterator[T]:
        """Iterate a blocking iterator; see `iterate_in_thread`."""
        steps = self if self.hop is None else SyncContext(self.executor)
        ahead = _Ahead(iterator)
        items = ahead.items
        hop: Optional[Hop] = None
        try:
            while True:
                while items:
                    yield items.popleft()
                if hop is None:
                    if ahead.has_ended:
                        return
                    hop = ahead.hop = steps.begin(ahead.fill)
                    hop.keeps_place = False
                elif hop.is_done:
                    steps.end(hop)
                    ended, hop = hop, None
                    ended.result()
                else:
                    ahead.is_awaited = True
                    if not items:
                        await hop.event()
        finally:
            ahead.is_stopped, ahead.hop = True, None
            try:
                if hop is not None:
                    try:
                        await hop.wait()  # a thread can't be cancelled
                    finally:
                        steps.end(hop)
            finally:
                try:
                    if not ahead.is_closed:
                        await steps.run(ahead.close)
                finally:
                    if steps.ends:
                        steps.release()

    def begin(self, function: Callable[[], object]) -> Hop:
        """Start a call; `end` follows when it has ended."""
        context = copy_context()
        if self.context is None:
            self.context = context
            context.run(inside.set, self.mark)
        else:
            self.context.run(_carry, context, self._given)
        hop = self.hop = Hop(self, function, self.context)
        try:
            if self.limiter is not None:
                self.limiter.start(hop, is_nested())
            else:
                hop.loop.run_in_executor(self.executor, hop.call_and_finish)
        except BaseException:
            self.hop, self.keeps_thread = None, False  # what ends a refused request needs no thread of its own
            raise
        return hop

    def end(self, hop: Hop) -> None:
        """Carry what a call has set to the caller's context."""
        if hop.is_done:
            self.hop = None
            _carry(hop.context, self._got)

    def keep_thread(self) -> None:
        """Run what follows in one thread, until `release`."""
        self.keeps_thread = self.limiter is not None

    def release(self) -> None:
        """Return the thread to the pool, when the last step has run."""
        if self.worker is not None and self.limiter is not None:
            self.limiter.release(self)


class Hop(Job):
    """A call in a thread, which the event loop waits for."""

    def __init__(self, steps: SyncContext, function: Callable[[], object], context: Context) -> None:
        self.steps, self.function, self.context = steps, function, context
        self.keeper = steps if steps.keeps_thread else None
        self.loop = asyncio.get_running_loop()
        self.value: Any = None
        self.error: Optional[BaseException] = None
        self.is_done = False
        #: Whether the next step of the request may follow before what waits.
        self.keeps_place = True
        self._waiter: Optional[asyncio.Future[None]] = None

    # ------------------------------------------------------------ in the thread

    def call(self) -> None:
        """Make the call."""
        mark = self.steps.mark
        mark.runs = True
        try:
            self.value = self.context.run(self.function)
        except StopIteration as error:  # in a coroutine it would become a RuntimeError that does not say whose it is
            self.error = RuntimeError(f"{_named(self.function)} raised StopIteration.")
            self.error.__cause__ = error
        except BaseException as error:
            self.error = error
        mark.runs = False

    def finish(self) -> None:
        """Tell the event loop that the call has ended."""
        self._soon(self._ended)

    def call_and_finish(self) -> None:
        """Make the call in a thread of another executor."""
        self.call()
        self.finish()

    def refuse(self, error: Exception) -> None:
        """End the call with an error, without making it."""
        self.steps.keeps_thread = False
        self.error = error
        self._soon(self._ended)

    def notify(self) -> None:
        """Wake what waits for an `event`; called in the thread."""
        self._soon(self._wake)

    def _soon(self, function: Callable[[], None]) -> None:
        try:
            self.loop.call_soon_threadsafe(function)
        except RuntimeError:  # the loop is closed, and nothing waits any more
            self.steps.release()

    # ------------------------------------------------------------ on the event loop

    async def event(self) -> None:
        """Wait until the call has ended, or has notified."""
        self._waiter = self.loop.create_future()
        await self._waiter

    async def wait(self) -> None:
        """Wait until the call has ended; also when this is cancelled, if it has begun."""
        cancelled: Optional[BaseException] = None
        while not self.is_done:
            try:
                await self.event()
            except asyncio.CancelledError as error:
                limiter = self.steps.limiter
                if limiter is not None and limiter.withdraw(self):
                    self.is_done = True
                    raise
                cancelled = error
        if cancelled is not None:
            try:
                raise cancelled
            finally:
                del cancelled  # its traceback has this frame

    def result(self) -> Any:
        """Return the result of a call that has ended, or raise its error."""
        error, self.error = self.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # its traceback has this frame
        return self.value

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _ended(self) -> None:
        self.is_done = True
        self._wake()
        limiter = self.steps.limiter
        if self.keeper is not None and limiter is not None and self.keeper.has_place:
            # what waits runs next, but not before the request that was just woken had its turn: its next step follows
            if self.keeps_place and (limiter.waiting or limiter.resuming):
                self.loop.call_soon(limiter.leave, self.keeper)
            else:
                limiter.leave(self.keeper)


def _named(function: Callable[..., object]) -> str:
    return repr(getattr(function, "func", function))


def _carry(source: Context, tokens: Dict[ContextVar[Any], Token[Any]]) -> None:
    """Set in the current context what is set in another one.

    Args:
        source: The other one, which is not in use.
        tokens: The tokens of variables that the current context got like this.
    """
    for variable, value in source.items():
        here = variable.get(_MISSING)
        if here is not value and variable is not inside:
            token = variable.set(value)
            if here is _MISSING:
                tokens[variable] = token
    for variable in [name for name in tokens if name not in source] if tokens else ():
        token = tokens.pop(variable)
        try:
            variable.reset(token)
        except ValueError:
            pass  # it was set for another task of the request


def uncancel(task: asyncio.Task[object]) -> None:
    """Undo one `Task.cancel()` whose CancelledError was caught (Python 3.11+)."""
    undo = getattr(task, "uncancel", None)
    if undo is not None:
        undo()


def iterate_in_thread(executor: Optional[Executor], iterator: Iterator[T]) -> AsyncIterator[T]:
    """Iterate a blocking iterator; closing this closes `iterator`.

    Several items are made in one hop to a thread while they are made fast, ahead of what is taken; each one can be
    taken as soon as it is there.

    Args:
        executor: Where to run it, such as `App.executor`; None for the event loop's default executor.
        iterator: The iterator.
    """
    return SyncContext(executor).iterate(iterator)


class _Ahead(Generic[T]):
    """The items of an iterator that are made in a thread, ahead of what is taken."""

    def __init__(self, iterator: Iterator[T]) -> None:
        self.iterator = iterator
        self.items: Deque[T] = deque()
        self.hop: Optional[Hop] = None
        #: Whether the event loop waits for an item.
        self.is_awaited = False
        self.is_stopped = self.has_ended = self.is_closed = False

    def fill(self) -> None:
        """Make some items."""
        items, size, end = self.items, 0, monotonic() + ITEM_SECONDS
        try:
            for item in self.iterator:
                items.append(item)
                if isinstance(item, (str, bytes)):
                    size += len(item)
                if self.is_stopped or len(items) >= ITEMS or size >= ITEM_BYTES or monotonic() >= end:
                    return
                if self.is_awaited and self.hop is not None:
                    self.is_awaited = False
                    self.hop.notify()
        except BaseException:
            self.is_closed = isgenerator(self.iterator)
            raise
        self.has_ended = True
        self.close()

    def close(self) -> None:
        """Close the iterator."""
        self.is_closed = True
        getattr(self.iterator, "close", bool)()
