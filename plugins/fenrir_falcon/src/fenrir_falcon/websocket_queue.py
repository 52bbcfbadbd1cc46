"""The messages of a WebSocket that are received before a responder asks for them."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Deque, Optional

from fenrir_core.authoring import Message, Receive


class ReceiveQueue:
    """A bounded queue between the server and a responder, by which a disconnect is noticed at once.

    Args:
        receive: The server's ASGI callable.
        limit: The most messages that wait; the next one is left to the server.
    """

    #: The disconnect that was received, also if messages before it still wait.
    disconnect: Optional[Message] = None

    def __init__(self, receive: Receive, limit: int) -> None:
        self._server, self._limit = receive, limit
        self._messages: Deque[Message] = deque()
        self._changed = asyncio.Event()
        self._failure: Optional[BaseException] = None
        self._task = asyncio.ensure_future(self._fill())

    async def _fill(self) -> None:
        try:
            while self.disconnect is None:
                while len(self._messages) >= self._limit:
                    await self._wait()
                message = await self._server()
                if message["type"] == "websocket.disconnect":
                    self.disconnect = message
                self._messages.append(message)
                self._changed.set()
        except Exception as error:  # the responder's `receive` raises it
            self._failure = error
            self._changed.set()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def receive(self) -> Message:
        """Return the next message, in the order of the server."""
        while not self._messages:
            if self._failure is not None:
                raise self._failure
            if self.disconnect is not None:
                return self.disconnect
            await self._wait()
        message = self._messages.popleft()
        self._changed.set()
        return message

    def cancel(self) -> None:
        """Receive no more, from the next turn of the loop on."""
        self._task.cancel()

    async def stop(self, error: Optional[BaseException] = None) -> None:
        """Receive no more; the clean-up of a connection."""
        self._task.cancel()  # without waiting: what closes the connection is not to be late
