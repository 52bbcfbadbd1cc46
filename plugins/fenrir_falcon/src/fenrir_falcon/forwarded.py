"""The header `Forwarded`: who forwarded a request, for whom.

Source: RFC 7239.
"""

from __future__ import annotations

import re
from typing import List, Optional

from .util.uri import unquote_string

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PAIR = re.compile(rf"""({_TOKEN})\s*=\s*("(?:[^"\\]|\\.)*"|{_TOKEN})""")
_SKIPPED = re.compile(f"{_TOKEN}|.", re.DOTALL)


class Forwarded:
    """One hop of a forwarded request.

    Attributes:
        src: The node that made the request to the proxy (`for`).
        dest: The interface where the proxy received it (`by`).
        host: The header `Host` that the proxy received.
        scheme: The scheme of the request to the proxy, in lower case (`proto`).
    """

    __slots__ = ("dest", "host", "scheme", "src")

    def __init__(self) -> None:
        self.src: Optional[str] = None
        self.dest: Optional[str] = None
        self.host: Optional[str] = None
        self.scheme: Optional[str] = None


def parse_forwarded(header: str) -> List[Forwarded]:
    """Return the hops of a header, the client's first; parts that are malformed are skipped."""
    found: List[Forwarded] = []
    hop: Optional[Forwarded] = None
    position = 0
    while position < len(header):
        if header[position] == ",":
            hop, position = None, position + 1
            continue
        match = _PAIR.match(header, position)
        if match is None:  # of a token no part begins a pair, so that a long one costs linear time
            skipped = _SKIPPED.match(header, position)
            position = skipped.end() if skipped else position + 1
            continue
        position = match.end()
        if hop is None:
            hop = Forwarded()
            found.append(hop)
        name, value = match.group(1).lower(), unquote_string(match.group(2))
        if name == "by":
            hop.dest = value
        elif name == "for":
            hop.src = value
        elif name == "host":
            hop.host = value
        elif name == "proto":
            hop.scheme = value.lower()
    return found
