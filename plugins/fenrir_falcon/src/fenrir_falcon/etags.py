"""Dates and entity tags as headers carry them.

Source: RFC 9110, sections 5.6.7 and 8.8.3.
"""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import List, Union


def dt_to_http(moment: datetime) -> str:
    """Return a point in time as headers have it; a naive one is UTC."""
    aware = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    return format_datetime(aware, usegmt=True)


def http_date_to_dt(text: str) -> datetime:
    """Read a header's date, in UTC.

    Raises:
        ValueError: It is no date.
    """
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, IndexError, ValueError):
        raise ValueError(f"{text!r} is no HTTP date.") from None
    return found.replace(tzinfo=timezone.utc) if found.tzinfo is None else found.astimezone(timezone.utc)


class ETag(str):
    """An entity tag's opaque text; `is_weak` tells a weak one."""

    is_weak = False

    def dumps(self) -> str:
        """Return the tag as a header has it."""
        return f'W/"{self}"' if self.is_weak else f'"{self}"'

    @classmethod
    def loads(cls, text: str) -> ETag:
        """Read one tag from a header."""
        is_weak = text[:2] in ("W/", "w/")
        tag = cls((text[2:] if is_weak else text).strip('"'))
        tag.is_weak = is_weak
        return tag

    def strong_compare(self, other: ETag) -> bool:
        """Return whether both are strong and equal."""
        return self == other and not (self.is_weak or other.is_weak)


def parse_etags(text: str) -> List[Union[str, ETag]]:
    """Read `If-Match` or `If-None-Match`: a list of tags, or ``["*"]``; empty for what is no list."""
    text = text.strip()
    if text == "*":
        return ["*"]
    found: List[Union[str, ETag]] = []
    for part in text.split(","):
        piece = part.strip()
        if piece:
            found.append(ETag.loads(piece))
    return found
