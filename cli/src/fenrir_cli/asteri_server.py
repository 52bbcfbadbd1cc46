"""The adapter for asteri; it adds what asteri's ASGI worker leaves out.

COMPAT: asteri 2.2 and 3.0. It serves one request per connection. Its worker sends no
lifespan events, repeats Content-Length, keeps one of several headers of a name, holds a stream back
until it ends, reports no disconnect, and answers `GET /metrics` itself; 2.2 loses the beginning of
a body, 3.0 reads it all before the app is called. All that is corrected here.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import socket
from typing import Any, Callable, Dict, Set

from .asteri_http import Exchange, Head, Refused, error_response, read_head
from .asteri_websocket import Conversation
from .console import warn
from .lifespan import running
from .logs import log_failure
from .loops import remember, waiting_in
from .options import ServeOptions

# by name, so that types can be checked where it is not installed
_asgi: Any = importlib.import_module("asteri.workers.asgi")

#: Seconds that a client may go on sending after the response, and that apps have to end after their clients were
#: disconnected.
LINGER_SECONDS, LAST_SECONDS = 2.0, 1.0
#: Seconds that at a stop a client has to begin a request; that nothing is accepted where there are too many open files.
ASKING_SECONDS, PAUSE_SECONDS = 1.0, 0.1


async def serve(app: Any, listener: socket.socket, options: ServeOptions, stop: asyncio.Event) -> None:
    """Serve `app` on `listener` until `stop` is set; see `values.Server`."""
    _quieten(options)
    async with running(app) as state:
        open_connections: Dict[asyncio.Task[None], Client] = {}

        def accepted(client: Client) -> None:
            task = asyncio.ensure_future(_serve_one(client, app, state, options.read_timeout))
            open_connections[task] = client
            task.add_done_callback(open_connections.pop)

        accepting = _Accepting(listener, accepted)
        remember(accepting)
        await stop.wait()
        accepting.close()
        await _end(open_connections, options.graceful)


class _Accepting:
    """What accepts connections; each one that is taken from the socket's queue is served."""

    def __init__(self, listener: socket.socket, accepted: Callable[[Client], None]) -> None:
        self.sockets = [listener]
        self._listener, self._accepted = listener, accepted
        self._begin()

    def _begin(self) -> None:
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        try:
            self._accepted(Client(self._listener.accept()[0]))
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            pass  # another worker was faster, or the client has gone
        except OSError as error:  # there are too many open files
            warn(f"A connection could not be accepted: {error.strerror or error}.")
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._listener.fileno())
            loop.call_later(PAUSE_SECONDS, self._begin)

    def close(self) -> None:
        """Serve what waits in the queue, and listen no more."""
        if self._listener.fileno() >= 0:
            for connection in waiting_in(self._listener.fileno()):
                self._accepted(Client(connection))
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()


async def _end(open_connections: Dict[asyncio.Task[None], Client], graceful: float) -> None:
    """Wait for requests to end, for a time; then disconnect their clients, and cancel what still runs."""
    began = asyncio.get_running_loop().time()
    if any(client.is_fresh for client in open_connections.values()):
        # whose connection was accepted last may be about to send the request
        await asyncio.wait(list(open_connections), timeout=ASKING_SECONDS)
    for client in open_connections.values():
        if not client.is_asking:
            client.read_no_more()
    waiting: Set[asyncio.Task[None]] = set(open_connections)
    if waiting:
        left = graceful - (asyncio.get_running_loop().time() - began)
        _, waiting = await asyncio.wait(waiting, timeout=max(0.0, left))
    for task in waiting:
        open_connections[task].disconnect()
        task.cancel()
    if waiting:
        await asyncio.wait(waiting, timeout=LAST_SECONDS)


