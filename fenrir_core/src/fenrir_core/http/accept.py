"""Content negotiation: `Accept` and the other headers of its form.

Source: RFC 9110, sections 12.4.2 (weights) and 12.5.1 (`Accept`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, Iterable, List, NamedTuple, Optional

from .headers import parse_options


class AcceptedRange(NamedTuple):
    """One item of an `Accept` header.

    Args:
        value: The range in lower case without parameters: a media range such as ``text/*``, or an item of another
            such header (a language, a coding).
        options: Its parameters without the weight.
        quality: The weight, 0.0 (not acceptable) to 1.0.
    """

    value: str
    options: Dict[str, str]
    quality: float


def parse_accept(header: str) -> List[AcceptedRange]:
    """Return the items of an `Accept` header in its order, without those whose weight is not a number."""
    found: List[AcceptedRange] = []
    for part in header.split(","):
        value, options = parse_options(part)
        try:
            weight = min(max(float(options.pop("q", "1")), 0.0), 1.0)
        except ValueError:
            continue
        if value:
            found.append(AcceptedRange(value, options, weight))
    return found


def quality(media_type: str, header: str) -> float:
    """Return the weight of a media type in an `Accept` header, 0.0 (not acceptable) to 1.0.

    The most specific range that matches counts.
    """
    # PERF: most clients send one of a few headers, 5 us; a long one is not among them, and would take memory
    return _known_quality(media_type, header) if len(header) < 256 else _quality(media_type, header)


def _quality(media_type: str, header: str) -> float:
    value, options = parse_options(media_type)
    kind, _, subtype = value.partition("/")
    best, weight = -1, 0.0
    for item in parse_accept(header):
        main, slash, sub = item.value.partition("/")
        if not slash or main not in ("*", kind) or sub not in ("*", subtype):
            continue
        if any(options.get(name) != text for name, text in item.options.items()):
            continue
        specific = (main != "*") * 100 + (sub != "*") * 10 + len(item.options)
        if specific > best:
            best, weight = specific, item.quality
    return weight


_known_quality = lru_cache(maxsize=512)(_quality)


def best_match(media_types: Iterable[str], header: str) -> Optional[str]:
    """Return the media type with the greatest weight, the first of several; None if none is acceptable."""
    best, greatest = None, 0.0
    for media_type in media_types:
        weight = quality(media_type, header)
        if weight > greatest:
            best, greatest = media_type, weight
    return best
