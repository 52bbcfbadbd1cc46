"""Stream a response: truthful status, early end on disconnect, clean-up in the request's context."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, AsyncIterable, AsyncIterator, Deque, Iterable, Optional, Union

from .._threads import iterate_in_thread, uncancel
from .._types import Message
from ..exceptions import ClientDisconnect, FenrirError, HTTPError
from .connection import Connection
from .response import BODILESS, Background, HeadersInit, Response

Chunk = Union[bytes, str]
#: Pieces after which the clock is looked at, and seconds after which other work gets a turn: a source that never
#: waits, at a server whose `send` does not wait either (it need not, once the client has left), would hold the event
#: loop for ever. PERF: a turn of the loop costs 5 us, as much as ten pieces.
GIVE_WAY, GIVE_WAY_SECONDS = 16, 0.001
Chunks = Union[AsyncIterable[Any], Iterable[Any]]


class StreamingResponse(Response):
    """Answer piece by piece, from a sync or async iterable of bytes or str.

    The first piece is asked for before the headers are sent, so that an error there is a
    real status. A later error leaves the response unfinished, so that the client can see
    that it is broken. When the client leaves, the iterable is closed at once, in the
    request's context. A synchronous iterable runs in a thread, one piece at a time.

    Args:
        content: The pieces; str is encoded in UTF-8.
        status, headers, media_type, background: As `Response`.

    Source: ASGI 3.0, "Response Body - send event" and "Disconnect - receive event".
    """

    streams = True
    #: Seconds of silence after which `heartbeat_chunk` is sent; None for never.
    heartbeat: Optional[float] = None
    heartbeat_chunk = b""
    #: Whether a client that is cut off comes back for the rest, so that a clean end is no lie.
    resumes = False

    def __init__(
        self,
        content: Chunks,
        status: int = 200,
        headers: HeadersInit = None,
        media_type: Optional[str] = None,
        background: Optional[Background] = None,
    ) -> None:
        super().__init__(b"", status, headers, media_type, background)
        self.content = content

    def encode(self, item: Any) -> bytes:
        """Turn one item of the iterable into bytes."""
        if isinstance(item, str):
            return item.encode()
        if isinstance(item, (bytes, bytearray, memoryview)):
            return bytes(item)
        raise TypeError(f"A stream gave {type(item).__name__}; its pieces are str or bytes.")

    def farewell(self, error: Exception) -> Optional[bytes]:
        """Return last bytes to send before the response is broken off because of `error`, or None."""
        return None

    async def send(self, connection: Connection) -> None:
        """Write the response; see the class."""
        chunks = self._iterate(connection)
        try:
            if connection.scope["method"] == "HEAD" or self.status in BODILESS:
                await self.start(connection, None)
                await connection.send({"type": "http.response.body", "body": b""})
                return
            await _Writer(self, connection, chunks).run()
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    def _iterate(self, connection: Connection) -> AsyncIterator[Any]:
        if hasattr(self.content, "__aiter__"):
            return self.content.__aiter__()
        return iterate_in_thread(connection.app.executor, iter(self.content)).__aiter__()


class _Writer:
    """Write one stream while another task watches for the client's leaving and for silence."""

    def __init__(self, response: StreamingResponse, connection: Connection, chunks: AsyncIterator[Any]) -> None:
        self.response, self.connection, self.chunks = response, connection, chunks
        self.task: Any = asyncio.current_task()
        self.left = False
        self.told = False
        self.idle = False
        self.lock = asyncio.Lock()
        self.inbox = _Inbox(connection)

    async def run(self) -> None:
        watcher = asyncio.ensure_future(self._watch())
        streams = self.connection.app.open_streams
        streams.add(self._stop)
        try:
            await self._write_all()
        except ClientDisconnect:
            pass  # the stream saw it first, or the server would take no more
        except asyncio.CancelledError:
            if not self.left and not self.told:
                raise
            uncancel(self.task)
            if self.told:
                await self._end_early()
        finally:
            watcher.cancel()
            streams.discard(self._stop)
            self.inbox.close()

    async def _write_all(self) -> None:
        response, send = self.response, self.connection.send
        # PERF: where there is no heartbeat nobody else writes: no lock, and no further frame, 1.0 -> 0.4 us a piece
        is_alone, as_text = response.heartbeat is None, type(response).encode is StreamingResponse.encode
        written, since = 0, monotonic()
        try:
            self.idle = True
            async for item in self.chunks:
                self.idle = False
                data = item.encode() if as_text and type(item) is str else response.encode(item)
                if is_alone and written:
                    try:
                        await send({"type": "http.response.body", "body": data, "more_body": True})
                    except OSError as error:  # ASGI: what a server raises when the client has left
                        raise ClientDisconnect(str(error)) from None
                else:
                    await self._write(data)
                written += 1
                if written % GIVE_WAY == 0 and monotonic() - since > GIVE_WAY_SECONDS:
                    await asyncio.sleep(0)
                    since = monotonic()
                self.idle = True
            self.idle = False
            await self._write(b"", more=False)
        except Exception as error:
            self.idle = False
            last = response.farewell(error) if self.connection.started else None
            if last is not None:
                await self._write(last)
            raise

    def _stop(self) -> None:
        """End the stream because the app stops and its time is up."""
        self.told = True
        self.task.cancel()

    async def _end_early(self) -> None:
        if not self.connection.started:
            raise HTTPError(503)
        if not self.response.resumes:
            raise StreamCutOff("The stream was cut off: the app stops.")
        await self._write(b"", more=False)

    async def _write(self, data: bytes, more: bool = True) -> None:
        async with self.lock:
            if not self.connection.started:
                await self.response.start(self.connection, None)
            try:
                await self.connection.send({"type": "http.response.body", "body": data, "more_body": more})
            except OSError as error:
                raise ClientDisconnect(str(error)) from None

    async def _watch(self) -> None:
        if self.response.heartbeat is None:
            await self.inbox.fill()
            await asyncio.sleep(0)  # a stream that receives for itself is told first
        else:
            leaving = asyncio.ensure_future(self.inbox.fill())
            try:
                while not leaving.done():
                    await asyncio.wait({leaving}, timeout=self.response.heartbeat)
                    if not leaving.done() and self.idle:
                        await self._write(self.response.heartbeat_chunk)
            finally:
                leaving.cancel()
        self.left = True
        self.task.cancel()


