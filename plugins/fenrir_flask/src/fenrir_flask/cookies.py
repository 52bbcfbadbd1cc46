"""The `Set-Cookie` header, with the attribute `Partitioned` for each version of Werkzeug."""

from __future__ import annotations

import inspect
import re
from typing import Any, Match

import werkzeug.http

#: COMPAT: Werkzeug 3.0, the last one for Python 3.8, does not know the attribute.
KNOWS_PARTITIONED = "partitioned" in inspect.signature(werkzeug.http.dump_cookie).parameters
#: COMPAT: Werkzeug 3 leaves these control characters as they are in a quoted value.
_controls = re.compile("[\x1a-\x1f]").sub


def _octal(found: Match[str]) -> str:
    return f"\\{ord(found.group()):03o}"


def dump_cookie(key: str, value: str = "", *, partitioned: bool = False, **options: Any) -> str:
    """Return the value of the header.

    Args:
        key, value: The cookie.
        partitioned: Whether each top-level site has its own; it is then sent by HTTPS alone.
        **options: As for `werkzeug.http.dump_cookie`.
    """
    if KNOWS_PARTITIONED:
        options["partitioned"] = partitioned
    elif partitioned:
        options["secure"] = True
    text = _controls(_octal, werkzeug.http.dump_cookie(key, value, **options))
    return f"{text}; Partitioned" if partitioned and not KNOWS_PARTITIONED else text
