"""Converters of path fields, as Falcon's apps define them."""

from __future__ import annotations

import math
import re
import uuid
from datetime import datetime
from typing import Any, ClassVar, Dict, Iterable, Optional, Tuple, Type

__all__ = [
    "BaseConverter",
    "DateTimeConverter",
    "FloatConverter",
    "IntConverter",
    "PathConverter",
    "RegexConverter",
    "UUIDConverter",
]


class BaseConverter:
    """The base of converters: `convert` returns the value of a field, or None where the path does not match."""

    #: Whether the field takes the rest of the path, as a list of segments.
    CONSUME_MULTIPLE_SEGMENTS: ClassVar[bool] = False

    def convert(self, value: Any) -> Any:
        """Return the value of a text, or None if it has none."""
        raise NotImplementedError()


class IntConverter(BaseConverter):
    """A converter of integers.

    Args:
        num_digits: How many digits there must be.
        min, max: The bounds.

    Raises:
        ValueError: There can't be as many digits.
    """

    def __init__(
        self,
        num_digits: Optional[int] = None,
        min: Optional[int] = None,
        max: Optional[int] = None,
    ) -> None:
        if num_digits is not None and num_digits < 1:
            raise ValueError("num_digits must be at least 1")
        self._num_digits, self._min, self._max = num_digits, min, max

    def convert(self, value: str) -> Optional[int]:
        """Return the integer, or None."""
        if self._num_digits is not None and len(value) != self._num_digits:
            return None
        if value.strip() != value:
            return None
        try:
            found = int(value)
        except ValueError:
            return None
        return found if _is_within(found, self._min, self._max) else None


class FloatConverter(BaseConverter):
    """A converter of floats.

    Args:
        min, max: The bounds.
        finite: Whether infinity and "not a number" are refused.
    """

    def __init__(
        self,
        min: Optional[float] = None,
        max: Optional[float] = None,
        finite: bool = True,
    ) -> None:
        self._min, self._max, self._finite = min, max, finite

    def convert(self, value: str) -> Optional[float]:
        """Return the float, or None."""
        if value.strip() != value:
            return None
        try:
            found = float(value)
        except ValueError:
            return None
        if self._finite and not math.isfinite(found):
            return None
        return found if _is_within(found, self._min, self._max) else None


def _is_within(value: float, low: Optional[float], high: Optional[float]) -> bool:
    return not ((low is not None and value < low) or (high is not None and value > high))


class DateTimeConverter(BaseConverter):
    """A converter of dates and times.

    Args:
        format_string: As for `strptime`.
    """

    def __init__(self, format_string: str = "%Y-%m-%dT%H:%M:%S%z") -> None:
        self._format = format_string

    def convert(self, value: str) -> Optional[datetime]:
        """Return the datetime, or None."""
        try:
            return datetime.strptime(value, self._format)
        except ValueError:
            return None


class UUIDConverter(BaseConverter):
    """A converter of UUIDs."""

    def convert(self, value: str) -> Optional[uuid.UUID]:
        """Return the UUID, or None."""
        try:
            return uuid.UUID(value)
        except ValueError:
            return None


class PathConverter(BaseConverter):
    """A converter of the rest of a path, which must be the last field."""

    CONSUME_MULTIPLE_SEGMENTS = True

    def convert(self, value: Iterable[str]) -> str:
        """Return the segments, joined by slashes."""
        return "/".join(value)


class RegexConverter(BaseConverter):
    """A converter of what a regular expression matches.

    Args:
        pattern: The expression; it must match all of the text.
        group: The name of the group whose text is the value; the whole text by default.
    """

    def __init__(self, pattern: str, group: Optional[str] = None) -> None:
        self._pattern, self._group = re.compile(pattern), group

    def convert(self, value: str) -> Optional[str]:
        """Return the text, or None."""
        match = self._pattern.fullmatch(value)
        if match is None:
            return None
        return match.group(self._group) if self._group is not None else value


BUILTIN: Tuple[Tuple[str, Type[BaseConverter]], ...] = (
    ("int", IntConverter),
    ("dt", DateTimeConverter),
    ("uuid", UUIDConverter),
    ("float", FloatConverter),
    ("path", PathConverter),
    ("re", RegexConverter),
)
Converters = Dict[str, Type[BaseConverter]]
