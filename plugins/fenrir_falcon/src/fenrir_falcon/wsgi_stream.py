"""Streams of responses that a WSGI server iterates over itself."""

from __future__ import annotations

from typing import Any, Dict, Iterator

from fenrir_core import Connection
from fenrir_core import Response as KernelResponse

#: Where a response leaves its stream, in the scope.
BODY = "fenrir_falcon.body"


class WSGIStream(KernelResponse):
    """A response whose body a WSGI server takes from an iterable or a file.

    Args:
        stream: The iterable or file; the server closes it.
        status: The status code.
    """

    streams = True

    def __init__(self, stream: Any, status: int) -> None:
        super().__init__(b"", status)
        self.stream = stream

    async def send(self, connection: Connection) -> None:
        """Begin the response, and leave the stream in the scope."""
        await self.start(connection, None)
        if connection.scope["method"] == "HEAD":
            close = getattr(self.stream, "close", None)
            if close is not None:
                close()
            connection.scope[BODY] = ()
        else:
            connection.scope[BODY] = iterate(self.stream, connection.scope["wsgi.environ"])


def iterate(stream: Any, environ: Dict[str, Any]) -> Iterator[bytes]:
    """Return what a WSGI server iterates over: a stream, or the blocks of a file."""
    if not hasattr(stream, "read"):
        chunks: Iterator[bytes] = stream
        return chunks
    wrapper = environ.get("wsgi.file_wrapper")
    return wrapper(stream, 8192) if wrapper is not None else Blocks(stream)


class Blocks:
    """The blocks of a file, which is closed with them."""

    def __init__(self, file: Any, size: int = 8192) -> None:
        self._file, self._size = file, size

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block: bytes = self._file.read(self._size)
        if not block:
            raise StopIteration
        return block

    def close(self) -> None:
        """Close the file."""
        close = getattr(self._file, "close", None)
        if close is not None:
            close()
