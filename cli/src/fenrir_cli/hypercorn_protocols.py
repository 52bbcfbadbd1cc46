"""Stricter framing for hypercorn's connections, and an invitation to send a body only where the app asks for it."""

from __future__ import annotations

import importlib
from contextvars import ContextVar
from typing import Any, Optional

import h11
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
    to smuggle a request past a proxy. RFC 9113, section 3.1: the upgrade to `h2c` is obsolete. RFC 9110, section
    10.1.1: the final status in the place of 100 where the body is refused.
    """

    _may_invite = False

    async def handle(self, event: Any) -> None:
        """Handle what the transport reports."""
        try:
            await super().handle(event)
        except _Refused:
            await self._send_error_response(400)
            await self.send(Closed())

    async def _create_stream(self, request: Any) -> None:
        self._may_invite = False
        # the task of the app has this context
        _waiting.set(self if self.connection.they_are_waiting_for_100_continue else None)
        await super()._create_stream(request)

    async def _send_h11_event(self, event: Any) -> None:
        # COMPAT: hypercorn 0.18 invites the client as soon as it has the head
        if self._may_invite or not isinstance(event, h11.InformationalResponse) or event.status_code != 100:
            await super()._send_h11_event(event)

    async def invite(self) -> None:
        """Ask the client for the body, if it still waits for that."""
        self._may_invite = True
        if self.connection.they_are_waiting_for_100_continue:
            headers = self.config.response_headers("h11")
            await self._send_h11_event(h11.InformationalResponse(status_code=100, headers=headers))

    async def _check_protocol(self, event: Any) -> None:
        names = {name.lower() for name, _ in event.headers}
        if b"content-length" in names and b"transfer-encoding" in names:
            raise _Refused
        if "h2" in self.config.alpn_protocols:
            await super()._check_protocol(event)
        elif event.method == b"PRI":
            raise _Refused


#: The connection whose client waits for an invitation to send the body of this request.
_waiting: ContextVar[Optional[CheckedHTTP1]] = ContextVar("fenrir_waiting", default=None)


def inviting(app: Any) -> Any:
    """Return an app that invites a client to send the body when it first asks for that."""

    def serve(scope: Any, receive: Any, send: Any) -> Any:
        connection = _waiting.get()
        if connection is None or scope["type"] != "http":
            return app(scope, receive, send)

        async def invite_and_receive() -> Any:
            await connection.invite()
            return await receive()

        return app(scope, invite_and_receive, send)

    return serve


class _Refused(Exception):
    """Raised for a request that is answered with status 400."""
