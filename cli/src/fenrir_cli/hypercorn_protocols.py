"""Stricter framing for hypercorn's connections."""

from __future__ import annotations

import importlib
from typing import Any

from hypercorn.events import Closed
from hypercorn.protocol import ProtocolWrapper
from hypercorn.protocol.h11 import H11Protocol

_tcp_server: Any = importlib.import_module("hypercorn.asyncio.tcp_server")


def install() -> None:
    """Let hypercorn make its connections with these protocols.

    COMPAT: hypercorn 0.18 has no option for what they change.
    """
    _tcp_server.ProtocolWrapper = CheckedProtocol


class CheckedProtocol(ProtocolWrapper):
    """The protocol of a connection; one that speaks HTTP/1.1 begins as `CheckedHTTP1`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.protocol, H11Protocol):
            self.protocol.__class__ = CheckedHTTP1


class CheckedHTTP1(H11Protocol):
    """HTTP/1.1 that refuses ambiguous lengths, and HTTP/2 unless it is offered.

    Source: RFC 9112, sections 6.1 and 6.3: a message with `Transfer-Encoding` and `Content-Length` may be an attempt
    to smuggle a request past a proxy. RFC 9113, section 3.1: the upgrade to `h2c` is obsolete.
    """

    async def handle(self, event: Any) -> None:
        """Handle what the transport reports."""
        try:
            await super().handle(event)
        except _Refused:
            await self._send_error_response(400)
            await self.send(Closed())

    async def _check_protocol(self, event: Any) -> None:
        names = {name.lower() for name, _ in event.headers}
        if b"content-length" in names and b"transfer-encoding" in names:
            raise _Refused
        if "h2" in self.config.alpn_protocols:
            await super()._check_protocol(event)
        elif event.method == b"PRI":
            raise _Refused


class _Refused(Exception):
    """Raised for a request that is answered with status 400."""
