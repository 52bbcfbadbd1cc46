"""The lifespan of an ASGI application, started and stopped as an ASGI server does it.

Source: ASGI 3.0, "Lifespan Protocol".
"""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Optional

from fenrir_core import FenrirError
from fenrir_core.authoring import ASGIApp, Message, Scope, get_logger

logger = get_logger("fenrir.wsgi")

#: Seconds that an application has to return after its last message; one that waits for more is cancelled.
LAST_STEPS = 1.0


class StartupFailed(FenrirError):
    """Raised when the ASGI application reports that its start-up failed."""


class LifespanClient:
    """The server's side of the lifespan protocol; made, started and stopped on one event loop.

    Args:
        app: The ASGI application. One that does not know the protocol is served without it.
    """

    def __init__(self, app: ASGIApp) -> None:
        #: What the application keeps for its requests (`scope["state"]`).
        self.state: Dict[str, Any] = {}
        self._app = app
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._started, self._stopped = asyncio.Event(), asyncio.Event()
        self._failure: Optional[str] = None
        self._task: Optional[asyncio.Task[None]] = None

    async def start(self) -> None:
        """Start the application.

        Raises:
            StartupFailed: The application says so.
        """
        self._messages.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.ensure_future(self._run())
        await self._started.wait()
        if self._failure is not None:
            await asyncio.wait({self._task}, timeout=LAST_STEPS)
            raise StartupFailed(f"The application did not start: {self._failure}")

    async def stop(self) -> None:
        """Stop the application, and wait until it has stopped."""
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        await self._stopped.wait()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=LAST_STEPS)

    async def _run(self) -> None:
        scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._messages.get, self._send)
        except Exception as error:
            if self._started.is_set():
                logger.error("The lifespan of the application failed.", exc_info=error)
            else:
                logger.info("The application has no lifespan: %r", error)
        finally:
            self._started.set()
            self._stopped.set()

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind.endswith(".failed"):
            text = message.get("message") or "no reason was given"
            if kind == "lifespan.startup.failed":
                self._failure = text
            else:
                logger.error("The application did not stop cleanly: %s", text)
        if kind.startswith("lifespan.startup."):
            self._started.set()
        else:
            self._stopped.set()
