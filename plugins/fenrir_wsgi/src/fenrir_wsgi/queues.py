"""Carry bytes between the event loop and the thread that a WSGI application runs in, both ways bounded."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import threading
from typing import Any, List, NamedTuple, Optional

from fenrir_core import ClientDisconnect, PayloadTooLarge
from fenrir_core.authoring import Message, Receive

#: The most bytes that wait in the channel for the client to take them.
OUTLET_LIMIT = 256 * 1024


class InputBroken(ClientDisconnect, OSError):
    """Say inside the application that the client left; an OSError too, because WSGI libraries expect one."""


class Source(io.RawIOBase):
    """The request body as a blocking stream; each read waits for the event loop to receive.

    No more than one chunk of the server's is held, so that a slow application slows the
    client down. Wrap it in `io.BufferedReader` for lines and sized reads.

    Args:
        receive: The ASGI callable.
        limit: The most bytes accepted, or None.
        first: The message that was received already, if one was.
    """

    def __init__(self, receive: Receive, limit: Optional[int], first: Optional[Message] = None) -> None:
        super().__init__()
        self._receive, self._limit = receive, limit
        self._loop = asyncio.get_running_loop()
        self._rest, self._size = memoryview(b""), 0
        self._pending: Any = None
        self._abandoned = False
        #: True once the last chunk was received.
        self.complete = False
        #: Why the body can't be read to its end.
        self.failure: Optional[Exception] = None
        if first is not None:
            self._take(first)

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what there is, waiting if there is nothing; 0 is the end of the body.

        Raises:
            PayloadTooLarge: The body is over the limit.
            InputBroken: The client left before the end.
        """
        while not self._rest and not self.complete and self.failure is None:
            self._take(self._next())
        if self.failure is not None:
            raise self.failure
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def abandon(self) -> None:
        """Let a waiting read fail; called on the event loop when the request is over."""
        self._abandoned = True
        if self._pending is not None:
            self._pending.cancel()

    def _next(self) -> Message:
        gone: Message = {"type": "http.disconnect"}
        waiting: Any = self._receive()
        try:
            self._pending = asyncio.run_coroutine_threadsafe(waiting, self._loop)
            if self._abandoned:  # in between, so that `abandon` saw nothing to cancel
                self._pending.cancel()
            return self._pending.result()  # type: ignore[no-any-return]
        except concurrent.futures.CancelledError:
            return gone
        except RuntimeError:  # the loop is closed
            waiting.close()
            return gone

    def _take(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self.failure = InputBroken("The client left before its request body was complete.")
            return
        chunk = message.get("body", b"")
        self._size += len(chunk)
        self.complete = not message.get("more_body", False)
        if self._limit is not None and self._size > self._limit:
            self.failure = PayloadTooLarge(f"The request body is over the limit of {self._limit} bytes.")
        self._rest = memoryview(chunk)


class Taken(NamedTuple):
    """What the event loop takes from an `Outlet` at once."""

    #: The message that begins the answer, the first time there is anything.
    start: Optional[Message]
    data: bytes
    done: bool
    error: Optional[BaseException]


class Outlet:
    """Hand what a thread produces to the event loop; the thread waits while too much is untaken."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = threading.Condition()
        self._start: Optional[Message] = None
        self._chunks: List[bytes] = []
        self._size = 0
        self._done, self._woken = False, False
        self._error: Optional[BaseException] = None
        #: Set when there is something to take.
        self.ready = asyncio.Event()
        #: True once nobody takes any more: the client left, or the server stops.
        self.left = False

    def put(self, chunk: bytes, start: Optional[Message] = None, *, wake: bool = True) -> bool:
        """Add bytes, from the thread; waits for room.

        Args:
            chunk: The bytes.
            start: The message that begins the answer, with the first chunk.
            wake: False when `finish` follows at once, so that the loop is woken but once.

        Returns:
            False when nobody takes them any more.
        """
        with self._room:
            while self._size >= OUTLET_LIMIT and not self.left:
                self._room.wait()
            if self.left:
                return False
            self._start = start or self._start
            self._chunks.append(chunk)
            self._size += len(chunk)
        if wake:
            self._wake()
        return True

    def finish(self, error: Optional[BaseException]) -> None:
        """Say, from the thread, that nothing follows, and whether it failed."""
        with self._room:
            self._done, self._error = True, error
        self._wake()

    def _wake(self) -> None:
        with self._room:
            if self._woken:
                return
            self._woken = True
        try:
            self._loop.call_soon_threadsafe(self.ready.set)
        except RuntimeError:  # the loop is closed: nobody waits
            self.left = True

    async def take(self) -> Taken:
        """Wait for something and give all there is."""
        await self.ready.wait()
        self.ready.clear()
        with self._room:
            taken = Taken(self._start, b"".join(self._chunks), self._done, self._error)
            self._start, self._size, self._woken = None, 0, False
            self._chunks.clear()
            self._room.notify()
        return taken

    def abandon(self) -> None:
        """Take no more: the thread's next `put` tells it so."""
        with self._room:
            self.left = True
            self._room.notify_all()
        self.ready.set()
