"""Media handlers: between bodies and Python values, by media type."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, MutableMapping, Optional
from urllib.parse import urlencode

from fenrir_core import InvalidJSON, MultiDict
from fenrir_core.authoring import dumps, loads, split_query

from .exceptions import HTTPUnsupportedMediaType, MediaMalformedError, MediaNotFoundError

MEDIA_JSON = "application/json"
MEDIA_URLENCODED = "application/x-www-form-urlencoded"
MEDIA_MULTIPART = "multipart/form-data"


class BaseHandler:
    """Turn a body of one media type into a value and back. Subclass it for a type of your own."""

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Read a value from `stream`, a binary file with the whole body.

        Raises:
            MediaNotFoundError, MediaMalformedError: The body is empty, or can't be read.
        """
        raise NotImplementedError()

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return the body of a value."""
        raise NotImplementedError()


class JSONHandler(BaseHandler):
    """Read and write JSON.

    Args:
        dumps, loads: Other functions than the kernel's, taking a value and text.
    """

    def __init__(
        self, dumps: Optional[Callable[[Any], Any]] = None, loads: Optional[Callable[[str], Any]] = None
    ) -> None:
        self._dumps, self._loads = dumps, loads
        #: Whether the kernel's functions are used.
        self.is_plain = dumps is None and loads is None

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Read JSON."""
        return self.read(stream.read())

    def read(self, body: bytes) -> Any:
        """Read JSON from the whole body."""
        if not body:
            raise MediaNotFoundError("JSON")
        try:
            return loads(body) if self._loads is None else self._loads(body.decode("utf-8"))
        except (InvalidJSON, ValueError) as error:
            raise MediaMalformedError("JSON") from error

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return JSON in UTF-8."""
        if self._dumps is None:
            return dumps(media)
        text = self._dumps(media)
        return text if isinstance(text, bytes) else text.encode()


class URLEncodedFormHandler(BaseHandler):
    """Read and write ``application/x-www-form-urlencoded``; repeated names give lists."""

    def __init__(self, keep_blank: bool = True, csv: bool = False) -> None:
        self._keep_blank, self._csv = keep_blank, csv

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Read a form into a dict."""
        return grouped(split_query(stream.read()), self._keep_blank, self._csv)

    def serialize(self, media: Any, content_type: str) -> bytes:
        """Return the form of a mapping."""
        return urlencode(media, doseq=True).encode()


def grouped(pairs: Any, keep_blank: bool = True, csv: bool = False) -> Dict[str, Any]:
    """Return a dict of pairs; a name with several values has the list of them."""
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
    """Hold media handlers by media type; JSON and urlencoded forms by default.

    Args:
        initial: Handlers instead of the default ones.
    """

    def __init__(self, initial: Optional[Mapping[str, Any]] = None) -> None:
        default = {MEDIA_JSON: JSONHandler(), MEDIA_URLENCODED: URLEncodedFormHandler()}
        #: The handlers themselves.
        self.by_type: Dict[str, Any] = dict(default if initial is None else initial)
        self._look()

    def _look(self) -> None:
        """See whether media types alone tell the handlers, so that no parameter has to be looked at."""
        self._is_plain = not any(";" in key or key != key.lower() for key in self.by_type)

    def json_reader(self, media_type: str) -> Optional[JSONHandler]:
        """Return the handler of a media type without parameters if it is a `JSONHandler`; PERF: as `find`, in short."""
        handler = self.by_type.get(media_type)
        return handler if self._is_plain and type(handler) is JSONHandler else None

    def find(self, media_type: Optional[str], default: str) -> Any:
        """Return the handler of a media type, with or without parameters.

        Raises:
            HTTPUnsupportedMediaType: There is none.
        """
        wanted = default if media_type in (None, "", "*/*") else str(media_type)
        handler = self.by_type.get(wanted)
        if handler is None:
            plain = wanted.partition(";")[0].strip().lower()
            handler = self.by_type.get(plain)
        if handler is None:
            raise HTTPUnsupportedMediaType(description=f"{wanted} is an unsupported media type.")
        return handler

    def write(self, media: Any, media_type: str) -> bytes:
        """Return the body of a value by the handler of a media type.

        Raises:
            HTTPUnsupportedMediaType: There is none.
        """
        return bytes(self.find(media_type, media_type).serialize(media, media_type))

    def __getitem__(self, key: str) -> Any:
        return self.by_type[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.by_type[key] = value
        self._look()

    def __delitem__(self, key: str) -> None:
        del self.by_type[key]
        self._look()

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_type)

    def __len__(self) -> int:
        return len(self.by_type)
