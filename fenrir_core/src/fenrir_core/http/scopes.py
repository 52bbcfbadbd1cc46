"""Scopes of connections that were not opened by a server.

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
