"""The cookies of a request as Starlette reads them."""

from __future__ import annotations

import re
from typing import Dict, Match

__all__ = ["cookie_parser"]

_ESCAPE = re.compile(r"\\(?:([0-3][0-7]{2})|(.))", re.S)


def cookie_parser(cookie_string: str) -> Dict[str, str]:
    """Return the cookies of one `Cookie` header.

    Args:
        cookie_string: The value of the header.

    Returns:
        The values by name, quoted ones unquoted. Of a repeated name the last one counts, and a part without "=" is
        the value of the name ``""``.
    """
    found: Dict[str, str] = {}
    for part in cookie_string.split(";"):
        name, equals, value = part.partition("=")
        if not equals:
            name, value = "", part
        name, value = name.strip(), value.strip()
        if name or value:
            found[name] = _unquoted(value)
    return found


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    return _ESCAPE.sub(_unescape, value[1:-1])


def _unescape(found: Match[str]) -> str:
    octal, other = found.groups()
    return chr(int(octal, 8)) if octal else str(other)
