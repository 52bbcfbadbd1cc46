"""Mounted ASGI apps: their place in the path, and their lifespan.

Source: ASGI 3.0, "HTTP connection scope" (`root_path`) and "Lifespan Protocol".
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, Mapping, Optional

from .errors import FenrirError
from .types import ASGIApp, Message, Receive, Scope, Send
from .values import Mount


class MountFailed(FenrirError):
    """Say that a mounted app could not start, or not stop cleanly."""


def local_path(scope: Scope) -> str:
    """Give the path inside the app: without `root_path`, where the path has it."""
    path: str = scope["path"]
    root: str = (scope.get("root_path") or "").rstrip("/")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :] or "/"
    return path


def local_raw_path(scope: Scope) -> Optional[bytes]:
    """Give the raw path inside the app, or None where the server gives none."""
    raw: Optional[bytes] = scope.get("raw_path")
    root = (scope.get("root_path") or "").rstrip("/")
    if raw is None or not root:
        return raw
    depth = root.count("/")
    parts = raw.split(b"/")
    return b"/" + b"/".join(parts[depth + 1 :]) if len(parts) > depth else raw


async def call_mounted(mount: Mount, prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a connection to a mounted app: `root_path` grows by the prefix, `path` stays whole."""
    root = (scope.get("root_path") or "").rstrip("/")
    child: Dict[str, Any] = {**scope, "root_path": root + prefix}
    await mount.app(child, receive, send)


@asynccontextmanager
async def mounted_lifespan(
    name: str, app: ASGIApp, state: Dict[str, Any]
) -> AsyncIterator[Optional[Mapping[str, Any]]]:
    """Run a mounted app's lifespan; an app that has none is left alone.

    Args:
        name: For the message when it fails.
        app: The mounted app.
        state: The lifespan state that the mounted app may add to.

    Raises:
        MountFailed: It answered that its start-up failed.
    """
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    task = asyncio.ensure_future(_run(app, scope, incoming, outgoing))
    await incoming.put({"type": "lifespan.startup"})
    answer = await outgoing.get()
    supported = answer["type"] != "unsupported"
    if answer["type"] == "lifespan.startup.failed":
        await task
        raise MountFailed(f"{name} failed to start: {answer.get('message') or 'it gave no reason'}")
    try:
        yield None
    finally:
        if supported:
            await incoming.put({"type": "lifespan.shutdown"})
            answer = await outgoing.get()
        await task
    if supported and answer["type"] == "lifespan.shutdown.failed":
        raise MountFailed(f"{name} failed to stop: {answer.get('message') or 'it gave no reason'}")


async def _run(app: ASGIApp, scope: Scope, incoming: asyncio.Queue[Message], outgoing: asyncio.Queue[Message]) -> None:
    started = False

    async def send(message: Message) -> None:
        nonlocal started
        started = started or message["type"] == "lifespan.startup.complete"
        await outgoing.put(message)

    try:
        await app(scope, incoming.get, send)
    except Exception as error:
        # ASGI: an app that raises on the lifespan scope has none; later it is a failure
        kind = "lifespan.shutdown.failed" if started else "unsupported"
        await outgoing.put({"type": kind, "message": f"{type(error).__name__}: {error}"})
    else:
        await outgoing.put({"type": "unsupported" if not started else "lifespan.shutdown.complete"})
