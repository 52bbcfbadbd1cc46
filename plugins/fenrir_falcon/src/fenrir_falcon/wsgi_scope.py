"""The ASGI scope of a request that a WSGI server made, for code that runs in that server's thread."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Tuple

from fenrir_core.authoring import RawHeaders, Scope
from fenrir_wsgi import Environ, make_scope


def scope_of(environ: Environ) -> Scope:
    """Return the ASGI scope of a request; `make_scope` for what the usual request has not."""
    path = environ.get("PATH_INFO") or "/"
    if environ.get("SCRIPT_NAME") or not path.isascii():
        names = {key: value for key, value in environ.items() if key[:5] != "HTTP_"}
        given = _Scope(make_scope(names))
        given["raw_path"] = None  # COMPAT: an encoded slash is a slash, as WSGI servers decode it
        given["method"], given["wsgi.environ"] = environ["REQUEST_METHOD"], environ
        del given["headers"]
        return given
    scope = _Scope(type="http", asgi=_ASGI, method=environ["REQUEST_METHOD"], path=path, root_path="")
    scope["http_version"] = environ.get("SERVER_PROTOCOL", "HTTP/1.1")[5:]
    scope["scheme"] = environ.get("wsgi.url_scheme", "http")
    scope["query_string"] = environ.get("QUERY_STRING", "").encode("latin-1")
    address = environ.get("REMOTE_ADDR")
    scope["client"] = (address, 0) if address else None
    scope["server"] = (environ.get("SERVER_NAME", ""), int(environ.get("SERVER_PORT") or 0))
    scope["wsgi.environ"] = environ
    return scope


class _Scope(Dict[str, Any]):
    """A scope whose headers are read when they are asked for. PERF: most responders need none, 2 µs."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return an item, also of the headers."""
        return self[key] if key in self or key == "headers" else default

    def __missing__(self, key: str) -> RawHeaders:
        if key != "headers":
            raise KeyError(key)
        headers: RawHeaders = []
        for name, value in self["wsgi.environ"].items():
            if name[:5] == "HTTP_":
                headers.append(_header(name, value))
            elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
                headers.append(_header("HTTP_" + name, value))
        self["headers"] = headers
        return headers


_ASGI = {"version": "3.0", "spec_version": "2.4"}


def _header(key: str, value: str) -> Tuple[bytes, bytes]:
    return _name(key), str(value).encode("latin-1", "replace")


@lru_cache(maxsize=256)
def _name(key: str) -> bytes:
    return key[5:].lower().replace("_", "-").encode("latin-1")
