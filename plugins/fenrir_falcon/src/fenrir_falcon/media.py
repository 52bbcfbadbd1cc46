"""Media handlers: serialize and deserialize bodies by media type."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, MutableMapping, Optional, Tuple
from urllib.parse import urlencode

from fenrir_core import InvalidJSON, MultiDict
from fenrir_core.authoring import dumps, encode_header, loads, split_query

from .exceptions import HTTPUnsupportedMediaType, MediaMalformedError, MediaNotFoundError

MEDIA_JSON = "application/json"
MEDIA_URLENCODED = "application/x-www-form-urlencoded"
MEDIA_MULTIPART = "multipart/form-data"


class BaseHandler:
    """The base of media handlers, which convert between bodies of one media type and Python values."""

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the value of a body.

        Args:
            stream: A binary file with the whole body.
            content_type: The body's media type with parameters, or None.
            content_length: The body's length in bytes, or None.

        Raises:
            MediaNotFoundError, MediaMalformedError: The body is empty, or malformed.
        """
        raise NotImplementedError()

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return a value as bytes."""
        raise NotImplementedError()


class MediaTypeHandler(BaseHandler):
    """The media handler of a media type that a plugin of the app reads and writes.

    Args:
        name: The media type.
        loads, dumps: As of `fenrir_core.MediaType`.
    """

    def __init__(self, name: str, loads: Callable[[bytes], Any], dumps: Callable[[Any], bytes]) -> None:
        self.name, self._loads, self._dumps = name, loads, dumps

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
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


class JSONHandler(BaseHandler):
    """The media handler of JSON.

    Args:
        dumps: Serializes a value to text or bytes; the kernel's function by default.
        loads: Deserializes text; the kernel's function by default.
    """

    def __init__(
        self, dumps: Optional[Callable[[Any], Any]] = None, loads: Optional[Callable[[str], Any]] = None
    ) -> None:
        self._dumps, self._loads = dumps, loads
        #: Whether both functions are the kernel's.
        self.is_plain = dumps is None and loads is None

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the value of a JSON body."""
        return self.read(stream.read())

    def read(self, body: bytes) -> Any:
        """Return the value of a JSON body that was read already."""
        if not body:
            raise MediaNotFoundError("JSON")
        try:
            return loads(body) if self._loads is None else self._loads(body.decode("utf-8"))
        except (InvalidJSON, ValueError) as error:
            raise MediaMalformedError("JSON") from error

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return a value as JSON in UTF-8."""
        if self._dumps is None:
            return dumps(media)
        text = self._dumps(media)
        return text if isinstance(text, bytes) else text.encode()


class URLEncodedFormHandler(BaseHandler):
    """The media handler of ``application/x-www-form-urlencoded``.

    Args:
        keep_blank: Whether fields with an empty value are kept.
        csv: Whether a value with commas is a list.
    """

    def __init__(self, keep_blank: bool = True, csv: bool = False) -> None:
        self._keep_blank, self._csv = keep_blank, csv

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the fields of a form; the value of a repeated name is a list."""
        return self.fields(split_query(stream.read()))

    def fields(self, pairs: Any) -> Dict[str, Any]:
        """Return the fields of a form that was parsed already; see `grouped`."""
        return grouped(pairs, self._keep_blank, self._csv)

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return a mapping as a form."""
        return urlencode(media, doseq=True).encode()


def grouped(pairs: Any, keep_blank: bool = True, csv: bool = False) -> Dict[str, Any]:
    """Return pairs as a dict; the value of a repeated name is a list.

    Args:
        pairs: Pairs of name and value, or a `MultiDict`.
        keep_blank: Whether empty values are kept.
        csv: Whether a value with commas is a list.
    """
    found: Dict[str, Any] = {}
    for name, value in pairs.pairs if isinstance(pairs, MultiDict) else pairs:
        if isinstance(value, str) and not value and not keep_blank:
            continue
        values: List[Any] = value.split(",") if csv and isinstance(value, str) and "," in value else [value]
        if csv and not keep_blank:
            values = [item for item in values if item]
        if name in found:
            there = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = there + values
        else:
            found[name] = values if len(values) > 1 else value
    return found


class Handlers(MutableMapping[str, Any]):
    """The media handlers of an app by media type.

    Args:
        initial: The handlers; by default those of JSON and urlencoded forms.
    """

    def __init__(self, initial: Optional[Mapping[str, Any]] = None) -> None:
        default = {MEDIA_JSON: JSONHandler(), MEDIA_URLENCODED: URLEncodedFormHandler()}
        #: The handlers by media type; treat as read-only.
        self.by_type: Dict[str, Any] = dict(default if initial is None else initial)
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
        handler = self.by_type.get(wanted)
        if handler is None:
            plain = wanted.partition(";")[0].strip().lower()
            handler = self.by_type.get(plain)
        if handler is None:
            raise HTTPUnsupportedMediaType(description=f"{wanted} is an unsupported media type.")
        return handler

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
