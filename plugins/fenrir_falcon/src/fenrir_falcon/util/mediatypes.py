"""Media types: headers with parameters, and the choice among what a client accepts.

Source: RFC 9110, sections 8.3.1 and 12.5.1.
"""

from __future__ import annotations

import math
from typing import Dict, Iterable, Iterator, List, Tuple

from ..errors import InvalidMediaRange, InvalidMediaType

__all__ = ["best_match", "parse_header", "quality"]

_Type = Tuple[str, str, Dict[str, str]]


def parse_header(line: str) -> Tuple[str, Dict[str, str]]:
    """Return the value and the parameters of a header such as `Content-Type`.

    Parameters without "=" are ignored; names are in lower case, quotes are removed.
    """
    parts = list(_split(line, ";"))
    params = {}
    for part in parts[1:]:
        name, equals, value = part.partition("=")
        if not equals:
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = value[1:-1].replace("\\\\", "\\").replace('\\"', '"')
        params[name.strip().lower()] = value
    return parts[0].strip(), params


def _split(line: str, separator: str) -> Iterator[str]:
    """Split a text at a separator that is not in quotes."""
    start, quoted, escaped = 0, False, False
    for index, char in enumerate(line):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == separator and not quoted:
            yield line[start:index]
            start = index + 1
    yield line[start:]


def _parse_type(text: str, error: type = InvalidMediaType) -> _Type:
    value, params = parse_header(text)
    main, slash, sub = (part.strip().lower() for part in value.partition("/"))
    if value == "*":
        main, slash, sub = "*", "/", "*"
    if not (main and slash and sub):
        raise error(f"The media type value must contain type/subtype: {text!r}.")
    return main, sub, params


def _parse_ranges(header: str) -> List[Tuple[_Type, float]]:
    found = []
    for text in _split(header, ","):
        main, sub, params = _parse_type(text, InvalidMediaRange)
        try:
            weight = float(params.pop("q", "1"))
        except ValueError:
            raise InvalidMediaRange(f"The q parameter of {text!r} must be a number.") from None
        if not math.isfinite(weight) or not 0.0 <= weight <= 1.0:
            raise InvalidMediaRange(f"The q parameter of {text!r} must be between 0 and 1.")
        found.append(((main, sub, params), weight))
    return found


def _score(wanted: _Type, offered: _Type) -> Tuple[int, int, int, int]:
    """Return how closely a range matches a type; all parts are -1 if it does not."""
    main, sub, params = wanted
    if main not in ("*", offered[0]) or sub not in ("*", offered[1]):
        return (-1, -1, -1, -1)
    same = sum(1 for name, value in params.items() if offered[2].get(name) == value)
    exact = 1 if params == offered[2] else 0
    if any(offered[2].get(name, value) != value for name, value in params.items()):
        return (-1, -1, -1, -1)
    return (int(main != "*"), int(sub != "*"), exact, same)


def quality(media_type: str, header: str) -> float:
    """Return the weight, from 0 to 1, that the header `Accept` gives to a media type.

    Raises:
        InvalidMediaType, InvalidMediaRange: The media type or the header is malformed.
    """
    return _weigh(_parse_type(media_type), _parse_ranges(header))


def _weigh(offered: _Type, ranges: List[Tuple[_Type, float]]) -> float:
    best, weight = (-1, -1, -1, -1), 0.0
    for wanted, value in ranges:
        score = _score(wanted, offered)
        if score[0] >= 0 and (score > best or (score == best and value > weight)):
            best, weight = score, value
    return weight


def best_match(media_types: Iterable[str], header: str) -> str:
    """Return the media type to which the header `Accept` gives the greatest weight, the first of equals.

    Returns:
        The media type, or ``""`` if the client accepts none.

    Raises:
        InvalidMediaType, InvalidMediaRange: A media type or the header is malformed.
    """
    ranges = _parse_ranges(header)
    best, weight = "", 0.0
    for media_type in media_types:
        value = _weigh(_parse_type(media_type), ranges)
        if value > weight:
            best, weight = media_type, value
    return best
