"""A buffered reader of an asynchronous byte stream, which can read up to a delimiter."""

from __future__ import annotations

from typing import Any, AsyncIterator, Optional

from .errors import DelimiterError, OperationNotAllowed
from .read_only import ReadOnly
from .util.reader import DEFAULT_CHUNK_SIZE

__all__ = ["AsyncWritableIO", "BufferedReader"]


class AsyncWritableIO:
    """The interface of what `BufferedReader.pipe` writes to."""

    async def write(self, data: bytes, /) -> Any:
        """Write bytes."""
        raise NotImplementedError()


class BufferedReader(ReadOnly):
    """A reader of an asynchronous stream that can stop at a delimiter.

    Args:
        source: An asynchronous iterator of bytes, or an object with an asynchronous `read(size)`.
        chunk_size: How many bytes are peeked at most; the greatest length of a delimiter.
    """

    def __init__(self, source: Any, chunk_size: Optional[int] = None) -> None:
        self._chunk_size = chunk_size or DEFAULT_CHUNK_SIZE
        self._source: AsyncIterator[bytes] = self._iterate(source)
        self._buffer = b""
        self._position = 0
        self._consumed = 0
        self._is_ended = False
        self._is_iterated = False

    async def _iterate(self, source: Any) -> AsyncIterator[bytes]:
        if not hasattr(source, "read"):
            async for chunk in source:
                yield chunk
            return
        while True:
            chunk = await source.read(self._chunk_size)
            if not chunk:
                return
            yield chunk

    async def _fill(self) -> bool:
        """Read one more chunk that is not empty into the buffer; return False at the end of the stream."""
        while not self._is_ended:
            try:
                data = await self._source.__anext__()
            except StopAsyncIteration:
                self._is_ended = True
                break
            if data:
                self._buffer = self._buffer[self._position :] + data if self._has_more() else bytes(data)
                self._position = 0
                return True
        return False

    def _has_more(self) -> bool:
        return self._position < len(self._buffer)

    async def _pieces(self, size: int, delimiter: Optional[bytes] = None) -> AsyncIterator[bytes]:
        """Iterate the bytes up to `size`, to a delimiter, or to the end, as they arrive."""
        is_ended = False
        while size != 0:
            limit, is_last = len(self._buffer) - self._position, is_ended
            if delimiter is not None:
                found = self._buffer.find(delimiter, self._position)
                if found >= 0:
                    limit, is_last = found - self._position, True
                elif not is_ended:
                    limit -= _beginning_at_end(self._buffer, delimiter, limit)
            take = limit if size < 0 else min(size, limit)
            if take:
                piece = self._buffer[self._position : self._position + take]
                self._position += take
                self._consumed += take
                size = size if size < 0 else size - take
                yield piece
            elif is_last:
                return
            elif not await self._fill():
                is_ended = True

    def _check(self, delimiter: bytes) -> None:
        if not 0 < len(delimiter) <= self._chunk_size:
            raise ValueError(f"the length of a delimiter must be between 1 and {self._chunk_size}")

    async def _consume(self, delimiter: bytes) -> None:
        if await self.peek(len(delimiter)) != delimiter:
            raise DelimiterError("the expected delimiter is missing")
        self._position += len(delimiter)
        self._consumed += len(delimiter)

    def delimit(self, delimiter: bytes) -> BufferedReader:
        """Return a reader of the bytes before a delimiter."""
        self._check(delimiter)
        return type(self)(self._pieces(-1, delimiter), self._chunk_size)

    async def exhaust(self) -> None:
        """Read the rest of the stream and discard it."""
        await self.pipe()

    async def peek(self, size: int = -1) -> bytes:
        """Return the next bytes, at most a chunk, which stay in the stream."""
        if size < 0 or size > self._chunk_size:
            size = self._chunk_size
        while len(self._buffer) - self._position < size and await self._fill():
            pass
        return self._buffer[self._position : self._position + size]

    async def pipe(self, destination: Optional[Any] = None) -> None:
        """Write the rest of the stream to an `AsyncWritableIO`, or discard it."""
        async for piece in self._pieces(-1):
            if destination is not None:
                await destination.write(piece)

    async def pipe_until(
        self, delimiter: bytes, destination: Optional[Any] = None, consume_delimiter: bool = False
    ) -> None:
        """Write the bytes before a delimiter to an `AsyncWritableIO`, or discard them; see `read_until`."""
        self._check(delimiter)
        async for piece in self._pieces(-1, delimiter):
            if destination is not None:
                await destination.write(piece)
        if consume_delimiter:
            await self._consume(delimiter)

    async def read(self, size: Optional[int] = -1) -> bytes:
        """Return up to `size` bytes, or everything for None and -1."""
        return b"".join([piece async for piece in self._pieces(-1 if size is None or size < 0 else size)])

    async def readall(self) -> bytes:
        """Return the rest of the stream."""
        return await self.read()

    async def read_until(self, delimiter: bytes, size: int = -1, consume_delimiter: bool = False) -> bytes:
        """Return the bytes before a delimiter, at most `size`.

        Args:
            delimiter: At most a chunk long.
            size: The most bytes.
            consume_delimiter: Whether the delimiter must follow and is skipped.

        Raises:
            DelimiterError: It must follow and does not.
            ValueError: The delimiter is empty or too long.
        """
        self._check(delimiter)
        data = b"".join([piece async for piece in self._pieces(size, delimiter)])
        if consume_delimiter:
            await self._consume(delimiter)
        return data

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._is_iterated:
            raise OperationNotAllowed("This stream is already being iterated over.")
        self._is_iterated = True
        return self._pieces(-1)

    @property
    def eof(self) -> bool:
        """Whether the stream was read to its end."""
        return self._is_ended and not self._has_more()

    def tell(self) -> int:
        """Return the number of bytes read so far."""
        return self._consumed


def _beginning_at_end(buffer: bytes, delimiter: bytes, most: int) -> int:
    """Return how many of the last bytes may be the beginning of a delimiter."""
    for size in range(min(len(delimiter) - 1, most), 0, -1):
        if buffer.endswith(delimiter[:size]):
            return size
    return 0
