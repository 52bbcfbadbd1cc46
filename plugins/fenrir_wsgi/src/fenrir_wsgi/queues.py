"""Streams between the event loop and the thread that runs a WSGI application, bounded in both directions."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import threading
from typing import Any, List, NamedTuple, Optional

from fenrir_core import ClientDisconnect, PayloadTooLarge
from fenrir_core.authoring import Message, Receive

#: The most bytes of a response that wait for the client.
QUEUE_LIMIT = 256 * 1024


class BodyReadError(ClientDisconnect, OSError):
    """Raised in the application when the client disconnected; an OSError too, which WSGI libraries expect."""


class BodyReader(io.RawIOBase):
    """The request body as a blocking stream; each read waits until the event loop has received.

    At most one chunk of the server's is held, so that a slow application slows the client
    down. Wrap it in `io.BufferedReader` for lines and sized reads.

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
        self._disconnected = False
        #: True once the last chunk was received.
        self.complete = False
        #: Why the body can't be read to its end.
        self.failure: Optional[Exception] = None
        if first is not None:
            self._accept(first)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what was received, waiting if that is nothing; 0 is the end of the body.

        Raises:
            PayloadTooLarge: The body is over the limit.
            BodyReadError: The client disconnected before the end.
        """
        while not self._rest and not self.complete and self.failure is None:
            self._accept(self._next())
        if self.failure is not None:
            raise self.failure
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def disconnect(self) -> None:
        """Let a waiting read fail; called on the event loop when the request is over."""
        self._disconnected = True
        if self._pending is not None:
            self._pending.cancel()

    def _next(self) -> Message:
        disconnect: Message = {"type": "http.disconnect"}
        waiting = self._received()
        try:
            self._pending = asyncio.run_coroutine_threadsafe(waiting, self._loop)
            if self._disconnected:  # in between, when `disconnect` had nothing to cancel
                self._pending.cancel()
            return self._pending.result()  # type: ignore[no-any-return]
        except concurrent.futures.CancelledError:
            return disconnect
        except RuntimeError:  # the loop is closed
            waiting.close()
            return disconnect

    async def _received(self) -> Message:
        # ASGI: `receive` returns an awaitable, which need not be a coroutine: granian's is none
        return await self._receive()

    def _accept(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self.failure = BodyReadError("The client disconnected before its request body was complete.")
            return
        chunk = message.get("body", b"")
        self._size += len(chunk)
        self.complete = not message.get("more_body", False)
        if self._limit is not None and self._size > self._limit:
            self.failure = PayloadTooLarge(f"The request body is over the limit of {self._limit} bytes.")
        self._rest = memoryview(chunk)


class Drained(NamedTuple):
    """What the event loop takes out of a `ResponseQueue` at once."""

    #: The message that begins the response, the first time there is anything.
    start: Optional[Message]
    data: bytes
    done: bool
    error: Optional[BaseException]


class ResponseQueue:
    """A queue of response bytes from a thread to the event loop; the thread waits while it is full."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._start: Optional[Message] = None
        self._chunks: List[bytes] = []
        self._size = 0
        self._done, self._notified = False, False
        self._error: Optional[BaseException] = None
        #: Set when there is something to take.
        self.ready = asyncio.Event()
        #: True once nothing is taken any more: the client disconnected, or the server stops.
        self.disconnected = False

    def put(self, chunk: bytes, start: Optional[Message] = None, *, notify: bool = True) -> bool:
        """Add bytes; called in the thread, and waits while the queue is full.

        Args:
            chunk: The bytes.
            start: The message that begins the response, with the first chunk.
            notify: False when `finish` follows at once, so that the loop is woken once only.

        Returns:
            False when nothing is taken any more.
        """
        with self._changed:
            while self._size >= QUEUE_LIMIT and not self.disconnected:
                self._changed.wait()
            if self.disconnected:
                return False
            self._start = start or self._start
            self._chunks.append(chunk)
            self._size += len(chunk)
        if notify:
            self._notify()
        return True

    def finish(self, error: Optional[BaseException]) -> None:
        """End the queue, with the error that ended the response, if one did; called in the thread."""
        with self._changed:
            self._done, self._error = True, error
        self._notify()

    def _notify(self) -> None:
        with self._changed:
            if self._notified:
                return
            self._notified = True
        try:
            self._loop.call_soon_threadsafe(self.ready.set)
        except RuntimeError:  # the loop is closed
            self.disconnected = True

    async def drain(self) -> Drained:
        """Wait until there is something, and return all of it."""
        await self.ready.wait()
        self.ready.clear()
        with self._changed:
            drained = Drained(self._start, b"".join(self._chunks), self._done, self._error)
            self._start, self._size, self._notified = None, 0, False
            self._chunks.clear()
            self._changed.notify()
        return drained

    def disconnect(self) -> None:
        """Take nothing more: the thread's next `put` returns False."""
        with self._changed:
            self.disconnected = True
            self._changed.notify_all()
        self.ready.set()
