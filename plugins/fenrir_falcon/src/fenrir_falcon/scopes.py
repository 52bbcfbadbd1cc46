"""The checks of what a server calls an application with.

Source: ASGI 3.0.
"""

from __future__ import annotations

import re
from typing import Optional

from fenrir_core.authoring import Receive, Scope, Send

from .exceptions import UnsupportedError, UnsupportedScopeError

_HTTP_VERSIONS = frozenset(("1.0", "1.1", "2", "2.0", "3", "3.0"))
_SPEC = re.compile(r"2\.\d+")
_LIFESPAN_SPEC = re.compile(r"[12]\.\d+")


def prepare_scope(scope: Scope) -> None:
    """Check a scope, fill in the defaults of the specification, and make lists of headers that can be iterated once.

    Raises:
        UnsupportedScopeError: The protocol, or its version, is not supported.
        UnsupportedError: The version of HTTP is not supported.
    """
    kind = scope["type"]
    asgi = scope.setdefault("asgi", {"version": "2.0"})  # ASGI: the default
    if kind == "lifespan":
        if not _LIFESPAN_SPEC.fullmatch(asgi.get("spec_version", "1.0")):
            raise UnsupportedScopeError(
                f"the lifespan protocol {asgi['spec_version']} is not supported: use 1.x or 2.x."
            )
        return
    if kind not in ("http", "websocket"):
        raise UnsupportedScopeError(f"the ASGI scope type {kind!r} is not supported: use http, websocket or lifespan.")
    if not _SPEC.fullmatch(asgi.get("spec_version", "2.0")):
        raise UnsupportedScopeError(f"version {asgi['spec_version']} of the {kind} scope is not supported: use 2.x.")
    if scope.get("http_version", "1.1") not in _HTTP_VERSIONS:
        raise UnsupportedError(f"HTTP/{scope['http_version']} is not supported.")
    headers = scope.get("headers", ())
    if type(headers) is not list or not all(type(pair) in (tuple, list) for pair in headers):
        scope["headers"] = [(bytes(name), bytes(value)) for name, value in map(tuple, headers)]
    for key in ("client", "server"):
        if scope.get(key) is not None and type(scope[key]) not in (tuple, list):
            scope[key] = tuple(scope[key])


async def refuse_old_server(scope: Scope, receive: Receive, send: Send) -> bool:
    """Fail the start of an application on a server of ASGI 2, and return whether that was done."""
    version: Optional[str] = scope["asgi"].get("version", "2.0")
    if str(version).partition(".")[0] == "3":
        return False
    await receive()
    message = f"Falcon requires ASGI version 3.x, but the server has {version}"
    await send({"type": "lifespan.startup.failed", "message": message})
    return True
