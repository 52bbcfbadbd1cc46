"""The ASGI scope of a WSGI request.

Source: ASGI 3.0, "HTTP connection scope"; PEP 3333, "environ Variables" and "Unicode Issues".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Optional, Tuple
from urllib.parse import quote, unquote_to_bytes

from fenrir_core.authoring import SAFE_IN_PATH, RawHeaders, Scope, parse_digits

from ._types import Environ

#: HTTP versions that ASGI spells otherwise.
_VERSIONS = {"2.0": "2", "3.0": "3"}
_ASGI = {"version": "3.0", "spec_version": "2.4"}


def make_scope(environ: Environ, state: Optional[Dict[str, Any]] = None) -> Scope:
    """Return the ASGI scope of a request.

    Args:
        environ: The WSGI environment. It is the scope's `wsgi.environ` too.
        state: The state of the application's lifespan; each request has a copy of its own.

    Returns:
        An HTTP scope. `path` includes `root_path`, which is `SCRIPT_NAME`; `raw_path` holds
        the path as it was sent if the server keeps it (`RAW_URI`, `REQUEST_URI`), else a
        path that is quoted again, where an encoded slash is a slash.
    """
    root = environ.get("SCRIPT_NAME", "").rstrip("/").encode("latin-1")
    path = root + environ.get("PATH_INFO", "").encode("latin-1") or b"/"
    version = environ.get("SERVER_PROTOCOL", "").partition("/")[2] or "1.1"
    scope: Scope = {
        "type": "http",
        "asgi": dict(_ASGI),
        "http_version": _VERSIONS.get(version, version),
        "method": environ["REQUEST_METHOD"].upper(),
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "path": path.decode("utf-8", "replace"),
        "raw_path": _raw_path(environ, path),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": root.decode("utf-8", "replace"),
        "headers": _headers(environ),
        "client": _client(environ),
        "server": _server(environ),
        "wsgi.environ": environ,
    }
    if state is not None:
        scope["state"] = dict(state)
    return scope


def _raw_path(environ: Environ, path: bytes) -> bytes:
    for name in ("RAW_URI", "REQUEST_URI"):
        raw = str(environ.get(name) or "").partition("?")[0].encode("latin-1", "replace")
        if unquote_to_bytes(raw) == path:  # unless middleware has changed the path since
            return raw
    return quote(path, SAFE_IN_PATH).encode("ascii")


def _headers(environ: Environ) -> RawHeaders:
    pairs = []
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = _header_name(key[5:])
            if name not in (b"content-type", b"content-length"):
                pairs.append((name, value.encode("latin-1")))
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            pairs.append((_header_name(key), str(value).encode("latin-1")))
    return pairs


@lru_cache(maxsize=256)
def _header_name(variable: str) -> bytes:
    return variable.lower().replace("_", "-").encode("latin-1")


def _client(environ: Environ) -> Optional[Tuple[str, int]]:
    address = environ.get("REMOTE_ADDR")
    if not address:  # the peer of a Unix socket has none
        return None
    return address, _number(environ.get("REMOTE_PORT")) or 0


def _server(environ: Environ) -> Tuple[str, Optional[int]]:
    return environ.get("SERVER_NAME", ""), _number(environ.get("SERVER_PORT"))


def _number(text: Any) -> Optional[int]:
    return parse_digits(str(text or ""))
