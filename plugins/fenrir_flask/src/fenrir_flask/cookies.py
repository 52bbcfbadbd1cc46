"""The `Set-Cookie` header, with the attribute `Partitioned` for each version of Werkzeug."""

from __future__ import annotations

import inspect
from typing import Any

import werkzeug.http

#: COMPAT: Werkzeug 3.0, the last one for Python 3.8, does not know the attribute.
KNOWS_PARTITIONED = "partitioned" in inspect.signature(werkzeug.http.dump_cookie).parameters


def dump_cookie(key: str, value: str = "", *, partitioned: bool = False, **options: Any) -> str:
    """Return the value of the header.

    Args:
        key, value: The cookie.
        partitioned: Whether each top-level site has its own; it is then sent by HTTPS alone.
        **options: As for `werkzeug.http.dump_cookie`.
    """
    if KNOWS_PARTITIONED:
        return werkzeug.http.dump_cookie(key, value, partitioned=partitioned, **options)
    if not partitioned:
        return werkzeug.http.dump_cookie(key, value, **options)
    return f"{werkzeug.http.dump_cookie(key, value, **{**options, 'secure': True})}; Partitioned"
