"""Serve an app in this process: its start and stop, its signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import Any, Awaitable, Callable, MutableMapping, Optional

from .logs import AccessLog, StartupNotes, start_logs
from .options import ServeOptions
from .servers import Adapter, adapter

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def serve(
    app: Any,
    listener: socket.socket,
    options: ServeOptions,
    ready: Callable[[], None],
    leash: Optional[socket.socket] = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second SIGINT ends the process at once.

    Args:
        app: An ASGI app.
        listener: A listening socket; it is closed at the end.
        options: What was asked for.
        ready: Called once the app's start-up is complete.
        leash: A socket whose other end is the supervisor's: when that is gone, serving stops.

    Raises:
        CliError: The app's start-up failed.
    """
    start_logs(options)
    notes = StartupNotes()
    starting = _Starting(AccessLog(app) if options.access_log else app, ready)
    with notes:
        try:
            asyncio.run(_serve(adapter(options.server), starting, listener, options, leash))
        except Exception as error:
            if starting.failure is None:
                raise
            raise notes.explain(starting.failure) from error
        finally:
            listener.close()


async def _serve(
    run: Adapter, app: Any, listener: socket.socket, options: ServeOptions, leash: Optional[socket.socket]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    interrupts = 0

    def on_signal(number: int) -> None:
        nonlocal interrupts
        interrupts += number == signal.SIGINT
        if interrupts > 1:
            os._exit(130)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, on_signal, number)
        except NotImplementedError:  # Windows has none on its loop
            signal.signal(number, lambda caught, frame: loop.call_soon_threadsafe(on_signal, caught))
    if leash is not None:
        loop.add_reader(leash.fileno(), _let_go, loop, leash, stop)
    await run(app, listener, options, stop)


def _let_go(loop: asyncio.AbstractEventLoop, leash: socket.socket, stop: asyncio.Event) -> None:
    loop.remove_reader(leash.fileno())
    stop.set()


class _Starting:
    """Watch the lifespan of an app pass by; requests go straight to the app.

    Attributes:
        failure: What the app said when its start-up failed.
    """

    def __init__(self, app: Any, ready: Callable[[], None]) -> None:
        self._app, self._ready = app, ready
        self._is_told = False
        self.failure: Optional[str] = None

    def __call__(self, scope: Message, receive: Receive, send: Send) -> Awaitable[None]:
        # PERF: not a coroutine function, so that a request costs one plain call here
        if scope["type"] == "lifespan":
            return self._lifespan(scope, receive, send)
        return self._app(scope, receive, send)  # type: ignore[no-any-return]

    async def _lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._tell()
            elif message["type"] == "lifespan.startup.failed":
                self.failure = message.get("message") or "The app's start-up failed."
            await send(message)

        # ASGI: lifespan, "if an exception is raised ... the server must continue": such an app is ready as it is
        try:
            await self._app(scope, receive, watch)
        finally:
            if self.failure is None:
                self._tell()

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._ready()
