"""The headers of a request under Falcon's names."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar

from fenrir_core import Connection, lazy
from fenrir_core.authoring import best_match, parse_cookies, parse_date, parse_digits, quality

from .etags import parse_etags
from .exceptions import HTTPInvalidHeader, HTTPMissingHeader

T = TypeVar("T")


def _text(name: str) -> Any:
    return property(lambda self: self.get_header(name) or None, doc=f"The header `{name}`, or None.")


def _date(name: str) -> Any:
    return property(lambda self: self.get_header_as_datetime(name), doc=f"The header `{name}` in UTC, or None.")


def _etags(name: str) -> Any:
    def get(self: RequestHeaders) -> Any:
        value = self.get_header(name)
        return (parse_etags(value) or None) if value else None

    return property(get, doc=f"The entity tags of `{name}`, or None.")


@lru_cache(maxsize=256)
def _raw_name(name: str) -> bytes:
    return name.lower().encode("latin-1", "replace")


class RequestHeaders:
    """The part of `Request` that reads headers and cookies."""

    _connection: Connection

    @lazy
    def headers(self) -> Mapping[str, str]:
        """The headers with names in upper case; repeated headers are joined by commas."""
        return {name.upper(): value for name, value in self.headers_lower.items()}

    @lazy
    def headers_lower(self) -> Mapping[str, str]:
        """The headers with names in lower case; repeated headers are joined by commas."""
        found: Dict[str, str] = {}
        for name, value in self._connection.headers.items():
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def get_header(self, name: str, required: bool = False, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`.

        Args:
            name: The header's name, in any case.
            required: Whether a missing header is an error.
            default: The value for a missing header.

        Raises:
            HTTPMissingHeader: The header is `required` and missing (400).
        """
        wanted = _raw_name(name)
        for key, value in self._connection.scope["headers"]:  # PERF: as `connection.headers` does, half its cost
            if key == wanted:
                return str(value, "latin-1")
        if required:
            raise HTTPMissingHeader(name)
        return default

    def get_header_as_int(self, header: str, required: bool = False) -> Optional[int]:
        """Return a header as an integer, or None.

        Raises:
            HTTPMissingHeader, HTTPInvalidHeader: The header is `required` and missing, or not an integer (400).
        """
        return self._convert_header(header, required, int, "The value of the header must be an integer.")

    def get_header_as_datetime(self, header: str, required: bool = False, obs_date: bool = False) -> Optional[datetime]:
        """Return a header as a datetime in UTC, or None.

        Args:
            header: The header's name, in any case.
            required: Whether a missing header is an error.
            obs_date: As in Falcon; the obsolete date formats are always accepted.

        Raises:
            HTTPMissingHeader, HTTPInvalidHeader: The header is `required` and missing, or not a date (400).
        """
        wrong = "It must be formatted according to RFC 7231, Section 7.1.1.1"
        return self._convert_header(header, required, parse_date, wrong)

    def _convert_header(self, name: str, required: bool, convert: Callable[[str], T], wrong: str) -> Optional[T]:
        value = self.get_header(name, required)
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError:
            raise HTTPInvalidHeader(wrong, name) from None

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies by name; the first value of a repeated name."""
        return self._connection.cookies

    def get_cookie_values(self, name: str) -> Optional[List[str]]:
        """Return all values of a cookie, or None if it is missing."""
        parts = (parse_cookies(part) for part in (self.get_header("Cookie") or "").split(";"))
        found = [value for part in parts for value in ([part[name]] if name in part else [])]
        return found or None

    @property
    def accept(self) -> str:
        """The header `Accept`, by default ``*/*``."""
        return self.get_header("Accept") or "*/*"

    @property
    def content_type(self) -> Optional[str]:
        """The header `Content-Type` with its parameters, or None."""
        return self.get_header("Content-Type")

    auth = _text("Authorization")
    expect = _text("Expect")
    if_range = _text("If-Range")
    last_event_id = _text("Last-Event-ID")
    referer = _text("Referer")
    user_agent = _text("User-Agent")
    date = _date("Date")
    if_modified_since = _date("If-Modified-Since")
    if_unmodified_since = _date("If-Unmodified-Since")
    if_match = _etags("If-Match")
    if_none_match = _etags("If-None-Match")

    @property
    def content_length(self) -> Optional[int]:
        """The length of the body by `Content-Length`, in bytes, or None.

        Raises:
            HTTPInvalidHeader: The header is not a number (400).
        """
        value = self.get_header("Content-Length")
        if not value:
            return None
        length = parse_digits(value)
        if length is None:
            kind = "positive number" if parse_digits(value.lstrip("-")) is not None else "number"
            raise HTTPInvalidHeader(f"The value of the header must be a {kind}.", "Content-Length")
        return length

    @property
    def range(self) -> Optional[Tuple[int, int]]:
        """The first and last position of `Range`, or None.

        The last is -1 if the range is open; the first is negative if it counts from the end.

        Raises:
            HTTPInvalidHeader: The range is malformed, or there is more than one (400).
        """
        parts = self._range_parts()
        if parts is None:
            return None
        first, dash, last = (part.strip() for part in parts[1].partition("-"))
        start, end = parse_digits(first), parse_digits(last)
        if dash and not first and end:
            return -end, -1
        if dash and start is not None and (not last or (end is not None and start <= end)):
            return start, -1 if end is None else end
        raise HTTPInvalidHeader("The byte offsets are malformed.", "Range")

    @property
    def range_unit(self) -> Optional[str]:
        """The unit of `Range`, or None."""
        parts = self._range_parts()
        return None if parts is None else parts[0]

    def _range_parts(self) -> Optional[Tuple[str, str]]:
        value = self.get_header("Range")
        if value is None:
            return None
        unit, equals, rest = value.partition("=")
        if not equals:
            raise HTTPInvalidHeader("The value must be prefixed with a range unit, e.g. 'bytes='", "Range")
        return unit, rest

    def client_accepts(self, media_type: str) -> bool:
        """Return whether `Accept` includes a media type."""
        return quality(media_type, self.accept) > 0

    def client_prefers(self, media_types: List[str]) -> Optional[str]:
        """Return the media type with the greatest weight in `Accept`, the first of equals, or None."""
        return best_match(media_types, self.accept)

    @property
    def client_accepts_json(self) -> bool:
        """Whether the client accepts JSON."""
        return self.client_accepts("application/json")

    @property
    def client_accepts_xml(self) -> bool:
        """Whether the client accepts XML."""
        return self.client_accepts("application/xml")

    @property
    def client_accepts_msgpack(self) -> bool:
        """Whether the client accepts MessagePack."""
        return self.client_accepts("application/x-msgpack") or self.client_accepts("application/msgpack")
