"""Entering and exiting of a request's dependencies, in the request's context."""

from __future__ import annotations

from functools import partial
from inspect import iscoroutine
from typing import Any, AsyncGenerator, Callable, Generator, List, Optional

from .._types import AnyCallable
from ..http.connection import Cleanup, Connection, Steps
from ..http.errors import hand_over
from ..http.logs import get_logger
from ..plugins.types import Call

logger = get_logger("fenrir.error")


async def call_in_thread(connection: Connection, function: AnyCallable, *args: Any, **kwargs: Any) -> Any:
    """Call a blocking function as a synchronous step of a request; a coroutine that it returns is awaited here."""
    value = await connection.run_in_thread(function, *args, **kwargs)
    return await value if iscoroutine(value) else value  # a plain wrapper around a coroutine function


async def open_async(connection: Connection, generator: AsyncGenerator[Any, None], inner: bool) -> Any:
    """Run an async generator up to its `yield`; the rest runs when its scope ends.

    Args:
        inner: Whether that is before the response is sent (scope ``function``) instead of
            after its last byte.
    """
    value = await generator.__anext__()

    async def close(error: Optional[BaseException]) -> bool:
        try:
            if error is None:
                await generator.__anext__()
            else:
                await generator.athrow(error)
        except StopAsyncIteration:
            return error is not None
        await generator.aclose()
        raise RuntimeError(f"The dependency {generator!r} yields more than once.")

    _register(connection, close, inner)
    return value


async def open_sync(connection: Connection, generator: Generator[Any, None, None], inner: bool) -> Any:
    """Run a generator up to its `yield`, in a thread; the rest runs when its scope ends."""
    return await connection.run_in_thread(enter_sync, connection, generator, inner)


def enter_sync(connection: Connection, generator: Generator[Any, None, None], inner: bool) -> Any:
    """Do what `open_sync` does, where it is called."""
    value = next(generator)

    def step(error: Optional[BaseException]) -> bool:
        try:
            if error is None:
                next(generator)
            else:
                generator.throw(error)
        except StopIteration:
            return error is not None
        generator.close()
        raise RuntimeError(f"The dependency {generator!r} yields more than once.")

    async def close(error: Optional[BaseException]) -> Any:
        return await connection.run_in_thread(step, error)

    close.step = step  # type: ignore[attr-defined]
    _register(connection, close, inner)
    return value


def _register(connection: Connection, close: Cleanup, inner: bool) -> None:
    if inner:
        connection.state.setdefault("fenrir.inner", []).append(close)
    connection.add_cleanup(close)


def as_cleanup(call: Call) -> Callable[[Connection], Cleanup]:
    """Adapt a teardown hook to a cleanup callback."""

    def bind(connection: Connection) -> Cleanup:
        async def run(error: Optional[BaseException]) -> None:
            if call.mode == "thread":
                await call_in_thread(connection, call.function, connection, error)
            elif call.mode == "async":
                await call.function(connection, error)
            else:
                call.function(connection, error)

        run.is_teardown = True  # type: ignore[attr-defined]
        if call.mode == "thread":
            run.step = partial(call.function, connection)  # type: ignore[attr-defined]
        return run

    return bind


async def finish_inner(connection: Connection) -> None:
    """Close the dependencies of scope ``function``; an exception from one becomes the request's error."""
    inner: List[Cleanup] = connection.state.pop("fenrir.inner", [])
    while inner:
        close = inner.pop()
        assert connection.cleanups is not None
        connection.cleanups.remove(close)
        await close(None)


async def unwind(connection: Connection, error: BaseException) -> BaseException:
    """Let open dependencies see an error, innermost first; return it, or what one raised instead.

    A dependency can replace the error by raising another; one that swallows it does not
    undo that the request failed, and the app may have a complaint of its own about it
    (`App.on_suppressed_exception`). A cancellation is seen, too: a time limit raises its own error instead.
    Teardown steps are left for the end of the request.
    """
    cleanups = connection.cleanups
    if cleanups is None:
        return error
    kept = [close for close in cleanups if getattr(close, "is_teardown", False)]
    closing = [close for close in cleanups if not getattr(close, "is_teardown", False)]
    connection.cleanups = kept or None
    while closing:
        close = closing.pop()
        try:
            if _step_of(close) is not None:
                error = await connection.run_in_thread(_unwind_steps, connection, close, closing, error)
            elif await close(error) and isinstance(error, Exception):
                error = connection.app.on_suppressed_exception(error)
        except BaseException as raised:
            error = raised
    return error


def _unwind_steps(connection: Connection, close: Cleanup, left: List[Cleanup], error: BaseException) -> BaseException:
    """Let blocking dependencies see an error, up to the next that is asynchronous; return as `unwind` does."""
    step = _step_of(close)
    while step is not None:
        try:
            if step(error) and isinstance(error, Exception):
                error = connection.app.on_suppressed_exception(error)
        except BaseException as raised:
            error = raised
        step = _step_of(left[-1]) if left else None
        if step is not None:
            left.pop()
    return error


def _step_of(close: Cleanup) -> Optional[Callable[[Optional[BaseException]], Any]]:
    """Return the synchronous function that `close` calls in a thread; None where it calls none."""
    return getattr(close, "step", None)


async def finish(connection: Connection, error: Optional[BaseException]) -> None:
    """End the request: close everything that is open, last first; what fails is logged.

    The answer is out already, so that no error can change it any more. A cancellation, which one of them may
    replace by an error of its own, is raised when all are closed.
    """
    cleanups, connection.cleanups = connection.cleanups, None
    if cleanups:
        steps = _close_all(connection, cleanups, error)
        await connection.run_steps(steps, lambda: cleanups and _step_of(cleanups[-1]))


def _close_all(connection: Connection, cleanups: List[Cleanup], error: Optional[BaseException]) -> Steps:
    ending = error
    while cleanups:
        try:
            close = cleanups.pop()
            blocking = _step_of(close)
            result = (blocking or close)(ending)
            if blocking is None or iscoroutine(result):
                yield result
        except BaseException as raised:
            if raised is ending:
                continue
            if isinstance(raised, (Exception, SystemExit)):
                logger.error("Cleaning up after %s failed", connection.label, exc_info=raised)
                hand_over(connection, raised)
                if ending is None or isinstance(ending, Exception):
                    continue
            ending = raised
    if ending is not None and ending is not error:
        raise ending
