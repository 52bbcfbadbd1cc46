"""The media handlers of JSON."""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

from fenrir_core.authoring import dumps as kernel_dumps
from fenrir_core.authoring import request_loads

from ..exceptions import MediaMalformedError, MediaNotFoundError
from .base import AsyncReadableIO, BaseHandler, ReadableIO, TextBaseHandlerWS

__all__ = ["JSONHandler", "JSONHandlerWS"]


class JSONHandler(BaseHandler):
    """The media handler of JSON.

    Args:
        dumps: Serializes a value to text or bytes; the kernel's function by default.
        loads: Deserializes text; the kernel's function by default.
    """

    def __init__(
        self,
        dumps: Optional[Callable[[Any], Union[str, bytes]]] = None,
        loads: Optional[Callable[[str], Any]] = None,
    ) -> None:
        self._dumps, self._loads = dumps, loads
        #: Whether both functions are the kernel's.
        self.is_plain = dumps is None and loads is None

    def deserialize(self, stream: ReadableIO, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the value of a JSON body."""
        return self.read(stream.read() if content_length is None else stream.read(content_length))

    async def deserialize_async(
        self, stream: AsyncReadableIO, content_type: Optional[str], content_length: Optional[int]
    ) -> Any:
        """Return the value of a JSON body that is read from an asynchronous stream."""
        return self.read(await stream.read())

    def read(self, body: bytes) -> Any:
        """Return the value of a JSON body that was read already."""
        if not body:
            raise MediaNotFoundError("JSON")
        try:
            return request_loads(body) if self._loads is None else self._loads(body.decode("utf-8"))
        except Exception as error:  # whatever function the app has chosen
            raise MediaMalformedError("JSON") from (error.__cause__ or error)

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return a value as JSON in UTF-8."""
        if self._dumps is None:
            return kernel_dumps(media)
        text = self._dumps(media)
        return text.encode() if isinstance(text, str) else text


class JSONHandlerWS(TextBaseHandlerWS):
    """The media handler of JSON in WebSocket messages.

    Args:
        dumps: Serializes a value to text; the kernel's function by default.
        loads: Deserializes text; the kernel's function by default.
    """

    dumps: Callable[[Any], str]
    loads: Callable[[str], Any]

    def __init__(
        self, dumps: Optional[Callable[[Any], str]] = None, loads: Optional[Callable[[str], Any]] = None
    ) -> None:
        self.dumps, self.loads = dumps or _dump_text, loads or _load_text

    def serialize(self, media: object) -> str:
        """Return a value as JSON."""
        return self.dumps(media)

    def deserialize(self, payload: str) -> Any:
        """Return the value of a JSON message."""
        return self.loads(payload)


def _dump_text(media: object) -> str:
    return kernel_dumps(media).decode()


def _load_text(payload: str) -> Any:
    return request_loads(payload.encode())
