"""Streaming responses: a true status, an early end on disconnect, clean-up in the request's context."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, AsyncIterable, AsyncIterator, Deque, Iterable, Iterator, Optional, Union

from .._threads import uncancel
from .._types import Message
from ..exceptions import ClientDisconnect, HTTPError, StreamCutOff
from .connection import Connection
from .response import BODILESS, Background, HeadersInit, Response
from .shutdown import cut_streams

#: Yield to the event loop: check the clock every N chunks, yield after N seconds. Else a source that never waits would
#: block the loop at a server whose `send` does not wait either (it need not, once the client has disconnected).
#: PERF: a turn of the loop costs 5 us, as much as ten chunks.
YIELD_CHUNKS, YIELD_SECONDS = 16, 0.001
#: What a stream iterates; `StreamingResponse.encode` tells which items are accepted.
Chunks = Union[AsyncIterable[object], Iterable[object]]


class StreamingResponse(Response):
    """A response that is sent in chunks, from a sync or async iterable of bytes or str.

    The first chunk is made before the headers are sent, so that an error there becomes a
    status. A later error leaves the response incomplete, so that the client can see that it
    failed. When the client disconnects, the iterable is closed at once, in the request's
    context. A synchronous iterable runs in a thread, a few chunks ahead of the client while it makes them fast;
    each chunk is sent as soon as it is there.

    Args:
        content: The chunks; str is encoded in UTF-8.
        status: As in `Response`.
        headers: As in `Response`.
        media_type: As in `Response`.
        background: As in `Response`.
        status_code: The same as `status`.

    Source: ASGI 3.0, "Response Body - send event" and "Disconnect - receive event".
    """

    streams = True
    #: Seconds without a chunk after which `heartbeat_chunk` is sent; None for never.
    heartbeat: Optional[float] = None
    heartbeat_chunk = b""
    #: Whether clients reconnect for the rest, so that the stream may be ended cleanly before it is complete.
    resumes = False
    #: The chunks.
    content: Chunks

    def __init__(
        self,
        content: Chunks,
        status: int = 200,
        headers: HeadersInit = None,
        media_type: Optional[str] = None,
        background: Optional[Background] = None,
        *,
        status_code: Optional[int] = None,
    ) -> None:
        super().__init__(b"", status, headers, media_type, background, status_code=status_code)
        self.content = content

    def encode(self, item: Any) -> bytes:
        """Return one item of the iterable as bytes."""
        if isinstance(item, str):
            return item.encode()
        if isinstance(item, (bytes, bytearray, memoryview)):
            return bytes(item)
        raise TypeError(f"The stream yielded {type(item).__name__}; a chunk is str or bytes.")

    def last_chunk(self, error: BaseException) -> Optional[bytes]:
        """Return bytes to send before the response is cut off because of `error`, or None."""
        return None

    async def send(self, connection: Connection) -> None:
        """Send the response; see the class."""
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

    def _iterate(self, connection: Connection) -> AsyncIterator[object]:
        if hasattr(self.content, "__aiter__"):
            return self.content.__aiter__()
        iterator = iter(self.content)
        if connection.compiled_route.nonblocking:
            return _iterate_here(iterator)
        return connection.stream_steps().iterate(iterator).__aiter__()


async def _iterate_here(iterator: Iterator[object]) -> AsyncIterator[object]:
    try:
        for item in iterator:
            yield item
    finally:
        getattr(iterator, "close", bool)()


class _Writer:
    """The writer of one stream; a second task watches for client disconnect and sends heartbeats."""

    def __init__(self, response: StreamingResponse, connection: Connection, chunks: AsyncIterator[object]) -> None:
        self.response, self.connection, self.chunks = response, connection, chunks
        self.task: asyncio.Task[object] = asyncio.current_task()  # type: ignore[assignment]  # it runs in one
        self.disconnected = False
        self.stopped = False
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
            pass  # the stream saw it first, or the server refused to send more
        except asyncio.CancelledError:
            if not self.disconnected and not self.stopped:
                raise
            uncancel(self.task)
            if self.stopped:
                await self._end_early()
        finally:
            watcher.cancel()
            streams.discard(self._stop)
            self.inbox.close()

    async def _write_all(self) -> None:
        response, send = self.response, self.connection.send
        # PERF: without a heartbeat there is one writer only: no lock, and no further frame, 1.0 -> 0.4 us a chunk
        is_alone, is_plain = response.heartbeat is None, type(response).encode is StreamingResponse.encode
        written, since = 0, monotonic()
        try:
            self.idle = True
            async for item in self.chunks:
                self.idle = False
                data: Any = item
                kind = type(item) if is_plain else None
                if kind is not bytes:
                    data = data.encode() if kind is str else response.encode(item)
                if is_alone and written:
                    try:
                        await send({"type": "http.response.body", "body": data, "more_body": True})
                    except OSError as error:  # ASGI: what a server raises after the client has disconnected
                        raise ClientDisconnect(str(error)) from None
                else:
                    await self._write(data)
                written += 1
                if written % YIELD_CHUNKS == 0 and monotonic() - since > YIELD_SECONDS:
                    await asyncio.sleep(0)
                    since = monotonic()
                self.idle = True
            self.idle = False
            await self._write(b"", more=False)
        except (Exception, SystemExit) as error:
            self.idle = False
            last = response.last_chunk(error) if self.connection.started else None
            if last is not None:
                await self._write(last)
            if isinstance(error, SystemExit):  # the end of a program is not the end of a server
                raise RuntimeError("The stream raised SystemExit.") from error
            raise

    def _stop(self) -> None:
        """End the stream, because the app stops and the time for streams is over."""
        self.stopped = True
        self.task.cancel()

    async def _end_early(self) -> None:
        if not self.connection.started:
            raise HTTPError(503)
        if not self.response.resumes:
            cut_streams.note()
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
            await asyncio.sleep(0)  # let a handler awaiting receive() see the disconnect first
        else:
            disconnect = asyncio.ensure_future(self.inbox.fill())
            try:
                while not disconnect.done():
                    await asyncio.wait({disconnect}, timeout=self.response.heartbeat)
                    if not disconnect.done() and self.idle:
                        await self._write(self.response.heartbeat_chunk)
            finally:
                disconnect.cancel()
        self.disconnected = True
        self.task.cancel()


class _Inbox:
    """A `receive` that the body reader and the disconnect watcher share.

    It replaces the connection's `receive` while a stream is sent. Messages that are not read
    are kept, up to `limit` bytes; then no more are received.
    """

    limit = 65536

    def __init__(self, connection: Connection) -> None:
        self.connection, self.receive = connection, connection.receive
        self.messages: Deque[Message] = deque()
        self.size, self.closed = 0, False
        self.changed = asyncio.Event()
        connection.receive = self.get

    async def fill(self) -> None:
        """Receive until the client disconnects."""
        while not self.messages or self.messages[-1]["type"] != "http.disconnect":
            if self.size > self.limit:
                await self._change()
                continue
            self.messages.append(await self.receive())
            self.size += _size(self.messages[-1])
            self.changed.set()

    async def get(self) -> Message:
        """Return the next message, `http.disconnect` again and again after a disconnect."""
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
        """Let readers use the connection's own `receive` again."""
        self.closed = True
        self.changed.set()

    async def _change(self) -> None:
        self.changed.clear()
        await self.changed.wait()


def _size(message: Message) -> int:
    # an empty message counts as well, for a server that returns one after the other instead of waiting
    return len(message.get("body", b"")) + 64
