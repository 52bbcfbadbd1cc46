"""The WebSocket as Falcon's responders see it: a facade over the kernel's."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Tuple, Union

from fenrir_core import Connection, WebSocketDisconnect
from fenrir_core import WebSocket as KernelWebSocket
from fenrir_core.authoring import CLOSED, CONNECTING, OPEN, HeadersInit, Message, Receive, Scope, Send

from .constants import WebSocketPayloadType
from .detached import DetachedRoute
from .exceptions import OperationNotAllowed, PayloadTypeError, WebSocketDisconnected
from .http_error import pairs_of
from .options import WebSocketOptions
from .state import State
from .websocket_queue import ReceiveQueue

_VERSION = re.compile(r"(\d+)\.(\d+)")


class WebSocket:
    """A WebSocket under Falcon's names.

    Args:
        ver: The version of the ASGI specification that the server follows.
        scope, receive, send: What the server has called the application with.
        media_handlers: The handlers of media by type of message.
        max_receive_queue: How many messages are received before the responder asks for them; 0 for none, and then a
            disconnect is noticed only by what is sent or received.
        default_close_reasons: The reasons of close codes.
    """

    close_code: Optional[int] = None
    _queue: Optional[ReceiveQueue] = None
    _connection: KernelWebSocket
    _options: WebSocketOptions
    _version: Tuple[int, int]

    def __init__(
        self,
        ver: str,
        scope: Scope,
        receive: Receive,
        send: Send,
        media_handlers: Mapping[WebSocketPayloadType, Any],
        max_receive_queue: int = 4,
        default_close_reasons: Optional[Dict[int, str]] = None,
    ) -> None:
        if "_connection" in self.__dict__:
            return
        route: Any = DetachedRoute()
        self._options = WebSocketOptions()
        self._options.media_handlers = dict(media_handlers)
        self._options.default_close_reasons = default_close_reasons or {}
        self._options.max_receive_queue = max_receive_queue
        self._connection = KernelWebSocket(scope, receive, send, {}, route)
        self._set_version(ver)

    def _set_version(self, version: str) -> None:
        match = _VERSION.match(version)
        self._version = (int(match.group(1)), int(match.group(2))) if match else (2, 0)

    @property
    def unaccepted(self) -> bool:
        """Whether the connection was neither accepted nor rejected yet."""
        return self._connection.phase == CONNECTING

    @property
    def ready(self) -> bool:
        """Whether the connection is open."""
        return self._connection.phase == OPEN and not self._is_left

    @property
    def _is_left(self) -> bool:
        """Whether the client has closed the connection, though messages from before may still wait."""
        return self._queue is not None and self._queue.disconnect is not None

    @property
    def closed(self) -> bool:
        """Whether either side has closed the connection."""
        return self._connection.phase == CLOSED or self._is_left

    @property
    def subprotocols(self) -> Tuple[str, ...]:
        """The subprotocols that the client offers, in order of preference."""
        return tuple(self._connection.scope.get("subprotocols") or ())

    @property
    def supports_accept_headers(self) -> bool:
        """Whether the server can send headers with the acceptance (ASGI 2.1)."""
        return self._version >= (2, 1)

    async def accept(self, subprotocol: Optional[str] = None, headers: HeadersInit = None) -> None:
        """Accept the connection.

        Args:
            subprotocol: One of `subprotocols`.
            headers: Additional headers of the handshake response.

        Raises:
            OperationNotAllowed: It was accepted already, or the server can't send headers.
            ValueError: An argument is malformed.
            WebSocketDisconnected: The client has gone.
        """
        if self.closed:
            raise WebSocketDisconnected(self.close_code)
        if not self.unaccepted:
            raise OperationNotAllowed("accept() may only be called once on an open WebSocket connection")
        if subprotocol is not None and not isinstance(subprotocol, str):
            raise ValueError("WebSocket subprotocol must be a string")
        pairs = [(str(name), str(value)) for name, value in pairs_of(headers)]
        if pairs and not self.supports_accept_headers:
            raise OperationNotAllowed("The ASGI server that is running this app does not support accept headers.")
        if any(name.lower() == "sec-websocket-protocol" for name, _ in pairs):
            raise ValueError('Per the ASGI spec, the "sec-websocket-protocol" header is not allowed.')
        await self._connect()
        connection, limit = self._connection, self._options.max_receive_queue
        try:
            await connection.accept(subprotocol, pairs)
        except WebSocketDisconnect as error:
            raise self._gone(error) from None
        if limit > 0:
            self._queue = ReceiveQueue(connection._receive_raw, limit)
            connection.receive = self._queue.receive
            connection.add_cleanup(self._queue.stop)

    async def _connect(self) -> None:
        if self._connection._connected:
            return
        message = await self._connection.receive()
        if message["type"] == "websocket.disconnect":
            raise self._gone(WebSocketDisconnect(message.get("code", 1000)))

    def _gone(self, error: WebSocketDisconnect) -> WebSocketDisconnected:
        if self.close_code is None:
            self.close_code = error.code
        return WebSocketDisconnected(self.close_code, error.reason)

    async def close(self, code: Optional[int] = None, reason: Optional[str] = None) -> None:
        """Close the connection, or reject it if it was not accepted yet; the default code is 1000.

        Raises:
            ValueError: The code is no close code.
        """
        if self.closed:
            return
        if code is None:
            code = 1000
        elif not isinstance(code, int):
            raise ValueError("code must be an int")
        elif not 1000 <= code <= 4999 or code in (1004, 1005, 1006) or 1014 < code < 3000:
            raise ValueError(f"{code} is not a close code that an application may send")
        if reason is None:
            reason = self._options.default_close_reasons.get(code)
        self.close_code = code
        connection = self._connection
        if not connection._connected:
            try:
                await self._connect()
            except WebSocketDisconnected:
                return
        if self._queue is not None:
            self._queue.cancel()
        message: Message = {"type": "websocket.close", "code": code}
        if reason and self._version >= (2, 3):  # ASGI: `reason` since 2.3
            message["reason"] = reason
        connection.phase = CLOSED
        await connection.send(message)

    def _require_ready(self) -> None:
        if self.unaccepted:
            raise OperationNotAllowed("WebSocket connection has not yet been accepted")
        if self._connection.phase == CLOSED:
            raise WebSocketDisconnected(self.close_code)

    async def _receive(self) -> Message:
        self._require_ready()
        try:
            return await self._connection.receive_message()
        except WebSocketDisconnect as error:
            raise self._gone(error) from None

    async def receive_text(self) -> str:
        """Receive a text message.

        Raises:
            PayloadTypeError: It is a binary one.
            WebSocketDisconnected: The connection is closed.
            OperationNotAllowed: It was not accepted.
        """
        text: Optional[str] = (await self._receive()).get("text")
        if text is None:
            raise PayloadTypeError("Expected TEXT payload but got BINARY instead")
        return text

    async def receive_data(self) -> bytes:
        """Receive a binary message.

        Raises:
            PayloadTypeError: It is a text one.
            WebSocketDisconnected: The connection is closed.
            OperationNotAllowed: It was not accepted.
        """
        data: Optional[bytes] = (await self._receive()).get("bytes")
        if data is None:
            raise PayloadTypeError("Expected BINARY payload but got TEXT instead")
        return data

    async def receive_media(self) -> Any:
        """Receive a message and deserialize it by the app's handler of its type."""
        message = await self._receive()
        text = message.get("text")
        kind = WebSocketPayloadType.BINARY if text is None else WebSocketPayloadType.TEXT
        return self._options.media_handlers[kind].deserialize(message["bytes"] if text is None else text)

    async def _send(self, message: Message) -> None:
        if self._queue is not None and self._queue.disconnect is not None:
            raise self._gone(WebSocketDisconnect(self._queue.disconnect.get("code", 1000)))
        try:
            await self._connection.send(message)
        except WebSocketDisconnect as error:
            raise self._gone(error) from None

    async def send_text(self, payload: str) -> None:
        """Send a text message."""
        self._require_ready()
        if not isinstance(payload, str):
            raise TypeError("payload must be a string")
        await self._send({"type": "websocket.send", "text": payload})

    async def send_data(self, payload: Union[bytes, bytearray, memoryview]) -> None:
        """Send a binary message."""
        self._require_ready()
        if not isinstance(payload, (bytes, bytearray, memoryview)):
            raise TypeError("payload must be a byte string")
        await self._send({"type": "websocket.send", "bytes": bytes(payload)})

    async def send_media(self, media: Any, payload_type: WebSocketPayloadType = WebSocketPayloadType.TEXT) -> None:
        """Send a value, serialized by the app's handler of a type of message."""
        self._require_ready()
        found = self._options.media_handlers[payload_type].serialize(media)
        key = "text" if payload_type == WebSocketPayloadType.TEXT else "bytes"
        await self._send({"type": "websocket.send", key: found})


def websocket_of(connection: Connection) -> WebSocket:
    """Return the one WebSocket object of a connection."""
    return connection.facade(_make)


def _make(connection: Connection) -> WebSocket:
    assert isinstance(connection, KernelWebSocket)
    found = WebSocket.__new__(WebSocket)
    found._connection = connection
    found._options = connection.app.store(State).ws_options
    found._set_version(connection.scope.get("asgi", {}).get("spec_version", "2.0"))
    return found
