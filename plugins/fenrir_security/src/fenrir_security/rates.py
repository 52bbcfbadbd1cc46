"""Rates as people write them: ``10/minute``, ``5/15 minutes``, ``10/second, 1000/hour``."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any, Tuple

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
}  # fmt: skip
_rate = re.compile(r"([0-9]{1,9})\s*(?:/|\s+per\s+)\s*([0-9]{1,6})?\s*([A-Za-z]+)").fullmatch


@dataclass(frozen=True)
class Rate:
    """A number of requests in a period.

    Args:
        count: The number.
        seconds: The period.
        text: As it was written, for messages and headers.
    """

    count: int
    seconds: int
    text: str


def parse_rates(text: Any) -> Tuple[Rate, ...]:
    """Return one rate, or several that are separated by commas and all apply.

    Raises:
        ValueError: The text is not a rate; the message says why, with the near match of a unit.
    """
    if not isinstance(text, str):
        raise ValueError("it must be text such as '10/minute'")
    return tuple(_parse(part.strip()) for part in text.split(","))


def _parse(text: str) -> Rate:
    found = _rate(text)
    if found is None:
        raise ValueError(f"{text!r} is not a rate such as '10/minute', '5/15 minutes' or '10/second, 1000/hour'")
    count, number, unit = int(found[1]), int(found[2] or 1), found[3].lower()
    if unit not in _UNITS:
        near = difflib.get_close_matches(unit, _UNITS, 1)
        hint = f"did you mean {near[0]!r}?" if near else "there are second, minute, hour and day"
        raise ValueError(f"{text!r} has the unknown unit {found[3]!r}; {hint}")
    if not count or not number:
        raise ValueError(f"{text!r} has a zero; use whole numbers from 1")
    seconds = number * _UNITS[unit]
    if count > seconds * 100_000:
        raise ValueError(f"{text!r} is over 100,000 a second")
    return Rate(count, seconds, re.sub(r"\s+", " ", text))
