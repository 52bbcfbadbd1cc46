"""Paths of a connection relative to the app that serves it.

Source: ASGI 3.0, "HTTP connection scope" (`root_path`, `path`, `raw_path`).
"""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Match, Optional
from urllib.parse import quote

from .._types import Scope

#: What would end a URL's path, or be read as another character: "\\" is "/" to browsers, and parsers drop controls.
_NOT_PATH = re.compile(r"[\x00-\x1f\x7f?#\\]")


def local_path(scope: Scope) -> str:
    """Return the path relative to the app: without `root_path`, if the path starts with it."""
    path: str = scope["path"]
    if not scope.get("root_path"):  # PERF: not below another app, 0.5 us
        return path or "/"
    root = root_path(scope)
    return path[len(root) :] or "/" if is_below(path, root) else path


def local_raw_path(scope: Scope) -> Optional[bytes]:
    """Return the raw path relative to the app, or None if the server sets none."""
    raw: Optional[bytes] = scope.get("raw_path")
    if raw is None or not scope.get("root_path"):
        return raw
    root = root_path(scope)
    if not root or not is_below(scope["path"], root):
        return raw
    return b"/" + b"/".join(raw.split(b"/")[root.count("/") + 1 :])


def root_path(scope: Scope) -> str:
    """Return the prefix under which the app is mounted, without a slash at its end."""
    return (scope.get("root_path") or "").rstrip("/")


def is_below(path: str, root: str) -> bool:
    """Return whether a path is a prefix itself or is below it."""
    return path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/")


def mounted_scope(scope: Scope, prefix: str, state: Optional[Mapping[str, object]]) -> Scope:
    """Return the scope for an app that is mounted at a prefix.

    Args:
        scope: The scope of the app that it is mounted in.
        prefix: Where: `root_path` grows by it, `path` stays whole.
        state: The lifespan's state of the mounted app.
    """
    root = scope.get("root_path") and root_path(scope)  # PERF: usually none
    child: Dict[str, Any] = dict(scope)  # PERF: half of what a display with `**` takes
    child["root_path"] = root + prefix if root else prefix
    if root and not is_below(scope["path"], root):
        child["path"] = root + scope["path"]  # a proxy stripped the prefix; a mounted app needs it
        if scope.get("raw_path") is not None:
            child["raw_path"] = quote(root).encode("ascii") + scope["raw_path"]
    if state:
        child["state"] = {**scope.get("state", {}), **state}
    return child


def escape_path(path: str) -> str:
    """Return a path that stays one behind a host: "?", "#", backslashes and controls encoded, a slash at its start.

    Args:
        path: A decoded or percent-encoded path; nothing else is changed.
    """
    path = _NOT_PATH.sub(_encode, path)
    return path if path.startswith("/") or not path else f"/{path}"


def _encode(found: Match[str]) -> str:
    return f"%{ord(found.group()):02X}"
