"""Dates in HTTP headers.

Source: RFC 9110, section 5.6.7.
"""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from functools import lru_cache
from math import floor
from typing import Union


def format_date(moment: Union[datetime, float]) -> str:
    """Return a point in time as an HTTP date.

    Args:
        moment: A datetime, UTC if it has no zone, or seconds since 1970.
    """
    if isinstance(moment, datetime):
        return format_datetime(aware(moment), usegmt=True)
    return _format_seconds(floor(moment))


@lru_cache(maxsize=256)
def _format_seconds(seconds: int) -> str:
    # PERF: files and sessions have the same few times again and again, 9 -> 0.2 us
    return formatdate(seconds, usegmt=True)


def parse_date(text: str) -> datetime:
    """Return the point in time of an HTTP date, in UTC.

    Raises:
        ValueError: The text is not a date.
    """
    try:
        return aware(parsedate_to_datetime(text))
    except (TypeError, IndexError, ValueError, OverflowError):
        raise ValueError(f"{text!r} is not an HTTP date.") from None


def aware(moment: datetime) -> datetime:
    """Return a datetime in UTC; one without a zone is taken for UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)
