"""Serving of an app in this process: start, stop and signals."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import threading
from contextlib import ExitStack, nullcontext
from typing import Any, Awaitable, Callable, ContextManager, Optional, Tuple

from fenrir_core.authoring import Message, Receive, Send

from .access_log import LAST_SECONDS, AccessLog, AccessWriter
from .edge import at_the_edge, requiring_hosts, with_limits
from .logs import StartupNotes, start_logs
from .loops import run as run_loop
from .loops import stop_accepting
from .options import ServeOptions
from .servers import Adapter, adapter

#: The supervisor's message to a worker that is replaced, and how long that worker serves kept connections.
DRAIN, DRAIN_SECONDS = {"do": "drain"}, 0.25


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
        options: The options of the command.
        ready: Called when the app's start-up is complete.
        leash: A socket whose other end the supervisor holds: when that is closed, serving stops.

    Raises:
        CliError: The app's start-up failed.
    """
    start_logs(options)
    options = with_limits(app, options)
    app = requiring_hosts(app)
    notes = StartupNotes()
    with notes, ExitStack() as at_the_end:
        writer = at_the_end.enter_context(AccessWriter()) if options.access_log else None
        shown, tell = _with_pages(app, writer) if options.dev else (_logged(app, writer), None)
        served = _Served(shown, ready, options.gc_freeze)
        hearing = None if leash is None else _Leash(leash, listener.fileno(), served, tell)
        try:
            run_loop(_serve(adapter(options.server), served, listener, options, hearing, writer), options.loop)
        except Exception as error:
            if served.failure is None:
                raise
            raise notes.explain(served.failure) from error
        finally:
            listener.close()


def _logged(app: Any, writer: Optional[AccessWriter]) -> Any:
    return app if writer is None else AccessLog(app, writer)


def _with_pages(app: Any, writer: Optional[AccessWriter]) -> Tuple[Any, Callable[[str], None]]:
    """Return an app wrapped in the pages of development, and the object that shows a failed reload."""
    from .pages.crash import CrashPages
    from .pages.failure import Failure
    from .pages.live import LivePages

    live = LivePages()
    live.app = _logged(CrashPages(app, live.state), writer)  # the polling of pages is not logged
    return live, lambda text: live.show(Failure.from_json(text))


async def _serve(
    run: Adapter,
    app: _Served,
    listener: socket.socket,
    options: ServeOptions,
    leash: Optional[_Leash],
    writer: Optional[AccessWriter],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    interrupts = 0

    def on_signal(number: int) -> None:
        nonlocal interrupts
        interrupts += number == signal.SIGINT
        if interrupts > 1:
            if writer is not None:
                writer.close(LAST_SECONDS)
            os._exit(130)
        stop.set()

    # an app that a program serves in another thread ends with the program
    is_main = threading.current_thread() is threading.main_thread()
    for number in (signal.SIGINT, signal.SIGTERM) if is_main else ():
        try:
            loop.add_signal_handler(number, on_signal, number)
        except NotImplementedError:  # event loops on Windows have no signal handlers
            signal.signal(number, lambda caught, frame: loop.call_soon_threadsafe(on_signal, caught))
    if leash is not None:
        leash.follow()
    with _watched(options):
        await run(at_the_edge(app, options), listener, options, stop)


def _watched(options: ServeOptions) -> ContextManager[object]:
    """Return what reports handlers that block the event loop, in development."""
    if not options.dev:
        return nullcontext()
    from .watchdog import Watchdog

    return Watchdog()


class _Leash:
    """The connection to the supervisor: drain, show a failure, and stop when it is closed.

    A client may send on a kept connection just when the server closes it. So before a
    worker is replaced it stops accepting, and for a moment responds with `Connection: close`.
    """

    def __init__(
        self, leash: socket.socket, listening: int, app: _Served, tell: Optional[Callable[[str], None]]
    ) -> None:
        self._leash, self._listening, self._app, self._tell = leash, listening, app, tell
        self._heard = b""

    def follow(self) -> None:
        """Start reading its messages."""
        self._leash.setblocking(False)
        asyncio.get_running_loop().add_reader(self._leash.fileno(), self._on_word)

    def _on_word(self) -> None:
        try:
            part = self._leash.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            asyncio.get_running_loop().remove_reader(self._leash.fileno())
            _terminate()
            return
        *lines, self._heard = (self._heard + part).split(b"\n")
        for line in lines:
            word = json.loads(line)
            if word == DRAIN:
                stop_accepting(self._listening)
                self._app.is_draining = True
                asyncio.get_running_loop().call_later(DRAIN_SECONDS, _terminate)
            elif self._tell is not None:
                self._tell(word["failure"])


def _terminate() -> None:
    """Stop by SIGTERM, as from outside: the app may handle that signal to end its streams."""
    os.kill(os.getpid(), signal.SIGTERM)


class _Served:
    """A wrapper that observes the lifespan of an app; requests go straight to the app.

    Attributes:
        failure: The app's message if its start-up failed.
        is_draining: Whether kept connections are closed with their next response.
    """

    def __init__(self, app: Any, ready: Callable[[], None], gc_freeze: bool) -> None:
        self._app, self._ready, self._gc_freeze = app, ready, gc_freeze
        self._is_told = False
        self.failure: Optional[str] = None
        self.is_draining = False

    def __call__(self, scope: Message, receive: Receive, send: Send) -> Awaitable[None]:
        # PERF: not a coroutine function, so that a request costs one plain call here
        if scope["type"] == "lifespan":
            return self._lifespan(scope, receive, send)
        if self.is_draining:
            send = _closing(scope, send)
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
            if self._gc_freeze and hasattr(gc, "freeze"):
                # PERF: p99 47 -> 3 ms: a full collection walks what was imported and built, 40 to 70 ms each time
                gc.collect()
                gc.freeze()
            self._ready()


def _closing(scope: Message, send: Send) -> Send:
    """Return a `send` that adds `Connection: close` to an HTTP/1 response (RFC 9112, section 9.6)."""

    async def close(message: Message) -> None:
        if message["type"] == "http.response.start" and scope.get("http_version", "").startswith("1"):
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return close
