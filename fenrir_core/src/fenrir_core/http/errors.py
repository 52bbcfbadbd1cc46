"""The errors of requests: which handler answers one, and who is told of one that no handler answers."""

from __future__ import annotations

from typing import Awaitable, Callable, Dict, Optional, Sequence, Tuple, Union

from .._types import ERRORS, REPORTED, AnyCallable
from ..exceptions import HTTPError, StreamCutOff
from .connection import Connection
from .logs import get_logger
from .response import Response

logger = get_logger("fenrir.error")

ErrorHandler = Callable[[Connection, BaseException], Awaitable[Response]]
#: Handlers by exception class or HTTP status.
Handlers = Dict[Union[type, int], ErrorHandler]
_ANY = (Exception, BaseException, object)


def answering(
    function: AnyCallable, mode: str, convert: Callable[[Connection, object], Awaitable[Response]]
) -> ErrorHandler:
    """Return a function that calls an error handler and makes a response of its value.

    Args:
        function: The handler: ``(connection, error) -> value``.
        mode: How it is called: ``async``, ``inline`` or ``thread``.
        convert: Makes the response.
    """

    async def handle(connection: Connection, error: BaseException) -> Response:
        if mode == "async":
            value = await function(connection, error)
        elif mode == "thread":
            value = await connection.run_in_thread(function, connection, error)
        else:
            value = function(connection, error)
        return await convert(connection, value)

    return handle


def find_handler(
    levels: Sequence[Handlers], error: BaseException, answer: Union[BaseException, Response]
) -> Tuple[Optional[ErrorHandler], BaseException]:
    """Return the handler of an error and what it is called with: nearest level first, then by status, then by MRO.

    Args:
        levels: The handlers of a route.
        error: What was raised.
        answer: The error itself; for one of another framework what stands for it. Handlers of the other framework's
            own classes get what was raised, others what stands for it.
    """
    # a paradigm may keep its own spelling in `status` (a status line); `status_code` is then the number
    status = getattr(answer, "status_code", answer.status) if isinstance(answer, HTTPError) else None
    for handlers in levels:
        if status is not None and status in handlers:
            return handlers[status], answer  # type: ignore[return-value]  # a status is an exception's
        if answer is not error:
            for kind in type(error).__mro__:
                if kind in handlers and kind not in _ANY:
                    return handlers[kind], error
        if isinstance(answer, BaseException):
            for kind in type(answer).__mro__:
                if kind in handlers:
                    return handlers[kind], answer
    return None, error


def report(connection: Connection, error: BaseException, log: Optional[Callable[[object], object]] = None) -> None:
    """Log an unhandled error, pass it to a test client that asked for it, and have it raised after its response.

    Args:
        connection: The connection.
        error: The error.
        log: Logs it in the place of the kernel's logger; called with what `sys.exc_info` returns.
    """
    connection.unhandled = error
    vars(error)[REPORTED] = True
    if isinstance(error, StreamCutOff):  # no fault of the code whose traceback that would be
        logger.warning("%s: %s", connection.label, error)
    elif log is None:
        logger.error("%s failed", connection.label, exc_info=error)
    else:
        log((type(error), error, error.__traceback__))
    hand_over(connection, error)


def hand_over(connection: Connection, error: BaseException) -> None:
    """Pass an unhandled error to a test client that asked for it."""
    sink = (connection.scope.get("extensions") or {}).get(ERRORS)
    if sink is not None:
        sink.append(error)
