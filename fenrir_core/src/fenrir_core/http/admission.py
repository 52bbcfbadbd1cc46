"""Limits of time and of requests at a time: `request_timeout`, `max_concurrent` and `max_waiting`.

A route without them is served without any of this.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Awaitable, Callable, Deque, Optional

from .._thread_pool import RETRY_AFTER
from .._threads import uncancel
from .._types import AppLike, Message, PathParams, Receive, RouteCall, RouteLike, Scope, Send
from ..exceptions import HTTPError
from .connection import Connection, current
from .limits import Limits
from .request import Request
from .response import JSONResponse, Response

#: Seconds that the app's own error handlers have for the response to a refused request: they may need a thread.
HANDLER_SECONDS = 1.0
#: What a compiled route is with these limits; `serve` is what it would be without.
LIMITED = """
async def handle(scope, receive, send, params):
    await admit(serve, target, handle_error, scope, receive, send, params)
"""
#: `handle_error` of the runtime: makes the response to an error.
HandleError = Callable[[Connection, BaseException], Awaitable[Response]]


class Gate:
    """A count of the requests that are served at a time, and those that wait, first come first served.

    Args:
        most: How many are served at a time.
        waiting: How many more wait; None for any number.
    """

    def __init__(self, most: int = 1, waiting: Optional[int] = None) -> None:
        self.most, self.waiting = most, waiting
        self._running = 0
        self._queue: Deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for a place; `leave` gives it back.

        Raises:
            HTTPError: 503 with `Retry-After`, too many wait already.
        """
        if self._running < self.most:
            self._running += 1
            return
        if self.waiting is not None and len(self._queue) >= self.waiting:
            raise HTTPError(503, "The server is too busy.", {"retry-after": RETRY_AFTER})
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.leave()  # it got its place when it was cancelled
            else:
                with suppress(ValueError):  # `leave` has passed it over
                    self._queue.remove(waiter)
            raise

    def leave(self) -> None:
        """Hand the place to the one that has waited longest."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._running -= 1


class Admission:
    """What serves a route within a limit of time, of requests at a time, or both.

    Args:
        gate: The count of requests, or None.
        seconds: Until the response must have begun, or None.
    """

    def __init__(self, gate: Optional[Gate], seconds: Optional[float]) -> None:
        self._gate, self._seconds = gate, seconds

    async def __call__(
        self,
        serve: RouteCall,
        target: Any,
        handle_error: HandleError,
        scope: Scope,
        receive: Receive,
        send: Send,
        params: PathParams,
    ) -> None:
        """Serve a request."""

        async def refuse(error: HTTPError) -> None:
            await _refuse(Request(scope, receive, send, params, target), handle_error, error)

        if self._seconds is None:
            await self._enter_and_serve(serve, refuse, scope, receive, send, params)
            return
        deadline = _Deadline(self._seconds, send, refuse)
        try:
            await self._enter_and_serve(serve, refuse, scope, receive, deadline.send, params)
        except asyncio.CancelledError:
            if deadline.answering is None:
                raise
            uncancel(deadline.task)
        finally:
            await deadline.end()

    async def _enter_and_serve(
        self,
        serve: RouteCall,
        refuse: Callable[[HTTPError], Awaitable[None]],
        scope: Scope,
        receive: Receive,
        send: Send,
        params: PathParams,
    ) -> None:
        gate = self._gate
        if gate is None:
            await serve(scope, receive, send, params)
            return
        try:
            await gate.enter()
        except HTTPError as error:
            await refuse(error)
            return
        try:
            await serve(scope, receive, send, params)
        finally:
            gate.leave()


class _Deadline:
    """The time until a response must have begun. When it is over, a 503 is sent and the request is cancelled.

    Args:
        seconds: The time.
        send: ASGI's `send`.
        refuse: Sends the response to an error.
    """

    def __init__(self, seconds: float, send: Send, refuse: Callable[[HTTPError], Awaitable[None]]) -> None:
        self._seconds, self._send, self._refuse = seconds, send, refuse
        task = asyncio.current_task()
        assert task is not None
        self.task: asyncio.Task[Any] = task
        self.answering: Optional[asyncio.Task[None]] = None
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)

    async def send(self, message: Message) -> None:
        """Send a message of the response; dropped when the time is over."""
        if self.answering is None:
            if message["type"] == "http.response.start":
                self._timer.cancel()
            await self._send(message)

    def _expire(self) -> None:
        error = HTTPError(503, f"The request took more than {self._seconds:g} seconds.")
        # a task of its own: a thread can't be cancelled, and what waits for it goes on waiting
        self.answering = asyncio.ensure_future(self._answer(error))
        self.task.cancel()

    async def _answer(self, error: HTTPError) -> None:
        with suppress(OSError):  # the client has left
            await self._refuse(error)

    async def end(self) -> None:
        """Stop counting, and wait until the response is sent."""
        self._timer.cancel()
        if self.answering is not None:
            await self.answering


async def _refuse(connection: Request, handle_error: HandleError, error: HTTPError) -> None:
    token = current.set(connection)
    try:
        try:
            response = await asyncio.wait_for(handle_error(connection, error), HANDLER_SECONDS)
        except asyncio.TimeoutError:
            response = JSONResponse({"detail": error.detail}, error.status, error.headers)
        await response.send(connection)
    finally:
        current.reset(token)


class _AppGate(Gate):
    """The count of all requests of an app, over the routes that have no limit of their own."""


def admission_of(app: AppLike, route: RouteLike, limits: Limits) -> Optional[Admission]:
    """Return what limits a route's time and requests at a time; None where nothing does."""
    gate: Optional[Gate] = None
    if route.methods == ("WEBSOCKET",):
        return None
    if limits.max_concurrent is not None:
        gate = app.store(_AppGate) if route.option("max_concurrent") is None else Gate()
        gate.most, gate.waiting = limits.max_concurrent, limits.max_waiting
    return None if gate is None and limits.request_timeout is None else Admission(gate, limits.request_timeout)
