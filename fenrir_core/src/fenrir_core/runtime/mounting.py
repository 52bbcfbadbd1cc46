"""Mounted ASGI apps: their place in the path, and their lifespan.

Source: ASGI 3.0, "HTTP connection scope" (`root_path`) and "Lifespan Protocol".
"""

from __future__ import annotations

from typing import Any, Dict
from urllib.parse import quote

from .._types import ASGIApp, Receive, Scope, Send
from ..plugins.types import Mount
from ..routing.paths import is_below, root_path


async def call_mounted(mount: Mount, prefix: str, state: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a connection to a mounted app: `root_path` grows by the prefix, `path` stays whole.

    Args:
        mount: The mount.
        prefix: Its prefix.
        state: The lifespan state that the mounted app added, or None.
        scope, receive, send: The connection.
    """
    root = root_path(scope)
    child: Dict[str, Any] = {**scope, "root_path": root + prefix}
    if not is_below(scope["path"], root):  # a proxy took the prefix off: below, it must be there
        child["path"] = root + scope["path"]
        if scope.get("raw_path") is not None:
            child["raw_path"] = quote(root).encode("ascii") + scope["raw_path"]
    if state:
        child["state"] = {**scope.get("state", {}), **state}
    await mount.app(child, receive, send)


class Callee:
    """An ASGI app as middleware expects it: an object whose `__call__` is a coroutine function."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection (ASGI 3.0)."""
        await self.app(scope, receive, send)
