"""The parts of a file that a request asks for.

Source: RFC 9110, section 14.2.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

import fenrir_core
from fenrir_core.authoring import FileParts, file_parts, parse_digits

from ..exceptions import HeaderNotFound, InvalidRangeType, RangeNotSatisfiable


class ContentRangeHandler:
    """The part of a file that a `Range` header asks for, or several, which `start` and `end` enclose.

    Args:
        request: The request.
        stats: The state of the file.

    Raises:
        HeaderNotFound: There is no such header, or it is to be ignored: it asks for more than 10 parts, or for more
            than the file.
        InvalidRangeType: Its unit is not bytes.
        RangeNotSatisfiable: It is broken, or not within the file.
    """

    __slots__ = ("start", "end", "size", "total", "headers", "several")

    def __init__(self, request: Any, stats: os.stat_result) -> None:
        self.total = stats.st_size
        sent = request.headers.get("range")
        if sent is None:
            raise HeaderNotFound("Range Header Not Found")
        unit, _, value = (part.strip() for part in sent.partition("="))
        if unit != "bytes":
            raise InvalidRangeType(f"{unit} is not a valid Range Type", self)
        #: The header's value, if it asks for several parts.
        self.several = sent if "," in value else None
        if self.several is not None:
            self._set_several(self.several)
            return
        start, _, end = (part.strip() for part in value.partition("-"))
        first, last = self._number(start), self._number(end)
        if first is None and last is None:
            raise RangeNotSatisfiable("Invalid for Content Range parameters", self)
        if first is None:
            first, last = max(self.total - (last or 0), 0), self.total - 1
        elif last is None or last >= self.total:
            last = self.total - 1
        assert last is not None
        if first > last:
            raise RangeNotSatisfiable("Invalid for Content Range parameters", self)
        self.start, self.end, self.size = first, last, last - first + 1
        self.headers: Dict[str, str] = {"Content-Range": f"bytes {first}-{last}/{self.total}"}

    def _set_several(self, sent: str) -> None:
        try:
            parts = file_parts(sent, self.total, "")
        except fenrir_core.RangeNotSatisfiable:
            raise RangeNotSatisfiable("Invalid for Content Range parameters", self) from None
        if parts is None:
            raise HeaderNotFound("Range Header Is Ignored")
        spans = [(start, stop) for _, start, stop in parts.pieces if stop]
        self.start, self.end = min(start for start, _ in spans), max(stop for _, stop in spans) - 1
        self.size, self.headers = self.end - self.start + 1, {}

    def parts(self, media_type: str) -> Optional[FileParts]:
        """Return what is sent where several parts are asked for, else None.

        Args:
            media_type: The file's, which each part has in its head.
        """
        return file_parts(self.several, self.total, media_type) if self.several is not None else None

    def _number(self, text: str) -> Optional[int]:
        number = parse_digits(text)
        if text and number is None:
            raise RangeNotSatisfiable(f"'{text}' is invalid for Content Range", self)
        return number

    def __bool__(self) -> bool:
        return getattr(self, "size", 0) > 0
