"""Scopes of connections that were not opened by a server, and texts of clients that are safe to log.

Source: ASGI 3.0, "HTTP connection scope".
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional
from urllib.parse import unquote

from .headers import encode_headers


def http_scope(path: str = "/", method: str = "GET", headers: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
    """Return the scope of an HTTP request.

    Args:
        path: The percent-encoded path, with a query after "?".
        method: The method, in any case.
        headers: The headers by name, in any case; `Host` is ``localhost`` by default.
    """
    bare, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method.upper(),
        "scheme": "http",
        "path": unquote(bare),
        "raw_path": bare.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": encode_headers({"host": "localhost", **(headers or {})}),
        "client": None,
        "server": ("localhost", 80),
    }


def printable(value: object) -> str:
    """Return the text of a value with its control characters escaped, so that a log has it in one line.

    Line separators, escape sequences of terminals and lone surrogates are escaped too; letters of any script are kept.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
