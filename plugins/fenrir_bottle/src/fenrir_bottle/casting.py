"""What handlers return, made bytes or an iterator of bytes.

Source: the behaviour of bottle's `Bottle._cast`, documented at "Generating content".
"""

from __future__ import annotations

import io
import itertools
import traceback
from typing import Any, Callable, Iterable, Iterator, Optional, Union

from .exceptions import HTTPError, HTTPResponse
from .response import BaseResponse

#: A body that is sent at once, or in parts.
Body = Union[bytes, Iterable[bytes]]
_CHUNK = 65536
#: The largest file that is read at once.
SMALL = 256 * 1024


class OpenedFile(io.BufferedReader):
    """A large file that `static_file` has opened: its path is known, so that the server may send it itself."""


class WSGIFileWrapper:
    """A file as an iterator of its parts; it has the file's own methods too."""

    def __init__(self, fp: Any, buffer_size: int = _CHUNK) -> None:
        self.fp, self.buffer_size = fp, buffer_size
        for name in ("fileno", "close", "read", "readlines", "tell", "seek"):
            if hasattr(fp, name):
                setattr(self, name, getattr(fp, name))

    def __iter__(self) -> Iterator[bytes]:
        for part in iter(lambda: self.fp.read(self.buffer_size), None):
            if not part:
                return
            yield part.encode() if isinstance(part, str) else part


def chunks_of_file(file: Any) -> Iterator[bytes]:
    """Yield the contents of a file object in pieces, and close it."""
    try:
        yield from WSGIFileWrapper(file)
    finally:
        getattr(file, "close", bool)()


class Closing:
    """An iterator of bytes, with a function that ends it."""

    def __init__(self, items: Iterable[bytes], close: Callable[[], Any]) -> None:
        self.items, self.close = items, close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.items)


def try_close(value: Any) -> None:
    """Close a value if it can be closed, whatever its `close` raises."""
    try:
        getattr(value, "close", bool)()
    except Exception:
        pass


def encode(local: BaseResponse, out: Any) -> Optional[bytes]:
    """Return a plain value as bytes; None for one that needs `stream`."""
    if not out:
        return b""
    if isinstance(out, (list, tuple)) and isinstance(out[0], (str, bytes)):
        out = out[0][:0].join(out)
    if isinstance(out, str):
        return out.encode(local.charset)
    return bytes(out) if isinstance(out, (bytes, bytearray)) else None


def stream(
    local: BaseResponse, out: Any, where: str, catches: bool, failed: Callable[[Exception], None]
) -> Union[Body, HTTPResponse]:
    """Return the parts of a value that is no plain one, or the response that its first part is or raises.

    Args:
        local: The current response.
        out: A file or an iterable.
        where: The handler's place, for messages.
        catches: Whether an exception becomes an error response.
        failed: Is told of it.
    """
    if hasattr(out, "read"):
        return _file(local, out)
    try:
        items = iter(out)
        first = next(items)
        while not first:
            first = next(items)
    except StopIteration:
        try_close(out)
        return b""
    except HTTPResponse as response:
        first = response
    except Exception as error:
        try_close(out)
        if not catches or isinstance(error, MemoryError):
            raise
        failed(error)
        return HTTPError(500, "Unhandled exception", error, traceback.format_exc())
    if isinstance(first, HTTPResponse):
        return first
    if not isinstance(first, (str, bytes)):
        try_close(out)
        return HTTPError(500, f"Unsupported response type: {type(first).__name__}, returned by {where}.")
    parts: Iterable[Any] = itertools.chain([first], items)
    if isinstance(first, str):
        charset = local.charset
        parts = (part.encode(charset) for part in parts)
    return Closing(parts, getattr(out, "close", getattr(items, "close", bool)))


def _file(local: BaseResponse, file: Any) -> Body:
    """Return a file's content if it is small and its length is known, else an iterator of its parts."""
    length = local._headers.get("Content-Length")
    if length and length[-1].isdigit() and int(length[-1]) <= SMALL:
        data = file.read(int(length[-1]) + 1)
        if len(data) == int(length[-1]) and isinstance(data, bytes):
            try_close(file)
            return data
        return Closing(itertools.chain([data], WSGIFileWrapper(file)), getattr(file, "close", bool))
    return Closing(WSGIFileWrapper(file), getattr(file, "close", bool))
