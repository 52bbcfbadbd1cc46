"""The bases of media handlers."""

from __future__ import annotations

import io
from typing import Any, Optional, Protocol, Union

__all__ = ["BaseHandler", "BinaryBaseHandlerWS", "TextBaseHandlerWS"]


class ReadableIO(Protocol):
    """The interface of what media handlers read from."""

    def read(self, n: int = -1, /) -> bytes:
        """Read up to `n` bytes."""


class AsyncReadableIO(Protocol):
    """The interface of what asynchronous media handlers read from."""

    async def read(self, n: int = -1, /) -> bytes:
        """Read up to `n` bytes."""


class BaseHandler:
    """The base of media handlers, which convert between bodies of one media type and Python values.

    A subclass has the synchronous methods, the asynchronous ones, or both.
    """

    #: Whether the rest of the stream is read and discarded after `deserialize`.
    exhaust_stream = False

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return a value as bytes."""
        raise _not_written(content_type)

    async def serialize_async(self, media: Any, content_type: str) -> bytes:
        """Return a value as bytes; by default what `serialize` returns."""
        return self.serialize(media, content_type)

    def deserialize(self, stream: ReadableIO, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the value of a body.

        Args:
            stream: A binary file with the body.
            content_type: The body's media type with parameters, or None.
            content_length: The body's length in bytes, or None.

        Raises:
            MediaNotFoundError, MediaMalformedError: The body is empty, or malformed.
        """
        raise _not_written(content_type)

    async def deserialize_async(
        self, stream: AsyncReadableIO, content_type: Optional[str], content_length: Optional[int]
    ) -> Any:
        """Return the value of a body that is read from an asynchronous stream; by default by `deserialize`."""
        data = await stream.read()
        return self.deserialize(io.BytesIO(data), content_type, content_length)


def _not_written(content_type: Optional[str]) -> NotImplementedError:
    """Return the error of a handler that lacks a synchronous method."""
    if not (content_type or "").startswith("application/json"):
        return NotImplementedError()
    return NotImplementedError(
        "The JSON media handler requires the synchronous methods serialize() and deserialize(), in ASGI applications "
        "too: errors and events are written with them."
    )


def is_written_async(handler: object) -> bool:
    """Return whether a handler has a `serialize_async` of its own."""
    found = getattr(type(handler), "serialize_async", None)
    return found is not None and found is not BaseHandler.serialize_async


def is_read_async(handler: object) -> bool:
    """Return whether a handler has a `deserialize_async` of its own."""
    found = getattr(type(handler), "deserialize_async", None)
    return found is not None and found is not BaseHandler.deserialize_async


class TextBaseHandlerWS:
    """The base of media handlers of WebSocket text messages."""

    def serialize(self, media: object) -> str:
        """Return a value as text."""
        raise NotImplementedError()

    def deserialize(self, payload: str) -> Any:
        """Return the value of a message."""
        raise NotImplementedError()


class BinaryBaseHandlerWS:
    """The base of media handlers of binary WebSocket messages."""

    def serialize(self, media: object) -> Union[bytes, bytearray, memoryview]:
        """Return a value as bytes."""
        raise NotImplementedError()

    def deserialize(self, payload: bytes) -> Any:
        """Return the value of a message."""
        raise NotImplementedError()
