"""A buffered reader of a bounded byte stream, which can read up to a delimiter."""

from __future__ import annotations

import io
from functools import partial
from typing import IO, Callable, Iterator, List, Optional

from ..errors import DelimiterError

__all__ = ["DEFAULT_CHUNK_SIZE", "BufferedReader"]

DEFAULT_CHUNK_SIZE = io.DEFAULT_BUFFER_SIZE * 4


class BufferedReader:
    """A reader that never reads more than the stream's length, and that can stop at a delimiter.

    Args:
        read: Called with a number of bytes; returns as many or fewer.
        max_stream_len: The length of the stream, in bytes.
        chunk_size: How many bytes are read at once; the greatest length of a delimiter.
    """

    def __init__(self, read: Callable[[int], bytes], max_stream_len: int, chunk_size: Optional[int] = None) -> None:
        self._read = read
        self._remaining = max_stream_len
        self._chunk_size = chunk_size or DEFAULT_CHUNK_SIZE
        self._buffer = b""
        self._position = 0

    def _fill(self) -> bool:
        """Read one more chunk into the buffer; return False at the end of the stream."""
        size = min(self._chunk_size, self._remaining)
        data = self._read(size) if size > 0 else b""
        if not data:
            self._remaining = 0
            return False
        self._remaining -= len(data)
        self._buffer = self._buffer[self._position :] + data
        self._position = 0
        return True

    def _pieces(self, size: int, delimiter: Optional[bytes] = None) -> Iterator[bytes]:
        """Iterate the bytes up to `size`, to a delimiter, or to the end, as they are read."""
        is_ended = False
        while size != 0:
            available = len(self._buffer) - self._position
            limit, is_last = available, is_ended
            if delimiter is not None:
                found = self._buffer.find(delimiter, self._position)
                if found >= 0:
                    limit, is_last = found - self._position, True
                elif not is_ended:  # its beginning may be at the end of the buffer
                    limit = max(0, available - len(delimiter) + 1)
            take = limit if size < 0 else min(size, limit)
            if take:
                piece = self._buffer[self._position : self._position + take]
                self._position += take
                size = size if size < 0 else size - take
                yield piece
            elif is_last:
                return
            elif not self._fill():
                is_ended = True

    def _check(self, delimiter: bytes) -> None:
        if not 0 < len(delimiter) <= self._chunk_size:
            raise ValueError(f"the length of a delimiter must be between 1 and {self._chunk_size}")

    def _consume(self, delimiter: bytes) -> None:
        if self.peek(len(delimiter)) != delimiter:
            raise DelimiterError("the expected delimiter is missing")
        self._position += len(delimiter)

    def peek(self, size: int = -1) -> bytes:
        """Return the next bytes, at most a chunk, which stay in the stream."""
        if size < 0 or size > self._chunk_size:
            size = self._chunk_size
        while len(self._buffer) - self._position < size and self._fill():
            pass
        return self._buffer[self._position : self._position + size]

    def read(self, size: Optional[int] = -1) -> bytes:
        """Return up to `size` bytes, or everything for None and -1."""
        return b"".join(self._pieces(-1 if size is None or size < 0 else size))

    def read_until(self, delimiter: bytes, size: int = -1, consume_delimiter: bool = False) -> bytes:
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
        data = b"".join(self._pieces(size, delimiter))
        if consume_delimiter:
            self._consume(delimiter)
        return data

    def pipe(self, destination: Optional[IO[bytes]] = None) -> None:
        """Write the rest of the stream to a file, or discard it."""
        for piece in self._pieces(-1):
            if destination is not None:
                destination.write(piece)

    def pipe_until(
        self,
        delimiter: bytes,
        destination: Optional[IO[bytes]] = None,
        consume_delimiter: bool = False,
        _size: Optional[int] = None,
    ) -> None:
        """Write the bytes before a delimiter to a file, or discard them; see `read_until`."""
        self._check(delimiter)
        for piece in self._pieces(-1 if _size is None else _size, delimiter):
            if destination is not None:
                destination.write(piece)
        if consume_delimiter:
            self._consume(delimiter)

    def exhaust(self) -> None:
        """Read the rest of the stream and discard it."""
        self.pipe()

    def delimit(self, delimiter: bytes) -> BufferedReader:
        """Return a reader of the bytes before a delimiter."""
        self._check(delimiter)
        left = len(self._buffer) - self._position + self._remaining
        return type(self)(partial(self._read_piece, delimiter), left, self._chunk_size)

    def _read_piece(self, delimiter: bytes, size: int) -> bytes:
        return b"".join(self._pieces(size, delimiter))

    def readline(self, size: int = -1) -> bytes:
        """Return the next line with its newline, at most `size` bytes."""
        line = b"".join(self._pieces(size, b"\n"))
        return line + self.read(1) if size < 0 or len(line) < size else line

    def readlines(self, hint: int = -1) -> List[bytes]:
        """Return all lines, or the first that have `hint` bytes together."""
        lines, length = [], 0
        while hint < 0 or length < hint:
            line = self.readline()
            if not line:
                break
            lines.append(line)
            length += len(line)
        return lines

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it has no positions to go to."""
        return False

    def writeable(self) -> bool:
        """Return that it can't be written."""
        return False
