"""Starlette's WebSocket: a facade of the kernel's."""

from __future__ import annotations

from enum import Enum
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable, List, Optional, Tuple, TypeVar

from fenrir_core import WebSocketDisconnect
from fenrir_core.authoring import CLOSED, CONNECTING, OPEN, Message, dumps

from .requests import HTTPConnection

__all__ = ["WebSocket", "WebSocketDisconnect", "WebSocketState"]

T = TypeVar("T")


class WebSocketState(Enum):
    """The states of a WebSocket connection."""

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3


_STATES = {
    CONNECTING: WebSocketState.CONNECTING,
    OPEN: WebSocketState.CONNECTED,
    CLOSED: WebSocketState.DISCONNECTED,
}


class WebSocket(HTTPConnection):
    """A WebSocket connection; see `fenrir_core.WebSocket`."""

    @property
    def application_state(self) -> WebSocketState:
        """The state of the connection."""
        return _STATES[self.connection.phase]

    client_state = application_state

    @property
    def subprotocols(self) -> List[str]:
        """The subprotocols that the client offers, in its order of preference."""
        return list(self.scope.get("subprotocols", ()))

    async def send(self, message: Message) -> None:
        """Send an ASGI message."""
        if message["type"] == "websocket.accept":
            await self.accept(message.get("subprotocol"), message.get("headers") or ())
        elif message["type"] == "websocket.close":
            await self.close(message.get("code", 1000), message.get("reason"))
        else:
            await self.connection.send(message)

    async def send_denial_response(self, response: Any) -> None:
        """Refuse the handshake with an HTTP response."""
        await self.connection.reject(response)

    async def accept(self, subprotocol: Optional[str] = None, headers: Iterable[Tuple[Any, Any]] = ()) -> None:
        """Accept the connection."""
        pairs = [(_text(name), _text(value)) for name, value in headers or ()]
        await self.connection.accept(subprotocol, pairs)

    async def close(self, code: int = 1000, reason: Optional[str] = None) -> None:
        """Close the connection; one that is not accepted yet is rejected."""
        await self.connection.close(code, reason or "")

    async def receive_text(self) -> str:
        """Receive a text message."""
        text: str = await self.connection.receive_text()
        return text

    async def receive_bytes(self) -> bytes:
        """Receive a binary message."""
        data: bytes = await self.connection.receive_bytes()
        return data

    async def receive_json(self, mode: str = "text") -> Any:
        """Receive a JSON message."""
        return await self.connection.receive_json()

    async def send_text(self, data: str) -> None:
        """Send a text message."""
        await self.connection.send_text(data)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self.connection.send_bytes(data)

    async def send_json(self, data: Any, mode: str = "text") -> None:
        """Send a value as JSON, in a text or binary message."""
        if mode == "binary":
            await self.connection.send_bytes(dumps(data))
        else:
            await self.connection.send_json(data)

    def iter_text(self) -> AsyncIterator[str]:
        """Iterate over text messages until the client disconnects."""
        return _until_disconnect(self.receive_text)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over binary messages until the client disconnects."""
        return _until_disconnect(self.receive_bytes)

    def iter_json(self) -> AsyncIterator[Any]:
        """Iterate over JSON messages until the client disconnects."""
        return _until_disconnect(self.receive_json)


async def _until_disconnect(receive: Callable[[], Awaitable[T]]) -> AsyncIterator[T]:
    try:
        while True:
            yield await receive()
    except WebSocketDisconnect:
        return


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
