"""The lifespan protocol from a server's side: start and stop an ASGI application.

Source: ASGI 3.0, "Lifespan Protocol".
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncContextManager, AsyncIterator, Dict, Mapping, Optional

from .._types import ASGIApp, Message, Scope
from ..exceptions import FenrirError


class MountFailed(FenrirError):
    """Raised when a mounted app failed to start or to stop."""


@asynccontextmanager
async def mounted_lifespan(
    name: str, app: ASGIApp, state: Dict[str, Any]
) -> AsyncIterator[Optional[Mapping[str, Any]]]:
    """Run a mounted app's lifespan, if it has one.

    Args:
        name: Its name for the message of an error.
        app: The mounted app.
        state: The lifespan state, to which the mounted app may add.

    Raises:
        MountFailed: The app reported that its start or its stop failed.
    """
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    task = asyncio.ensure_future(_run(app, scope, incoming, outgoing))
    incoming.put_nowait({"type": "lifespan.startup"})
    try:
        answer = await outgoing.get()
    except BaseException:  # the start was cancelled
        task.cancel()
        raise
    supported = answer["type"] != "unsupported"
    if answer["type"] == "lifespan.startup.failed":
        await task
        raise MountFailed(f"{name} failed to start: {answer.get('message') or 'it gave no reason'}")
    try:
        yield None
    finally:
        if supported:
            incoming.put_nowait({"type": "lifespan.shutdown"})
            answer = await outgoing.get()
        await asyncio.wait({task})
    if supported and answer["type"] == "lifespan.shutdown.failed":
        raise MountFailed(f"{name} failed to stop: {answer.get('message') or 'it gave no reason'}")


def enter_mounted(mount: Any, app: Any) -> AsyncContextManager[Optional[Mapping[str, Any]]]:
    """Return the lifespan of a mounted app; it gets a copy of the lifespan state, and what it adds stays its own.

    Args:
        mount: A `Mount`.
        app: The app that it is mounted in.
    """
    if hasattr(mount.app, "is_observed"):
        mount.app.is_observed = app.is_observed or bool(app.built.observers)
    state = app.lifespan_manager.mounted[id(mount.app)] = dict(app.lifespan_manager.state)
    return mounted_lifespan(f"mount {mount.prefix or '/'}", mount.app, state)


async def _run(app: ASGIApp, scope: Scope, incoming: asyncio.Queue[Message], outgoing: asyncio.Queue[Message]) -> None:
    started = False

    async def receive() -> Message:
        try:
            return await incoming.get()
        except asyncio.CancelledError:
            if not started:
                raise
            return {"type": "lifespan.shutdown"}  # the event loop ends, which cancels all of its tasks at once

    async def send(message: Message) -> None:
        nonlocal started
        started = started or message["type"] == "lifespan.startup.complete"
        outgoing.put_nowait(message)

    try:
        await app(scope, receive, send)
    except (Exception, asyncio.CancelledError) as error:
        # ASGI: an app that raises on the lifespan scope has no lifespan; after its start it is a failure
        kind = "lifespan.shutdown.failed" if started else "unsupported"
        outgoing.put_nowait({"type": kind, "message": f"{type(error).__name__}: {error}"})
    else:
        outgoing.put_nowait({"type": "unsupported" if not started else "lifespan.shutdown.complete"})
