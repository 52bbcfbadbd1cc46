"""The body of a WSGI request: a file that ends where the request ends."""

from __future__ import annotations

import io
from typing import BinaryIO, Callable, List, Optional, TypeVar

from .deprecation import deprecated

__all__ = ["Body", "BoundedStream"]

T = TypeVar("T", bytes, List[bytes])


class BoundedStream(io.IOBase):
    """A file that gives no more bytes than the request has.

    Args:
        stream: The server's file, whose `read` may block at the end of the body.
        stream_len: The length of the body, in bytes.
    """

    def __init__(self, stream: BinaryIO, stream_len: int) -> None:
        self.stream, self.stream_len = stream, stream_len
        self._bytes_remaining = stream_len

    def __iter__(self) -> BoundedStream:
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def _take(self, size: Optional[int], read: Callable[[int], T]) -> T:
        if size is None or size < 0 or size > self._bytes_remaining:
            size = self._bytes_remaining
        data = read(size)
        self._bytes_remaining -= sum(map(len, data)) if isinstance(data, list) else len(data) if size else 0
        if size and not data:
            self._bytes_remaining = 0
        return data

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: Optional[int] = None) -> bytes:
        """Return up to `size` bytes, or everything for None and -1."""
        return self._take(size, self.stream.read)

    def readline(self, limit: Optional[int] = None) -> bytes:
        """Return the next line, at most `limit` bytes."""
        return self._take(limit, self.stream.readline)

    def readlines(self, hint: Optional[int] = None) -> List[bytes]:
        """Return the lines, or the first that have `hint` bytes together."""
        return self._take(hint, self.stream.readlines)

    def write(self, data: bytes) -> None:
        """Refuse to write.

        Raises:
            OSError: Always.
        """
        raise OSError("Stream is not writeable")

    def exhaust(self, chunk_size: int = 65536) -> None:
        """Read the rest of the body and discard it."""
        while self.read(chunk_size):
            pass

    @property
    def eof(self) -> bool:
        """Whether the body was read to its end."""
        return self._bytes_remaining <= 0

    @property
    @deprecated("Use `eof` instead.", is_property=True)
    def is_exhausted(self) -> bool:
        """The former name of `eof`."""
        return self.eof


Body = BoundedStream
