"""The WSGI environment of an ASGI request.

Source: PEP 3333, "environ Variables" and "Unicode Issues"; ASGI 3.0, "HTTP connection scope".
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, Optional
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

from fenrir_core.authoring import DEFAULT_PORTS, Scope, parse_digits, parse_host, sent_host, server_host

from ._types import Environ

#: Headers that never become variables: `Proxy` would be read as HTTP_PROXY by clients inside the application, and
#: the server has already taken the transfer coding off.
_LEFT_OUT = frozenset({"PROXY", "TRANSFER-ENCODING"})


def make_environ(scope: Scope, prefix: str, body: Any, length: Optional[int]) -> Environ:
    """Return the WSGI environment of a request.

    Args:
        scope: The ASGI scope; its `root_path` ends with `prefix`.
        prefix: The path that the application is mounted at, ``""`` or without trailing slash.
        body: The binary stream that the application reads.
        length: The body's length in bytes, or None if it is unknown before the end.

    Returns:
        The variables of PEP 3333, where each character of a text stands for a byte (latin-1);
        further `RAW_URI` (path and query as they were sent), `wsgi.input_terminated` and
        `asgi.scope`.
    """
    query = scope.get("query_string", b"").decode("latin-1")
    scheme = scope.get("scheme", "http")
    server, port = parse_host(server_host(scope) or "localhost") or ("localhost", None)
    raw, root = _raw_path(scope), _latin(scope.get("root_path", "").rstrip("/"))
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": _path_info(scope, raw, root, prefix),
        "QUERY_STRING": query,
        "RAW_URI": raw.decode("latin-1") + (f"?{query}" if query else ""),
        "SERVER_NAME": f"[{server}]" if ":" in server else server,
        "SERVER_PORT": str(port or DEFAULT_PORTS.get(scheme, 80)),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "asgi.scope": scope,
    }
    client = scope.get("client")
    if client:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = str(client[0]), str(client[1])
    _add_headers(environ, scope)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    elif parse_digits(environ.get("CONTENT_LENGTH")) is None:
        environ.pop("CONTENT_LENGTH", None)  # applications pass it to int()
    return environ


def _add_headers(environ: Environ, scope: Scope) -> None:
    # PEP 3333 builds URLs with HTTP_HOST: one that is no host is left out, so that SERVER_NAME takes its place
    has_host = sent_host(scope) is not None
    for name, value in scope["headers"]:
        key = _variable(name)
        if key is None or (key == "HTTP_HOST" and not has_host):
            continue
        text = value.decode("latin-1")
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        environ[key] = text


@lru_cache(maxsize=256)
def _variable(name: bytes) -> Optional[str]:
    """Return the variable's name for a header; None if the header is left out."""
    key = name.decode("latin-1").upper()
    # `X_User` and `X-User` would be one variable: a client could forge a header that a proxy sets
    if key in _LEFT_OUT or "_" in key:
        return None
    key = key.replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _latin(text: str) -> str:
    """Return a text's UTF-8 bytes as characters, the form that PEP 3333 requires."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _raw_path(scope: Scope) -> bytes:
    raw: Optional[bytes] = scope.get("raw_path")
    # ASGI: raw_path is optional and has no query, but some servers and test clients include one
    return raw.partition(b"?")[0] if raw is not None else _latin(scope["path"]).encode("latin-1")


def _path_info(scope: Scope, raw: bytes, root: str, prefix: str) -> str:
    """Return the path after the prefix: ``""`` for the prefix itself, else with a leading slash."""
    encoded = 37 in raw and scope.get("raw_path") is not None
    path = (unquote_to_bytes(raw) if encoded else raw).decode("latin-1")
    # a server may leave its own root_path out of the path, so the prefix alone is tried too
    for start in (root, _latin(prefix)):
        if path == start or path.startswith(start + "/"):
            return path[len(start) :]
    return path
