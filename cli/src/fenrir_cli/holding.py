"""Responses in place of an app that can't be served yet, so that no client waits at an open port."""

from __future__ import annotations

import asyncio
import os
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, List, Optional, Tuple

from .listen import BACKLOG
from .options import ServeOptions

if TYPE_CHECKING:
    import socket

    from .pages.failure import Failure

#: The most seconds, and the most bytes, of a request's head.
HEAD_SECONDS, MAX_HEAD = 5.0, 65536


class Holder:
    """A server that answers every request with the reason why the app is not served.

    Args:
        listener: The supervisor's socket; a copy of it is listened on.
        options: For TLS, where that is asked for.
    """

    def __init__(self, listener: socket.socket, options: ServeOptions) -> None:
        self._listener, self._options = listener, options
        self._server: Optional[asyncio.AbstractServer] = None
        self._failure: Optional[Failure] = None
        self._count = 0

    async def hold(self, failure: Optional[str], code: int) -> None:
        """Start answering.

        Args:
            failure: What the process reported, as JSON; None if it reported nothing.
            code: Its exit code.
        """
        from .pages.failure import Failure, ended

        await self.leave()
        self._failure = ended(code) if failure is None else Failure.from_json(failure)
        self._count += 1
        tls = None
        if self._options.tls_cert is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self._options.tls_cert, self._options.tls_key)
        self._server = await asyncio.start_server(
            self._answer, sock=self._listener.dup(), backlog=BACKLOG, limit=MAX_HEAD, ssl=tls
        )

    async def leave(self) -> None:
        """Stop answering: new connections wait for the app."""
        if self._server is not None:
            self._server.close()  # clients that are connected already get their response
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
            writer.write(self._answer_to(head))
            await writer.drain()
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client has disconnected, or speaks something else
        finally:
            writer.close()

    def _answer_to(self, head: bytes) -> bytes:
        from .pages.browser import is_navigation
        from .pages.live import ASKING, failure_answer

        assert self._failure is not None
        first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
        pairs = [line.partition(b":")[::2] for line in lines]
        given: List[Tuple[bytes, bytes]] = [(name.strip().lower(), value.strip()) for name, value in pairs]
        state = f"{os.getpid()}.{self._count}"
        if any(name == ASKING for name, _ in given):
            return _message(204, [(ASKING, state.encode("ascii"))])
        status, headers, body = failure_answer(self._failure, state, is_navigation(given))
        return _message(status, headers, b"" if first.startswith(b"HEAD ") else body)


def _message(status: int, headers: List[Tuple[bytes, bytes]], body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode("ascii"), b"connection: close"]
    lines.extend(name + b": " + value for name, value in headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
