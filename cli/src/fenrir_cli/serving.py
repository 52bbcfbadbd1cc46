"""Serving of an app in this process: start, stop and signals."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from typing import Any, Callable, ContextManager, Optional, Tuple

from .access_log import AccessLog, AccessWriter
from .edge import at_the_edge, requiring_hosts, with_limits
from .logs import StartupNotes, start_logs
from .loops import run as run_loop
from .options import ServeOptions
from .served import Served, method_of
from .servers import adapter
from .stopping import DRAIN_SECONDS, Stop, kept_signals


def serve(
    app: Any,
    listener: socket.socket,
    options: ServeOptions,
    ready: Callable[[], None],
    leash: Optional[socket.socket] = None,
    owns_process: bool = True,
) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP; a second signal ends the process at once.

    Args:
        app: An ASGI app.
        listener: A listening socket; it is closed at the end.
        options: The options of the command.
        ready: Called when the app's start-up is complete.
        leash: A socket whose other end the supervisor holds: when that is closed, serving stops.
        owns_process: Whether the process ends when serving has ended.

    Returns:
        The exit code: 0, or 1 if something was cut off.

    Raises:
        CliError: The app's start-up failed.
    """
    start_logs(options)
    options = with_limits(app, options)
    app = requiring_hosts(app)
    notes = StartupNotes()
    with notes, ExitStack() as at_the_end:
        if not owns_process:  # whose end a second signal may hasten
            at_the_end.enter_context(kept_signals())
        writer = at_the_end.enter_context(AccessWriter()) if options.access_log else None
        shown, tell = _with_pages(app, writer) if options.dev else (_logged(app, writer), None)
        served = Served(shown, ready, options.gc_freeze, options.shutdown, options.read_timeout)
        hearing = None if leash is None else _Leash(leash, tell)
        server = _Server(served, listener, options, hearing, writer)
        try:
            run_loop(server.serve(), options.loop)
        except Exception as error:
            if served.failure is None:
                raise
            raise notes.explain(served.failure) from error
        finally:
            listener.close()
            code = 0 if server.stop is None else server.stop.end(owns_process)
    return code


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


class _Server:
    """One run of a server's adapter.

    Attributes:
        stop: Its stop; None before it runs.
    """

    def __init__(
        self,
        served: Served,
        listener: socket.socket,
        options: ServeOptions,
        leash: Optional[_Leash],
        writer: Optional[AccessWriter],
    ) -> None:
        self._served, self._listener, self._options, self._leash = served, listener, options, leash
        self._writer = writer
        self._run = adapter(options.server)
        self.stop: Optional[Stop] = None

    async def serve(self) -> None:
        """Serve until the end."""
        await self._served.begin()
        leash = None if self._leash is None else self._leash.socket
        stop = self.stop = Stop(self._options, self._served, self._listener, self._writer, leash)
        # an app that a program serves in another thread ends with the program
        if threading.current_thread() is threading.main_thread():
            stop.catch_signals()
        if self._leash is not None:
            self._leash.follow()
        # of the time of open requests some has passed when the server is told
        options = replace(self._options, graceful=max(0.0, self._options.graceful - DRAIN_SECONDS))
        app = at_the_edge(method_of(self._served), self._options)
        with _watched(self._options):
            await stop.watch(asyncio.ensure_future(self._run(app, self._listener, options, stop.asked)))


def _watched(options: ServeOptions) -> ContextManager[object]:
    """Return what reports handlers that block the event loop, in development."""
    if not options.dev:
        return nullcontext()
    from .watchdog import Watchdog

    return Watchdog()


class _Leash:
    """The connection to the supervisor: show a failure, and stop when it is closed."""

    def __init__(self, leash: socket.socket, tell: Optional[Callable[[str], None]]) -> None:
        self.socket, self._tell = leash, tell
        self._heard = b""

    def follow(self) -> None:
        """Start reading its messages."""
        self.socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self.socket.fileno(), self._on_word)

    def _on_word(self) -> None:
        try:
            part = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            asyncio.get_running_loop().remove_reader(self.socket.fileno())
            _terminate()
            return
        *lines, self._heard = (self._heard + part).split(b"\n")
        for line in lines:
            if self._tell is not None:
                self._tell(json.loads(line)["failure"])


def _terminate() -> None:
    """Stop by SIGTERM, as from outside: the app may handle that signal to end its streams."""
    os.kill(os.getpid(), signal.SIGTERM)
