"""The WebSocket as Falcon's responders see it: a facade over the kernel's."""

from __future__ import annotations

from typing import Any, Optional, Tuple, Union

from fenrir_core import Connection, WebSocketDisconnect
from fenrir_core import WebSocket as KernelWebSocket
from fenrir_core.authoring import CLOSED, CONNECTING, OPEN, HeadersInit

from .http_error import pairs_of

WebSocketDisconnected = WebSocketDisconnect


class WebSocket:
    """A WebSocket under Falcon's names."""

    def __init__(self, connection: Connection) -> None:
        assert isinstance(connection, KernelWebSocket)
        self._connection = connection
        self.close_code: Optional[int] = None

    @property
    def unaccepted(self) -> bool:
        """Whether the connection was neither accepted nor rejected yet."""
        return self._connection.phase == CONNECTING

    @property
    def ready(self) -> bool:
        """Whether the connection is open."""
        return self._connection.phase == OPEN

    @property
    def closed(self) -> bool:
        """Whether either side has closed the connection."""
        return self._connection.phase == CLOSED

    @property
    def subprotocols(self) -> Tuple[str, ...]:
        """The subprotocols that the client offers, in order of preference."""
        return tuple(self._connection.subprotocols)

    async def accept(self, subprotocol: Optional[str] = None, headers: HeadersInit = None) -> None:
        """Accept the connection.

        Args:
            subprotocol: One of `subprotocols`.
            headers: Additional headers of the handshake response.
        """
        await self._connection.accept(subprotocol, pairs_of(headers))

    async def close(self, code: Optional[int] = None, reason: Optional[str] = None) -> None:
        """Close the connection, or reject it if it was not accepted yet; the default code is 1000."""
        self.close_code = code or 1000
        await self._connection.close(self.close_code, reason or "")

    async def receive_text(self) -> str:
        """Receive a text message."""
        return await self._connection.receive_text()

    async def receive_data(self) -> bytes:
        """Receive a binary message."""
        return await self._connection.receive_bytes()

    async def receive_media(self) -> Any:
        """Receive a message and deserialize it as JSON."""
        return await self._connection.receive_json()

    async def send_text(self, payload: str) -> None:
        """Send a text message."""
        await self._connection.send_text(payload)

    async def send_data(self, payload: Union[bytes, bytearray, memoryview]) -> None:
        """Send a binary message."""
        await self._connection.send_bytes(bytes(payload))

    async def send_media(self, media: Any) -> None:
        """Send a value as JSON in a text message."""
        await self._connection.send_json(media)
