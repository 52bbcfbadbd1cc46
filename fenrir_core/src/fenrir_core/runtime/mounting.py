"""Mounted ASGI apps: their routes, and their place in the path.

Source: ASGI 3.0, "HTTP connection scope" (`root_path`) and "Lifespan Protocol".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Awaitable, Dict, List
from urllib.parse import quote

from .._types import Receive, Scope, Send
from ..http.asgi import ASGIResponse
from ..http.connection import Connection
from ..plugins.types import Mount, Route, nonblocking
from ..routing.paths import is_below, root_path


def mount_routes(app: Any, mount: Mount) -> List[Route]:
    """Return the routes that serve a mounted app inside of all hooks of `app`: for requests, and for WebSockets."""

    def call_mounted(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # `root_path` grows by the prefix, `path` stays whole
        root = root_path(scope)
        child: Dict[str, Any] = {**scope, "root_path": root + mount.prefix}
        if root and not is_below(scope["path"], root):  # a proxy stripped the prefix; a mounted app needs it
            child["path"] = root + scope["path"]
            if scope.get("raw_path") is not None:
                child["raw_path"] = quote(root).encode("ascii") + scope["raw_path"]
        state = app.lifespan_manager.mounted.get(id(mount.app))
        if state:
            child["state"] = {**scope.get("state", {}), **state}
        return mount.app(child, receive, send)  # PERF: no coroutine of its own

    @nonblocking
    def serve(connection: Connection) -> ASGIResponse:
        return ASGIResponse(call_mounted)

    route = Route(f"{mount.prefix}/", serve, ("*",), "", app.paradigm, {"asgi": True}, mount.where, mount=mount)
    return [replace(route, origin=mount.origin), replace(route, origin=mount.origin, methods=("WEBSOCKET",))]
