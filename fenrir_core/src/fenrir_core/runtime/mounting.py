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

    def call_mounted(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        state = app.lifespan_manager.mounted.get(id(mount.app))
        # PERF: no coroutine of its own
        return mount.app(mounted_scope(scope, mount.prefix, state), receive, send)

    @nonblocking
    def serve(connection: Connection) -> ASGIResponse:
        return ASGIResponse(call_mounted)

    options = {"asgi": True, **({"max_body": None} if hasattr(mount.app, "limits_bodies") else {})}
    route = Route(f"{mount.prefix}/", serve, ("*",), "", app.paradigm, options, mount.where, mount=mount)
    return [replace(route, origin=mount.origin), replace(route, origin=mount.origin, methods=("WEBSOCKET",))]
