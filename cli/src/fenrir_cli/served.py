"""The app as it is served: its start and its shutdown are observed, and kept connections are closed at a stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import suppress
from types import FunctionType, MethodType
from typing import Awaitable, Callable, Dict, Optional

from fenrir_core.authoring import ASGIApp, Message, Receive, Send

from .pauses import BODILESS, BoundedPauses

logger = logging.getLogger("fenrir.stop")

#: Of RFC 6455: the service restarts.
RESTART = 1012
#: Seconds that the app's shutdown has to end once it is cancelled.
CUT_SECONDS = 1.0


class Served:
    """A wrapper that observes the lifespan of an app, and bounds the pauses of bodies.

    Args:
        app: An ASGI app.
        ready: Called when its start-up is complete.
        gc_freeze: Whether what exists then is left out of garbage collections.
        shutdown: Seconds that its shutdown may take.
        read_timeout: Seconds that the body of a request may pause.

    Attributes:
        failure: The app's message if its start-up failed.
        is_draining: Whether kept connections are closed with their next response.
        is_shutting_down: Whether the app's shutdown has begun: all requests have ended, or were cut off.
        was_cut_off: Whether its shutdown did not end in its time.
        has_ended: Set when its shutdown has ended.
        on_shutdown: Called when its shutdown begins.
    """

    def __init__(
        self, app: ASGIApp, ready: Callable[[], None], gc_freeze: bool, shutdown: float, read_timeout: float
    ) -> None:
        self._app, self._ready, self._gc_freeze, self._seconds = method_of(app), ready, gc_freeze, shutdown
        self._read_timeout = read_timeout
        self._is_told = False
        self._sockets: Dict[int, Send] = {}
        self._forced: Optional[asyncio.Event] = None
        self._life: Optional[asyncio.Task[object]] = None
        self.on_shutdown: Callable[[], object] = bool
        self.failure: Optional[str] = None
        self.is_draining = self.is_shutting_down = self.was_cut_off = False

    async def begin(self) -> None:
        """Make what belongs to the running event loop."""
        self._forced, self.has_ended = asyncio.Event(), asyncio.Event()

    def __call__(self, scope: Message, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a connection (ASGI 3.0)."""
        # PERF: one plain call for a request, not a coroutine function nor one call for each concern
        kind = scope["type"]
        if kind == "http":
            if scope["method"] not in BODILESS:
                pauses = BoundedPauses(receive, send, self._read_timeout)
                receive, send = pauses.receive, pauses.send
            if self.is_draining:
                send = _closing(scope, send)
            return self._app(scope, receive, send)
        return self._lifespan(scope, receive, send) if kind == "lifespan" else self._websocket(scope, receive, send)

    # ---------------------------------------------------------------- WebSockets

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        key = id(send)
        self._sockets[key] = send

        def told(message: Message) -> Awaitable[None]:
            return send(message) if key in self._sockets else _refused()

        try:
            await self._app(scope, receive, told)
        finally:
            self._sockets.pop(key, None)

    def close_websockets(self) -> None:
        """Close the WebSockets that are open, with the code that tells clients to connect again."""
        sockets, self._sockets = self._sockets, {}
        for send in sockets.values():
            asyncio.ensure_future(_close(send))

    # ---------------------------------------------------------------- lifespan

    async def _lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        async def hear() -> Message:
            message = await self._next(receive)
            if message["type"] == "lifespan.shutdown":
                self._begin_shutdown()
            return message

        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._tell()
            elif message["type"] == "lifespan.startup.failed":
                self.failure = message.get("message") or "The app's start-up failed."
            await send(message)

        self._life = asyncio.current_task()
        # ASGI: lifespan, "if an exception is raised ... the server must continue": such an app is ready as it is
        try:
            await self._app(scope, hear, watch)
        except asyncio.CancelledError:
            if not self.was_cut_off:
                raise
            await send({"type": "lifespan.shutdown.complete"})
        finally:
            if self.failure is None:
                self._tell()
            if self.is_shutting_down:
                self.has_ended.set()

    async def _next(self, receive: Receive) -> Message:
        """Return the server's next message, or the shutdown that does not wait for it."""
        assert self._forced is not None
        message, forced = asyncio.ensure_future(receive()), asyncio.ensure_future(self._forced.wait())
        try:
            await asyncio.wait([message, forced], return_when=asyncio.FIRST_COMPLETED)
            return message.result() if message.done() else {"type": "lifespan.shutdown"}
        finally:
            message.cancel()
            forced.cancel()

    def shut_down(self) -> None:
        """Begin the app's shutdown, if the server has not."""
        if self._forced is not None:
            self._forced.set()
        if self._life is None or self._life.done():  # it has no lifespan
            self.has_ended.set()

    def _begin_shutdown(self) -> None:
        self.is_shutting_down = True
        self.on_shutdown()
        asyncio.get_running_loop().call_later(self._seconds, self._cut_off)

    def _cut_off(self) -> None:
        if self._life is not None and not self._life.done() and not self.has_ended.is_set():
            logger.error("The shutdown of the app took over %g s and is cut off", self._seconds)
            self.was_cut_off = True
            self._life.cancel()
            # a step that can't be cancelled runs in a thread
            asyncio.get_running_loop().call_later(CUT_SECONDS, self.has_ended.set)

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            if self._gc_freeze and hasattr(gc, "freeze"):
                # PERF: p99 47 -> 3 ms: a full collection walks what was imported and built, 40 to 70 ms each time
                gc.collect()
                gc.freeze()
            self._ready()


def method_of(app: ASGIApp) -> ASGIApp:
    """Return the method by which an app is called, where its class has one that is written in Python."""
    # PERF: the interpreter calls a method without leaving its loop, an object with `__call__` through C: 0.3 µs
    method = getattr(type(app), "__call__", None)  # noqa: B004 - not a question whether it can be called
    return MethodType(method, app) if isinstance(method, FunctionType) else app


async def _close(send: Send) -> None:
    with suppress(Exception):  # it has ended meanwhile
        await send({"type": "websocket.close", "code": RESTART, "reason": ""})


async def _refused() -> None:
    raise ConnectionError("the server stops: the WebSocket was closed")


def _closing(scope: Message, send: Send) -> Send:
    """Return a `send` that adds `Connection: close` to an HTTP/1 response (RFC 9112, section 9.6)."""

    async def close(message: Message) -> None:
        if message["type"] == "http.response.start" and scope.get("http_version", "").startswith("1"):
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return close
