"""The event loop that serves: asyncio's own, or uvloop's."""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import sys
from typing import Any, Coroutine, Iterator, List

from .versions import installed_version, version_of

AUTO, ASYNCIO, UVLOOP = "auto", "asyncio", "uvloop"
LOOPS = (AUTO, ASYNCIO, UVLOOP)


def uvloop_exists() -> bool:
    """Return whether there is a uvloop for this Python and platform, installed or not."""
    return sys.platform != "win32" and sys.implementation.name == "cpython"


def has_uvloop() -> bool:
    """Return whether uvloop is installed, and can be used here."""
    return uvloop_exists() and installed_version(UVLOOP) is not None


def loop_label(name: str) -> str:
    """Return a loop's name with its version, for messages; asyncio's is Python's."""
    return f"{name} {version_of(name)}".rstrip() if name == UVLOOP else name


def run(main: Coroutine[Any, Any, None], name: str) -> None:
    """Run a coroutine to its end on a new loop, as `asyncio.run` does.

    Args:
        main: The coroutine.
        name: `ASYNCIO` or `UVLOOP`.
    """
    main = _remembering(main)
    if name != UVLOOP:
        asyncio.run(main)
        return
    runner: Any = getattr(asyncio, "Runner", None)
    if runner is None:  # COMPAT: before Python 3.11 the policy alone says which loop `asyncio.run` makes
        asyncio.set_event_loop_policy(_uvloop_policy())
        asyncio.run(main)
        return
    with runner(loop_factory=_uvloop_class()) as running:
        running.run(main)


async def _remembering(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a loop that remembers its servers: uvloop's accepts by handles that nobody else knows."""
    loop: Any = asyncio.get_running_loop()
    loop.fenrir_servers = []

    def kept(create: Any) -> Any:
        async def created(factory: Any, *args: Any, **kwargs: Any) -> Any:
            server = await create(factory, *args, **kwargs)
            loop.fenrir_servers.append(_Created(server, factory, kwargs.get("ssl")))
            return server

        return created

    loop.create_server, loop.create_unix_server = kept(loop.create_server), kept(loop.create_unix_server)
    await main


class _Created:
    """A server of the loop's, and how it serves a connection."""

    def __init__(self, server: Any, factory: Any, tls: Any) -> None:
        self._server, self._factory, self._tls = server, factory, tls

    @property
    def sockets(self) -> Any:
        return self._server.sockets

    def close(self) -> None:
        """Serve what waits in the queue, and listen no more."""
        loop = asyncio.get_running_loop()
        for listener in self._server.sockets:
            for connection in waiting_in(listener.fileno()):
                asyncio.ensure_future(loop.connect_accepted_socket(self._factory, connection, ssl=self._tls))
        self._server.close()


def waiting_in(number: int) -> Iterator[socket.socket]:
    """Take the connections that wait to be accepted: a socket that is closed resets them.

    Args:
        number: The descriptor of a listening socket that does not block.
    """
    with socket.socket(fileno=os.dup(number)) as listener:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:  # there is none, or there are too many open files
                return
            connection.setblocking(False)
            yield connection


def remember(server: Any) -> None:
    """Let `stop_accepting` close what accepts connections without a server of the loop's.

    Args:
        server: It has `sockets` and `close()`, as an `asyncio.Server`.
    """
    servers: List[Any] = getattr(asyncio.get_running_loop(), "fenrir_servers", [])
    servers.append(server)


def stop_accepting(number: int) -> None:
    """Close a listening socket on the running loop; its open connections stay.

    Args:
        number: Its descriptor. Other processes may listen on the same socket: it is not shut down.
    """
    servers: List[Any] = getattr(asyncio.get_running_loop(), "fenrir_servers", [])
    for server in servers:
        if number in [sock.fileno() for sock in server.sockets or ()]:
            server.close()


def _uvloop_class() -> Any:
    uvloop: Any = importlib.import_module("uvloop")

    class Loop(uvloop.Loop):  # type: ignore[misc]  # untyped, since it may be missing
        """uvloop's loop, whose `sock_recv` first reads what is there, as asyncio's does.

        uvloop waits until the descriptor is readable, which it is not where a wrapper of a socket holds data that was
        read before.
        """

        async def sock_recv(self, sock: Any, nbytes: int) -> Any:
            try:
                return sock.recv(nbytes)
            except (BlockingIOError, InterruptedError):
                return await super().sock_recv(sock, nbytes)

    return Loop


def _uvloop_policy() -> Any:
    uvloop: Any = importlib.import_module("uvloop")
    loop_class = _uvloop_class()

    class Policy(uvloop.EventLoopPolicy):  # type: ignore[misc]  # as above
        def new_event_loop(self) -> Any:
            return loop_class()

    return Policy()