class Client:
    """A client's socket, as asteri's worker sees it.

    The first read returns the whole head, however long: asteri takes what it reads first for that.
    The worker's `close` does nothing: the code that accepted the connection closes it, more carefully.

    Attributes:
        is_asking: Whether a request has come, and its response is not yet complete.
        is_fresh: Whether no request has come.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.is_asking, self.is_fresh = False, True
        self._first: bytes = b""

    def give_back(self, data: bytes) -> None:
        """Let `recv` return this first."""
        self._first = data

    def recv(self, size: int) -> bytes:
        """Read what is there (asyncio calls this)."""
        if self._first:
            data, self._first = self._first, b""
            return data
        return self.connection.recv(size)

    def send(self, data: bytes) -> int:
        """Write what can be written (asyncio calls this)."""
        return self.connection.send(data)

    def fileno(self) -> int:
        """Return the descriptor, for asyncio to watch."""
        return self.connection.fileno()

    def gettimeout(self) -> float:
        """Return 0, so that asyncio's debug mode sees a socket that never blocks."""
        return 0.0

    def close(self) -> None:
        """Do nothing; see the class."""

    def read_no_more(self) -> None:
        """End what comes from the client after the bytes that are there already, which may be a request."""
        try:
            self.connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass

    def disconnect(self) -> None:
        """End the connection in both directions, so that the app sees the client disconnect."""
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


async def _serve_one(client: Client, app: Any, state: Dict[str, Any], seconds: float) -> None:
    """Serve the only request of a connection."""
    loop = asyncio.get_running_loop()
    with client.connection:
        client.connection.setblocking(False)
        if client.connection.family != getattr(socket, "AF_UNIX", None):
            client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            head = await asyncio.wait_for(read_head(client.connection), seconds)
            if head is None:
                return
            client.is_asking, client.is_fresh = True, False
            client.give_back(head.first)
            # the connection has the address of the listening socket, which is closed at a stop
            scope = head.scope(client.connection, client.connection)
            await _hand_over(client, head, app, {**scope, "state": state.copy()})
        except Refused as refused:
            await loop.sock_sendall(client.connection, error_response(refused.status))
        except (asyncio.TimeoutError, OSError):
            return
        client.is_asking = False
        await _linger(client.connection)


async def _hand_over(client: Client, head: Head, app: Any, scope: Dict[str, Any]) -> None:
    """Let asteri's worker serve a request."""
    worker = _asgi.ASGIWorker(0, os.getppid(), [], "", 0, disable_dashboard=True)
    # the worker's own accept loop, dashboard and process are for asteri's command: here it only serves
    worker.build_asgi_scope = lambda *_: scope

    async def read_body(sock: Any, request: Any, data: bytes) -> Any:
        return request  # the app asks for the body, piece by piece

    async def answer(scope: Dict[str, Any], receive: Any, send: Any) -> None:
        kind = Conversation if scope["type"] == "websocket" else Exchange
        try:
            await kind(app, client.connection, head).serve(scope, receive, send)
        except Exception as error:  # asteri would log its text, whoever has logged it before
            log_failure(scope, error)

    worker._read_request_body, worker.app = read_body, answer
    await worker.handle_asgi_request(client)


async def _linger(connection: socket.socket) -> None:
    """Let the client read the response before the connection is closed.

    If the client is still sending a body, closing at once would reset the connection, and the
    response could be lost (RFC 9112, section 9.6).
    """
    loop = asyncio.get_running_loop()

    async def read_on() -> None:
        while await loop.sock_recv(connection, 65536):
            pass

    try:
        connection.shutdown(socket.SHUT_WR)
        await asyncio.wait_for(read_on(), LINGER_SECONDS)
    except (asyncio.TimeoutError, OSError):
        pass


def _quieten(options: ServeOptions) -> None:
    """Send asteri's log records where all others go, without those that repeat what the command prints."""
    for name in ("asteri", "asteri.access"):
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
    logging.getLogger("asteri.access").disabled = True
    logging.getLogger("asteri").setLevel(logging.DEBUG if options.log_level == "debug" else logging.WARNING)
    # asteri made standard output non-blocking, which loses lines
    os.set_blocking(1, True)