class _Inbox:
    """Receive for two: the body goes to whoever reads it, the client's leaving to the watcher too.

    It stands in for the connection's `receive` while a stream is written. What nobody
    reads is kept, up to `room` bytes; then the client is made to wait.
    """

    room = 65536

    def __init__(self, connection: Connection) -> None:
        self.connection, self.receive = connection, connection.receive
        self.messages: Deque[Message] = deque()
        self.size, self.closed = 0, False
        self.changed = asyncio.Event()
        connection.receive = self.get

    async def fill(self) -> None:
        """Receive until the client leaves."""
        while not self.messages or self.messages[-1]["type"] != "http.disconnect":
            if self.size > self.room:
                await self._change()
                continue
            self.messages.append(await self.receive())
            self.size += _size(self.messages[-1])
            self.changed.set()

    async def get(self) -> Message:
        """Return the next message; once the client has left, that."""
        while not self.messages:
            if self.closed:
                return await self.receive()
            await self._change()
        if self.messages[0]["type"] == "http.disconnect":
            return self.messages[0]
        message = self.messages.popleft()
        self.size -= _size(message)
        self.changed.set()
        return message

    def close(self) -> None:
        """Let readers receive for themselves again."""
        self.closed = True
        self.changed.set()

    async def _change(self) -> None:
        self.changed.clear()
        await self.changed.wait()


def _size(message: Message) -> int:
    # an empty message counts as well, for a server that hands out one after the other instead of waiting
    return len(message.get("body", b"")) + 64


class StreamCutOff(FenrirError):
    """Say that a stream did not end in the time that it had after the stop began."""
