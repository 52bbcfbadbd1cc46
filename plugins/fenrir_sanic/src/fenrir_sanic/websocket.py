"""Sanic's WebSocket: a facade of the kernel's."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Optional, Union

from fenrir_core import Connection, WebSocketDisconnect
from fenrir_core import WebSocket as KernelWebSocket
from fenrir_core.authoring import CONNECTING

from .exceptions import WebsocketClosed


class Websocket:
    """A WebSocket with Sanic's names; it is accepted at its first use.

    Args:
        connection: The kernel's WebSocket.
    """

    #: The chosen one; None before the connection is accepted, or without any.
    subprotocol: Optional[str] = None

    def __init__(self, connection: Connection) -> None:
        assert isinstance(connection, KernelWebSocket)
        self._connection = connection

    async def accept(self, subprotocols: Any = ()) -> None:
        """Accept the connection if it is not accepted yet; a handler need not call this.

        Args:
            subprotocols: Those that the handler speaks, best first; the first that the client offers is chosen.
        """
        if self._connection.phase == CONNECTING:
            offered = self._connection.subprotocols
            self.subprotocol = next((item for item in subprotocols if item in offered), None)
            await self._connection.accept(self.subprotocol)

    async def send(self, message: Union[str, bytes], *args: Any, **kwargs: Any) -> None:
        """Send text or bytes."""
        await self.accept()
        if isinstance(message, str):
            await self._connection.send_text(message)
        else:
            await self._connection.send_bytes(bytes(message))

    async def recv(self, timeout: Optional[float] = None) -> Union[str, bytes, None]:
        """Return the next message; None after `timeout` seconds without one.

        Raises:
            WebsocketClosed: The client has closed the connection.
        """
        await self.accept()
        try:
            message = await asyncio.wait_for(self._connection.receive_message(), timeout)
        except asyncio.TimeoutError:
            return None
        except WebSocketDisconnect as error:
            raise WebsocketClosed() from error
        text: Optional[str] = message.get("text")
        return message["bytes"] if text is None else text

    receive = recv

    async def recv_streaming(self) -> AsyncIterator[Union[str, bytes]]:
        """Iterate over the pieces of the next message: an ASGI server hands it on as a whole, so there is one."""
        message = await self.recv()
        assert message is not None
        yield message

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        await self._connection.close(code, reason)

    async def __aiter__(self) -> AsyncIterator[Union[str, bytes]]:
        while True:
            try:
                message = await self.recv()
            except WebsocketClosed:
                return
            assert message is not None
            yield message
