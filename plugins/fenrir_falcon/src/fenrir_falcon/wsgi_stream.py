"""Streams of responses that a WSGI server iterates over itself."""

from __future__ import annotations

from typing import Any, Iterator
from wsgiref.util import FileWrapper

from fenrir_core import Connection
from fenrir_core import Response as KernelResponse
from fenrir_wsgi import Environ

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


def iterate(stream: Any, environ: Environ) -> Iterator[bytes]:
    """Return what a WSGI server iterates over: a stream, or the blocks of a file."""
    if not hasattr(stream, "read"):
        chunks: Iterator[bytes] = stream
        return chunks
    blocks: Iterator[bytes] = (environ.get("wsgi.file_wrapper") or FileWrapper)(stream, 8192)
    return blocks
