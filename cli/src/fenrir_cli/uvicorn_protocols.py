"""Heads of requests within limits of size and time, for uvicorn's connections."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from typing import Any, Optional, Type

from .options import ServeOptions

_RESPONSES = {
    408: b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
}


def protocol(options: ServeOptions) -> Type[Any]:
    """Return the class of connections: by httptools where it is installed, else by h11.

    COMPAT: uvicorn has no limit of a head's size with httptools, and none of its time.
    """
    if importlib.util.find_spec("httptools") is not None:
        base: Any = importlib.import_module("uvicorn.protocols.http.httptools_impl").HttpToolsProtocol

        def is_in_head(connection: Any) -> bool:
            # the parser makes a scope when a request begins, and a cycle when its head is complete
            scope, cycle = connection.scope, connection.cycle
            return scope is not None and (cycle is None or cycle.scope is not scope)

    else:
        base = importlib.import_module("uvicorn.protocols.http.h11_impl").H11Protocol

        def is_in_head(connection: Any) -> bool:
            return bool(connection.conn.trailing_data[0]) and connection.cycle is None

    class Bounded(base):  # type: ignore[misc]  # known at run time
        """A connection whose heads are bounded."""

        _head_bytes = 0
        _timer: Optional[asyncio.TimerHandle] = None

        def connection_made(self, transport: Any) -> None:
            """Begin to wait for the first request."""
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Optional[Exception]) -> None:
            """Stop waiting."""
            self._end_head()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            """Parse what has come."""
            super().data_received(data)
            if self.transport.get_protocol() is self and not self.transport.is_closing() and is_in_head(self):
                self._head_bytes += len(data)
                if self._timer is None:
                    self._wait()
                if self._head_bytes > options.max_head:
                    self._refuse(431)
            elif self._timer is not None:
                self._end_head()

        def _wait(self) -> None:
            self._timer = self.loop.call_later(options.read_timeout, self._refuse, 408)

        def _end_head(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._head_bytes = 0

        def _refuse(self, status: int) -> None:
            if not self.transport.is_closing():
                if self._head_bytes:  # a browser that connects ahead of its request would show the response
                    self.transport.write(_RESPONSES[status])
                self.transport.close()
            self._end_head()

    return Bounded
