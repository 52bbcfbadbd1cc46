"""Stream a response: truthful status, early end on disconnect, clean-up in the request's context."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterable, AsyncIterator, Iterable, Optional, Union

from .errors import FenrirError, HTTPError
from .request import Connection, Request
from .response import Background, HeadersInit, Response
from .threads import iterate_in_thread, uncancel

Chunk = Union[bytes, str]
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
        return item.encode() if isinstance(item, str) else bytes(item)

    def farewell(self, error: Exception) -> Optional[bytes]:
        """Give last bytes to send before the response is broken off because of `error`, or None."""
        return None

    async def send(self, connection: Connection) -> None:
        """Write the response; see the class."""
        chunks = self._iterate(connection)
        try:
            if connection.scope["method"] == "HEAD":
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

    async def run(self) -> None:
        watcher = asyncio.ensure_future(self._watch())
        streams = self.connection.app.life.streams
        streams.add(self._stop)
        started = False
        try:
            first = await self._next()
            await self.response.start(self.connection, None)
            started = True
            item = first
            while item is not _END:
                await self._write(self.response.encode(item))
                item = await self._next()
            await self.connection.send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.CancelledError:
            if not self.left and not self.told:
                raise
            uncancel(self.task)
            if self.told:
                await self._end_early(started)
        except Exception as error:
            last = self.response.farewell(error) if started else None
            if last is not None:
                await self._write(last)
            raise
        finally:
            watcher.cancel()
            streams.discard(self._stop)

    def _stop(self) -> None:
        """End the stream because the app stops and its time is up."""
        self.told = True
        self.task.cancel()

    async def _end_early(self, started: bool) -> None:
        if started and self.response.resumes:
            await self.connection.send({"type": "http.response.body", "body": b"", "more_body": False})
        elif started:
            raise StreamCutOff("The stream was cut off: the app stops.")
        else:
            raise HTTPError(503)

    async def _next(self) -> Any:
        self.idle = True
        try:
            return await self.chunks.__anext__()
        except StopAsyncIteration:
            return _END
        finally:
            self.idle = False

    async def _write(self, data: bytes) -> None:
        async with self.lock:
            await self.connection.send({"type": "http.response.body", "body": data, "more_body": True})

    async def _watch(self) -> None:
        connection = self.connection
        if isinstance(connection, Request) and not connection.body_complete and connection.method in ("POST", "PUT"):
            return  # the handler may still read its body: what arrives is not ours to take
        leaving = asyncio.ensure_future(_disconnected(connection))
        try:
            while not leaving.done():
                await asyncio.wait({leaving}, timeout=self.response.heartbeat)
                if not leaving.done() and self.idle:
                    await self._write(self.response.heartbeat_chunk)
            self.left = True
            self.task.cancel()
        finally:
            leaving.cancel()


_END: Any = object()


class StreamCutOff(FenrirError):
    """Say that a stream did not end in the time that it had after the stop began."""


async def _disconnected(connection: Connection) -> None:
    while (await connection.receive())["type"] != "http.disconnect":
        pass
