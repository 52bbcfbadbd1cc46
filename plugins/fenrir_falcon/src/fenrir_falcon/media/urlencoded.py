"""The media handler of URL-encoded forms."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from fenrir_core import MultiDict, current
from fenrir_core.authoring import FormLimits, split_query

from ..exceptions import MediaMalformedError
from ..util.misc import to_query_str
from .base import AsyncReadableIO, BaseHandler, ReadableIO

__all__ = ["URLEncodedFormHandler"]


class URLEncodedFormHandler(BaseHandler):
    """The media handler of ``application/x-www-form-urlencoded``.

    Args:
        keep_blank: Whether fields with an empty value are kept.
        csv: Whether a value with commas is a list.
    """

    def __init__(self, keep_blank: bool = True, csv: bool = False) -> None:
        self._keep_blank, self._csv = keep_blank, csv

    def deserialize(self, stream: ReadableIO, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the fields of a form; the value of a repeated name is a list."""
        return self._read(stream.read())

    async def deserialize_async(
        self, stream: AsyncReadableIO, content_type: Optional[str], content_length: Optional[int]
    ) -> Any:
        """Return the fields of a form that is read from an asynchronous stream."""
        return self._read(await stream.read())

    def _read(self, body: bytes) -> Dict[str, Any]:
        try:
            body.decode("ascii")
        except UnicodeDecodeError as error:
            raise MediaMalformedError("URL-encoded") from error
        connection = current.get(None)
        limits = FormLimits() if connection is None else connection.compiled_route.form_limits
        return self.fields(split_query(body, limits.max_fields))

    def fields(self, pairs: Any) -> Dict[str, Any]:
        """Return the fields of a form that was parsed already; see `grouped`."""
        return grouped(pairs, self._keep_blank, self._csv)

    def serialize(self, media: Any, content_type: Optional[str] = None) -> bytes:
        """Return a mapping as a form."""
        return to_query_str(media, comma_delimited_lists=False, prefix=False).encode()


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
            found[name] = values if len(values) != 1 or (csv and isinstance(value, str) and "," in value) else values[0]
    return found
