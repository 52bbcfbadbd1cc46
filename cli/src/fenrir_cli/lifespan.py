"""Start-up and shutdown of an app that no server runs.

Source: ASGI 3.0, "Lifespan Protocol".
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict

from .logs import StartupNotes


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[Dict[str, Any]]:
    """Start the app for the block and stop it afterwards; yields what the app put into its lifespan state.

    Raises:
        CliError: The app's start-up fails.
    """
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    state: Dict[str, Any] = {}
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    with StartupNotes() as notes:
        life = asyncio.ensure_future(app(scope, incoming.get, outgoing.put))
        await incoming.put({"type": "lifespan.startup"})
        started = await _answer(life, outgoing)
        if started is not None and started["type"] == "lifespan.startup.failed":
            await asyncio.wait([life])
            raise notes.explain(started.get("message") or "The app's start-up failed.")
    try:
        yield state
    finally:
        if started is not None:
            await incoming.put({"type": "lifespan.shutdown"})
            await _answer(life, outgoing)
            await asyncio.wait([life], timeout=5)
        life.cancel()


async def _answer(life: asyncio.Future[Any], outgoing: asyncio.Queue[Any]) -> Any:
    """Return the next message of the app's lifespan; None if the app ended without one, which is allowed."""
    message = asyncio.ensure_future(outgoing.get())
    await asyncio.wait([message, life], return_when=asyncio.FIRST_COMPLETED)
    if message.done():
        return message.result()
    message.cancel()
    life.exception()  # an app without lifespan raises; that is allowed
    return None
