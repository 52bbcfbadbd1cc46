"""The request body as a stream that is read piece by piece."""

from __future__ import annotations

from typing import AsyncIterator, Optional

from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import Message, Receive

from .exceptions import OperationNotAllowed
from .read_only import ReadOnly


class BoundedStream(ReadOnly):
    """The request body as it arrives: an asynchronous file that can be iterated.

    Args:
        receive: The server's ASGI callable.
        first_event: A message that was received already.
        content_length: The length of the body, in bytes, if it is known; no more is read.
    """

    def __init__(
        self, receive: Receive, first_event: Optional[Message] = None, content_length: Optional[int] = None
    ) -> None:
        self._receive = receive
        self._first = first_event
        self._left = content_length
        self._start()

    def _start(self) -> None:
        self._rest = b""
        self._position = 0
        self._is_ended = self._left == 0
        self._is_closed = self._is_iterated = False

    async def _next(self) -> bytes:
        """Return the next chunk, which is empty at the end and may be empty before."""
        message, self._first = self._first, None
        if message is None:
            message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_ended = True
            return b""
        chunk: bytes = message.get("body") or b""
        if self._left is not None:
            chunk = chunk[: self._left]
            self._left -= len(chunk)
        self._is_ended = self._left == 0 or not message.get("more_body", False)
        return chunk

    @property
    def eof(self) -> bool:
        """Whether the body was read to its end."""
        return self._is_ended and not self._rest

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._is_closed

    def close(self) -> None:
        """Close it; what is left of the body is not read."""
        self._is_closed, self._rest = True, b""

    def _check_open(self) -> None:
        if self._is_closed:
            raise OperationNotAllowed("This stream is closed; no further operations on it are permitted.")

    async def read(self, size: Optional[int] = None) -> bytes:
        """Read up to `size` bytes, or everything for None or -1; return ``b""`` at the end."""
        self._check_open()
        everything = size is None or size < 0
        pieces, have = [self._rest], len(self._rest)
        self._rest = b""
        while not self._is_ended and (everything or have < (size or 0)):
            chunk = await self._next()
            pieces.append(chunk)
            have += len(chunk)
        data = b"".join(pieces)
        if not everything:
            data, self._rest = data[:size], data[size or 0 :]
        self._position += len(data)
        return data

    async def readall(self) -> bytes:
        """Read the rest of the body."""
        return await self.read()

    async def exhaust(self) -> None:
        """Read the rest of the body and discard it."""
        self._check_open()
        self._position += len(self._rest)
        self._rest = b""
        while not self._is_ended:
            self._position += len(await self._next())

    def tell(self) -> int:
        """Return the number of bytes read so far."""
        return self._position

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._check_open()
        if self._is_iterated and not self.eof:
            raise OperationNotAllowed("This stream is already being iterated over.")
        self._is_iterated = True
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[bytes]:
        if self._rest:
            rest, self._rest = self._rest, b""
            self._position += len(rest)
            yield rest
        while not self._is_ended:
            chunk = await self._next()
            if chunk:
                self._position += len(chunk)
                yield chunk


class BodyStream(BoundedStream):
    """The body of one of the kernel's requests, whose limits hold."""

    def __init__(self, request: KernelRequest) -> None:
        self._request = request
        self._source: Optional[AsyncIterator[bytes]] = None
        self._left = None
        self._start()

    async def _next(self) -> bytes:
        if self._source is None:
            self._source = self._request.stream()
        try:
            return await self._source.__anext__()
        except StopAsyncIteration:
            self._is_ended = True
            return b""
