"""The time zone of HTTP dates."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Optional

from ..deprecation import deprecated

__all__ = ["TimezoneGMT"]


class TimezoneGMT(tzinfo):
    """The time zone GMT; `datetime.timezone.utc` is the same and is preferred."""

    GMT_ZERO = timedelta(hours=0)

    @deprecated("Use datetime.timezone.utc instead.", method_name="TimezoneGMT")
    def __init__(self) -> None:
        super().__init__()

    def utcoffset(self, dt: Optional[datetime]) -> timedelta:
        """Return the offset from UTC: none."""
        return self.GMT_ZERO

    def tzname(self, dt: Optional[datetime]) -> str:
        """Return the zone's name."""
        return "GMT"

    def dst(self, dt: Optional[datetime]) -> timedelta:
        """Return the offset of summer time: none."""
        return self.GMT_ZERO
