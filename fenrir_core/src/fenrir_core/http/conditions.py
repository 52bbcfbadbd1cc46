"""Conditional and range requests.

Source: RFC 9110, sections 8.8 (validators), 13 (conditional requests) and 14 (ranges).
"""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple, Optional, Tuple

from ..exceptions import PreconditionFailed, RangeNotSatisfiable
from .dates import parse_date
from .headers import Headers

Ranges = List[Tuple[int, int]]

#: The headers by which `decide` decides; without any of them all of a representation is sent.
CONDITIONS = frozenset(
    (b"if-match", b"if-modified-since", b"if-none-match", b"if-unmodified-since", b"if-range", b"range")
)
_MAX_RANGES = 10
_is_range = re.compile(r"([0-9]{0,18})-([0-9]{0,18})").fullmatch
_tags = re.compile(r'(?:W/)?("[^"]*")')
_listed = re.compile(r'(W/)?("[^"]*")').findall


class Decision(NamedTuple):
    """What is sent of a representation.

    Args:
        status: 200, 206 or 304.
        ranges: The parts to send with 206, as pairs `(start, stop)` in bytes.
    """

    status: int
    ranges: Ranges


def decide(
    method: str, headers: Headers, *, size: Optional[int], etag: Optional[str] = None, modified: Optional[float] = None
) -> Decision:
    """Return what is sent of a representation, by the conditions and ranges of a request.

    Args:
        method: The request's method. Ranges are for GET, copies of the client for GET and HEAD.
        headers: The request's headers.
        size: The size in bytes; None if it is unknown, so that there are no ranges.
        etag: The current entity tag, quoted; None if there is none.
        modified: The time of change in seconds since 1970; None if it is unknown.

    Raises:
        PreconditionFailed: The request is for another version (412).
        RangeNotSatisfiable: No range is within the representation (416).

    Source: RFC 9110, section 13.2.2 (the order of the conditions).
    """
    if _is_other_version(headers, etag, modified):
        raise PreconditionFailed()
    if method in ("GET", "HEAD"):
        if not_modified(headers, etag, modified):
            return Decision(304, [])
        wanted = headers.get("range") if method == "GET" and size is not None else None
        if wanted and size is not None and range_applies(headers, etag, modified):
            ranges = parse_range(wanted, size)
            if ranges is not None:
                return Decision(206, ranges)
    return Decision(200, [])


def _is_other_version(headers: Headers, etag: Optional[str], modified: Optional[float]) -> bool:
    """Return whether a precondition fails (RFC 9110, sections 13.1.1 and 13.1.4; strong comparison)."""
    sent = ", ".join(headers.getlist("if-match")).strip()
    if sent:
        strong = {tag for weak, tag in _listed(sent) if not weak}
        return sent != "*" and etag not in strong
    since = seconds_of(headers.get("if-unmodified-since"))
    return since is not None and modified is not None and int(modified) > since


def etag_for(stat: os.stat_result) -> str:
    """Return a strong entity tag, quoted, made of a file's size and time of change."""
    return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def seconds_of(text: Optional[str]) -> Optional[int]:
    """Return an HTTP date as seconds since 1970, or None if it is not one."""
    if not text:  # PERF: few requests have such a header
        return None
    try:
        return int(parse_date(text).timestamp())
    except (ValueError, OverflowError):
        return None


def parse_range(header: str, size: int) -> Optional[Ranges]:
    """Read a `Range` header.

    Args:
        header: The value, such as ``bytes=0-499,-500``.
        size: The size of the representation in bytes.

    Returns:
        `(start, stop)` pairs, `stop` not included, in the order asked for. None when the header
        is to be ignored: another unit, a mistake in it, or more than a client can need (over 10
        ranges, or together more than the whole, which is a way to overload servers).

    Raises:
        RangeNotSatisfiable: No range is within the representation.

    Source: RFC 9110, sections 14.1.2 and 14.2.
    """
    unit, _, text = header.partition("=")
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(wanted) <= _MAX_RANGES:
        return None
    ranges: Ranges = []
    for part in wanted:
        match = _is_range(part)
        if match is None or part == "-":
            return None
        first, last = match.groups()
        if not first:
            start, stop = max(size - int(last), 0), size
        else:
            start, stop = int(first), min(int(last) + 1, size) if last else size
            if last and int(last) < start:
                return None
        if start < stop:
            ranges.append((start, stop))
    if not ranges:
        if size == 0 and any(part.startswith("-") and int(part[1:]) for part in wanted):
            return None  # satisfiable, but no Content-Range can say so
        raise RangeNotSatisfiable(size)
    return ranges if sum(stop - start for start, stop in ranges) <= size else None


def not_modified(headers: Headers, etag: Optional[str], mtime: Optional[float]) -> bool:
    """Return whether the client's copy is still valid, so that GET or HEAD is answered with 304.

    Args:
        headers: The request's headers. `If-None-Match` precedes `If-Modified-Since`.
        etag: The current entity tag, quoted; None if there is none.
        mtime: The time of change in seconds since 1970; None if it is unknown.

    Source: RFC 9110, sections 13.1.2, 13.1.3 and 13.2.2 (weak comparison).
    """
    sent = ", ".join(headers.getlist("if-none-match"))
    if sent:
        if sent.strip() == "*":
            return True
        match = _tags.fullmatch(etag or "")
        return match is not None and match.group(1) in _tags.findall(sent)
    since = seconds_of(headers.get("if-modified-since"))
    return since is not None and mtime is not None and int(mtime) <= since


def range_applies(headers: Headers, etag: Optional[str], mtime: Optional[float]) -> bool:
    """Return whether `Range` applies: `If-Range` is missing, or names exactly this version.

    Args:
        headers: The request's headers.
        etag: As in `not_modified`.
        mtime: As in `not_modified`.

    Source: RFC 9110, section 13.1.5 (strong comparison).
    """
    sent = headers.get("if-range")
    if sent is None:
        return True
    if sent.lstrip().startswith(('"', "W/")):
        return sent.strip() == etag and not sent.lstrip().startswith("W/")
    date = seconds_of(sent)
    return date is not None and mtime is not None and int(mtime) == date
