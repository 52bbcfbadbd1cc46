"""The adapter for granian, embedded in this process's event loop."""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .listen import BACKLOG
from .logs import log_failure
from .loops import remember
from .options import ServeOptions
from .stopping import Asked

# by name, so that types can be checked where it is not installed
_embed: Any = importlib.import_module("granian.server.embed")
_native: Any = importlib.import_module("granian._granian")
_http: Any = importlib.import_module("granian.http")
_constants: Any = importlib.import_module("granian.constants")

#: Seconds that the server's threads have to end after it.
#: COMPAT: granian 2.8: one that still runs when the interpreter ends can abort the process.
LAST_THREADS = 0.5
#: Seconds that a client has to begin a request, or to disconnect, when no request is open.
ASKING_SECONDS = 0.4
#: The name of the coroutine that serves a request, see `_corrected`.
_REQUEST = "future_watcher"
_NO_HOST = (b"host", b"")


def _corrected(inner: Any) -> Any:
    """Return what serves a request in place of granian's own function of that name.

    COMPAT: granian 2.8 passes ports as text, for a Unix socket an address without a host, and an empty `Host` where
    there is none. It logs errors as text, also those that the kernel has logged, so its own log is off.
    """

    # PERF: in granian's own frame, 1.4 µs a request less than in a middleware
    async def future_watcher(watcher: Any) -> None:
        scope = watcher.scope
        try:
            client, server, headers = scope["client"], scope["server"], scope["headers"]
            scope["client"] = (client[0], int(client[1])) if client[0] else None
            scope["server"] = (server[0], int(server[1])) if server[0] else None
            if _NO_HOST in headers:
                scope["headers"] = [header for header in headers if header != _NO_HOST]
            await inner(scope, watcher.proto)
        except BaseException as error:
            if isinstance(error, Exception):
                log_failure(scope, error)
            watcher.err(error)
            return
        watcher.done()

    return future_watcher


class _Shutting:
    """The end of a listening socket that no other process uses.

    COMPAT: granian 2.8 accepts until it is stopped, and then closes also those connections on which a request is about
    to come. So no connection comes in the moment before.
    """

    def __init__(self, listener: socket.socket) -> None:
        self.sockets = [listener]

    def close(self) -> None:
        for listener in self.sockets:
            with suppress(OSError):  # not every system can shut such a socket down
                listener.shutdown(socket.SHUT_RDWR)
                if listener.family == getattr(socket, "AF_UNIX", None):
                    os.unlink(listener.getsockname())  # nobody can connect to it any more


async def serve(app: Any, listener: socket.socket, options: ServeOptions, stop: asyncio.Event) -> None:
    """Serve `app` on `listener` until `stop` is set; see `values.Server`."""
    server = _embed.Server(
        app,
        interface=_constants.Interfaces.ASGI,
        backlog=BACKLOG,
        log_enabled=False,
        http=_constants.HTTPModes.auto if options.http2 else _constants.HTTPModes.http1,
        http1_settings=_http.HTTP1Settings(
            header_read_timeout=max(1, int(options.read_timeout * 1000)), max_buffer_size=max(8192, options.max_head)
        ),
        ssl_cert=Path(options.tls_cert) if options.tls_cert else None,
        ssl_key=Path(options.tls_key) if options.tls_key else None,
        ssl_protocol_min=_constants.SSLProtocols.tls12,
    )

    def hand_over() -> None:
        # COMPAT: granian 2.8 has no public way to pass an open socket; its own workers get one like this.
        is_unix = listener.family == getattr(socket, "AF_UNIX", None)
        server._ssp, server._shd = None, _native.SocketHolder(os.dup(listener.fileno()), is_unix, BACKLOG)

    server._init_shared_socket = hand_over
    _embed._future_watcher_wrapper = _corrected
    if options.workers == 1:
        remember(_Shutting(listener))
    before = _threads()
    serving = asyncio.ensure_future(server.serve())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        listener.close()
        server.stop()
        if not await _drained(serving, options.graceful):
            if isinstance(stop, Asked):
                stop.abandons_server = True
            return
    serving.result()
    end = time.monotonic() + LAST_THREADS
    while _threads() > before and time.monotonic() < end:  # noqa: ASYNC110 - there is no event for their end
        await asyncio.sleep(0.01)


async def _drained(serving: asyncio.Future[None], graceful: float) -> bool:
    """Wait for the server's end, and cut requests off after the graceful time.

    Returns:
        Whether it has ended. It does not while a client holds a connection without a request.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + graceful
    asked = loop.time()
    while not serving.done() and loop.time() - asked < ASKING_SECONDS:
        requests = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == _REQUEST]
        if requests:
            asked = loop.time()
        if loop.time() > end:
            for task in requests:
                task.cancel()
            await asyncio.wait([serving], timeout=ASKING_SECONDS)
            break
        await asyncio.wait([serving], timeout=0.05)
    return serving.done()


def _threads() -> int:
    """Return the number of this process's threads, also of those that Python does not know; 0 if it is unknown."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0
