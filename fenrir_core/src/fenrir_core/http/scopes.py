"""Scopes of connections that were not opened by a server, and of those that are observed.

Source: ASGI 3.0, "HTTP connection scope".
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional
from urllib.parse import unquote

from .._types import TRACE, Scope
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


def observed(scope: Scope, observer: Any) -> Dict[str, Any]:
    """Return a copy of a scope for the app inside, so that an observer is told what serves the request.

    Observers further out, which did the same, are still told, too.

    Args:
        scope: The scope that an ASGI middleware was called with.
        observer: Its `append` gets what `record` records; a list will do.
    """
    outer = scope.get(TRACE)
    return {**scope, TRACE: observer if outer is None else _Both(observer, outer)}


class _Both:
    """Two observers of one request."""

    def __init__(self, inner: Any, outer: Any) -> None:
        self._inner, self._outer = inner, outer

    def append(self, item: object) -> None:
        """Tell both."""
        self._inner.append(item)
        self._outer.append(item)
