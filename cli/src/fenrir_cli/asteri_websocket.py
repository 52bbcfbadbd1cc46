"""WebSockets of asteri's worker: the app's handshake, refusals, and a close that both sides see."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib
import socket
from contextlib import suppress
from typing import Any, Dict, List

from .asteri_http import Head

_http: Any = importlib.import_module("asteri.http")
_utils: Any = importlib.import_module("asteri.utils")

#: What is appended to the client's key (RFC 6455, section 1.3), and the opcode of a close frame.
_GUID, _CLOSE = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 8

Message = Dict[str, Any]


class Conversation:
    """One WebSocket, between asteri's worker and the app.

    COMPAT: asteri frames and reads messages. Its handshake names no subprotocol and no
    header of the app's; a refusal is written as a frame before any handshake; a close has no
    reason, and the client's close frame is not answered.
    """

    def __init__(self, app: Any, connection: socket.socket, head: Head) -> None:
        self._app, self._connection, self._head = app, connection, head
        self._is_accepted = self._is_closed = False
        self._refusal: Message = {}
        self._body = b""

    async def serve(self, scope: Message, receive: Any, send: Any) -> None:
        """Call the app, as asteri's worker does with an ASGI app."""
        self._receive, self._send = receive, send
        scope.pop("method")
        scope.update(scheme="ws", extensions={"websocket.http.response": {}})
        offered = [value for name, value in self._head.headers if name == b"sec-websocket-protocol"]
        scope["subprotocols"] = [word.strip() for word in b",".join(offered).decode("latin-1").split(",") if word]
        try:
            await self._app(scope, self.receive, self.send)
        finally:
            if not self._is_closed:
                with suppress(OSError):  # the client may be gone
                    await (self._close(1011) if self._is_accepted else self._refuse(500))

    async def _write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def receive(self) -> Message:
        """Return the next message of the client."""
        message: Message = await self._receive()
        if message["type"] == "websocket.disconnect" and not self._is_closed:
            self._is_closed = True
            if message.get("code") != 1006:
                await self._write(_closing(message["code"], ""))
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the app."""
        kind = message["type"]
        if kind == "websocket.accept":
            self._is_accepted = True
            await self._write(self._handshake(message))
        elif kind == "websocket.close":
            await (
                self._close(message.get("code", 1000), message.get("reason") or "")
                if self._is_accepted
                else self._refuse(403)
            )
        elif kind == "websocket.http.response.start":
            self._refusal = message
        elif kind == "websocket.http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._refuse(self._refusal["status"])
        else:
            await self._send(message)

    def _handshake(self, message: Message) -> bytes:
        keys = [value for name, value in self._head.headers if name == b"sec-websocket-key"]
        accepted = base64.b64encode(hashlib.sha1((keys or [b""])[0] + _GUID).digest())
        lines: List[bytes] = [
            b"HTTP/1.1 101 Switching Protocols",
            b"upgrade: websocket",
            b"connection: upgrade",
            b"sec-websocket-accept: " + accepted,
        ]
        if message.get("subprotocol"):
            lines.append(b"sec-websocket-protocol: " + message["subprotocol"].encode("latin-1"))
        lines.extend(name + b": " + value for name, value in message.get("headers", ()))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    async def _refuse(self, status: int) -> None:
        self._is_closed = True
        given = self._refusal.get("headers", ())
        headers = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in given}
        headers["Content-Length"] = str(len(self._body))
        headers["Connection"] = "close"
        await self._write(_http.build_http_response(status, headers, self._body))

    async def _close(self, code: int, reason: str = "") -> None:
        if not self._is_closed:
            self._is_closed = True
            await self._write(_closing(code, reason))


def _closing(code: int, reason: str) -> bytes:
    # a close frame holds at most 125 bytes, two of them for the code
    payload = code.to_bytes(2, "big") + reason.encode("utf-8")[:123].decode("utf-8", "ignore").encode("utf-8")
    return _utils.make_websocket_frame(payload, opcode=_CLOSE)  # type: ignore[no-any-return]
