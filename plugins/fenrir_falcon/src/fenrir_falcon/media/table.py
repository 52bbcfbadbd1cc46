"""A table of media handlers by media type, and how the handler of a body is found."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, MutableMapping, Optional, Tuple

from fenrir_core.authoring import encode_header

from ..constants import MEDIA_MULTIPART
from ..exceptions import HTTPUnsupportedMediaType, InvalidMediaType
from ..util.mediatypes import best_match
from .json import JSONHandler
from .types import MediaTypeHandler


class HandlerTable(MutableMapping[str, Any]):
    """Media handlers by media type.

    Args:
        initial: The handlers.
    """

    def __init__(self, initial: Mapping[str, Any]) -> None:
        #: The handlers by media type; treat as read-only.
        self.by_type: Dict[str, Any] = dict(initial)
        #: The checked raw `Content-Type` of each media type that is written by the kernel's JSON. PERF: one look-up
        #: instead of the handler, its class and the header, 100 ns
        self.json_headers: Dict[str, Tuple[bytes, bytes]] = {}
        self._update()

    def _update(self) -> None:
        """Update what is derived from the handlers, after each change."""
        self.json_headers = {
            key: encode_header("content-type", key)
            for key, handler in self.by_type.items()
            if type(handler) is JSONHandler and handler.is_plain
        }
        #: Whether the kernel parses forms: unless the app has a handler of multipart, which is given the raw body.
        self.leaves_forms = MEDIA_MULTIPART not in self.by_type
        #: Whether media types of plugins are offered to clients, in answers without a content type.
        self.negotiates = any(isinstance(handler, MediaTypeHandler) for handler in self.by_type.values())
        self._is_plain = not any(";" in key or key != key.lower() for key in self.by_type)
        self._found: Dict[str, Any] = {}

    def json_reader(self, media_type: str) -> Optional[JSONHandler]:
        """Return the handler of a media type without parameters if it is a `JSONHandler`, else None."""
        # PERF: the fast path of `find`
        handler = self.by_type.get(media_type)
        return handler if self._is_plain and type(handler) is JSONHandler else None

    def find(self, media_type: Optional[str], default: str) -> Any:
        """Return the handler of a media type, with or without parameters.

        Args:
            media_type: The media type; None, ``""`` and ``"*/*"`` stand for `default`.
            default: The app's default media type.

        Raises:
            HTTPUnsupportedMediaType: No handler is registered for the media type.
        """
        wanted = default if media_type in (None, "", "*/*") else str(media_type)
        handler = self.by_type.get(wanted) or self._found.get(wanted)
        if handler is None:
            handler = self._search(wanted)
            if len(self._found) < 64:  # clients choose media types
                self._found[wanted] = handler
        return handler

    def _search(self, wanted: str) -> Any:
        handler = self.by_type.get(wanted.partition(";")[0].strip().lower()) if self._is_plain else None
        if handler is None:
            try:
                handler = self.by_type.get(best_match(list(self.by_type), wanted))
            except InvalidMediaType:
                handler = None
        if handler is None:
            raise HTTPUnsupportedMediaType(description=f"{wanted} is an unsupported media type.")
        return handler

    def copy(self) -> HandlerTable:
        """Return a copy with the same handlers."""
        return type(self)(self.by_type)

    def __getitem__(self, key: str) -> Any:
        return self.by_type[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.by_type[key] = value
        self._update()

    def __delitem__(self, key: str) -> None:
        del self.by_type[key]
        self._update()

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_type)

    def __len__(self) -> int:
        return len(self.by_type)
