"""Choose a media type by `Accept`.

Source: RFC 9110, section 12.5.1.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional

from fenrir_core.authoring import parse_options


class _Range(NamedTuple):
    kind: str
    subtype: str
    options: Dict[str, str]
    quality: float


def _ranges(header: str) -> List[_Range]:
    found = []
    for part in header.split(","):
        main, options = parse_options(part)
        kind, slash, subtype = main.partition("/")
        if not slash:
            continue
        try:
            weight = min(max(float(options.pop("q", "1")), 0.0), 1.0)
        except ValueError:
            continue
        found.append(_Range(kind, subtype, options, weight))
    return found


def quality(media_type: str, header: str) -> float:
    """Return how much the client likes a media type, 0.0 (not at all) to 1.0; the most specific range counts."""
    main, options = parse_options(media_type)
    kind, _, subtype = main.partition("/")
    best, best_weight = -1, 0.0
    for item in _ranges(header):
        if item.kind not in ("*", kind) or item.subtype not in ("*", subtype):
            continue
        if any(options.get(name) != value for name, value in item.options.items()):
            continue
        specific = (item.kind != "*") * 100 + (item.subtype != "*") * 10 + len(item.options)
        if specific > best:
            best, best_weight = specific, item.quality
    return best_weight


def best_match(media_types: Iterable[str], header: str) -> Optional[str]:
    """Return the media type that the client likes best, the first of equals, or None."""
    best, best_quality = None, 0.0
    for media_type in media_types:
        liked = quality(media_type, header)
        if liked > best_quality:
            best, best_quality = media_type, liked
    return best
