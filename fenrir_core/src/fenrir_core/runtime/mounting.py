"""Mounted ASGI apps: their routes, and their place in the path.

Source: ASGI 3.0, "HTTP connection scope" (`root_path`) and "Lifespan Protocol".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Awaitable, List

from .._types import Receive, Scope, Send
from ..http.asgi import ASGIResponse
from ..http.connection import Connection
from ..plugins.types import Mount, Route, nonblocking
from ..routing.paths import mounted_scope


def mount_routes(app: Any, mount: Mount) -> List[Route]:
    """Return the routes that serve a mounted app inside of all hooks of `app`: for requests, and for WebSockets."""
    state_of, inner, key, prefix = app.lifespan_manager.mounted.get, mount.app, id(mount.app), mount.prefix

    def call_mounted(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # PERF: no coroutine of its own
        return inner(mounted_scope(scope, prefix, state_of(key)), receive, send)

    @nonblocking
    def serve(connection: Connection) -> ASGIResponse:
        return ASGIResponse(call_mounted)

    own = {"max_body": None} if hasattr(mount.app, "limits_bodies") else {}
    options = {"asgi": True, "mounted": call_mounted, **own}
    route = Route(f"{mount.prefix}/", serve, ("*",), "", app.paradigm, options, mount.where, mount=mount)
    return [replace(route, origin=mount.origin), replace(route, origin=mount.origin, methods=("WEBSOCKET",))]
