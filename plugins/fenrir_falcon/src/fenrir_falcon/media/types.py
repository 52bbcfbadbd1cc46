"""Media handlers of the media types that plugins of the app have."""

from __future__ import annotations

from typing import Any, Callable, Optional

from fenrir_core.authoring import dumps, loads

from ..exceptions import MediaMalformedError, MediaNotFoundError
from .base import BaseHandler, ReadableIO

__all__ = ["MediaTypeHandler"]


class MediaTypeHandler(BaseHandler):
    """The media handler of a media type that a plugin of the app reads and writes.

    Args:
        name: The media type.
        loads, dumps: As of `fenrir_core.MediaType`.
    """

    def __init__(self, name: str, loads: Callable[[bytes], Any], dumps: Callable[[Any], bytes]) -> None:
        self.name, self._loads, self._dumps = name, loads, dumps

    def deserialize(self, stream: ReadableIO, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the value of a body."""
        body = stream.read()
        if not body:
            raise MediaNotFoundError(self.name)
        try:
            return self._loads(body)
        except ValueError as error:
            raise MediaMalformedError(self.name) from error

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return a value as bytes; what JSON has no form for is converted as for JSON."""
        return self._dumps(loads(dumps(media)))
