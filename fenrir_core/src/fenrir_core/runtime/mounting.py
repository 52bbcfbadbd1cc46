"""Mounted ASGI apps: their place in the path.

Source: ASGI 3.0, "HTTP connection scope" (`root_path`) and "Lifespan Protocol".
"""

from __future__ import annotations

from typing import Any, Dict, Optional
from urllib.parse import quote

from .._types import Namespace, Receive, Scope, Send
from ..plugins.types import Mount
from ..routing.paths import is_below, root_path
from .error_handling import exited


async def call_mounted(
    mount: Mount, prefix: str, state: Optional[Namespace], scope: Scope, receive: Receive, send: Send
) -> None:
    """Pass a connection to a mounted app: `root_path` grows by the prefix, `path` stays whole.

    Args:
        mount: The mount.
        prefix: Its prefix.
        state: The lifespan state that the mounted app added, or None.
        scope, receive, send: The connection.
    """
    root = root_path(scope)
    child: Dict[str, Any] = {**scope, "root_path": root + prefix}
    if not is_below(scope["path"], root):  # a proxy stripped the prefix; a mounted app needs it
        child["path"] = root + scope["path"]
        if scope.get("raw_path") is not None:
            child["raw_path"] = quote(root).encode("ascii") + scope["raw_path"]
    if state:
        child["state"] = {**scope.get("state", {}), **state}
    try:
        await mount.app(child, receive, send)
    except SystemExit as error:
        raise exited(f"{mount.where}: the app mounted at {prefix or '/'!r}", error) from error
