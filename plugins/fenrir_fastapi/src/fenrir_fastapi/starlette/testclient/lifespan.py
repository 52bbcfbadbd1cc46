"""The start and stop of an app in tests."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List, Optional

from fenrir_core import FenrirError
from fenrir_core.authoring import ERRORS, ASGIApp, Message

from .event_loop import ASGI


class LifespanDriver:
    """The server's side of an app's lifespan."""

    def __init__(self, app: ASGIApp, state: Dict[str, Any]) -> None:
        self.app = app
        self.errors: List[BaseException] = []
        extensions = {ERRORS: self.errors}
        self.scope = {"type": "lifespan", "asgi": dict(ASGI), "state": state, "extensions": extensions}

    async def start(self) -> None:
        """Start the app; an error of its start-up is raised here."""
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox: asyncio.Queue[Optional[Message]] = asyncio.Queue()
        self.task = asyncio.ensure_future(self._run())
        await self._ask("lifespan.startup")

    async def stop(self) -> None:
        """Stop the app; an error of its shutdown is raised here."""
        if not self.task.done():
            await self._ask("lifespan.shutdown")
        await self.task

    async def _run(self) -> None:
        try:
            await self.app(self.scope, self.inbox.get, self.outbox.put)
        finally:
            self.outbox.put_nowait(None)

    async def _ask(self, event: str) -> None:
        self.inbox.put_nowait({"type": event})
        message = await self.outbox.get()
        if message is None:
            await self.task
        if self.errors:
            raise self.errors.pop()
        if message is not None and message["type"].endswith(".failed"):
            await self.task
            raise FenrirError(message.get("message") or f"The app failed at {event}.")
