"""An event loop in a thread, for synchronous code."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any, Coroutine, Dict, List, Protocol, Tuple, TypeVar

from fenrir_core.authoring import ASGIApp

T = TypeVar("T")
#: The scope's `asgi` of every connection.
ASGI = {"version": "3.0", "spec_version": "2.4"}


class EventLoopThread:
    """An event loop in its own thread, so that synchronous code can wait for coroutines."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="test client", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine and return its future."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return its result."""
        return self.start(work).result()

    async def _cancel_rest(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.loop.shutdown_asyncgens()

    def close(self) -> None:
        """Cancel the tasks that still run and end the thread."""
        try:
            self.call(self._cancel_rest())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()


class Driver(Protocol):
    """What drives an app in a test, as its transport and its WebSockets see it."""

    app: ASGIApp
    app_state: Dict[str, Any]

    def extensions(self, errors: List[BaseException]) -> Dict[str, Any]:
        """Return the ASGI extensions of a connection."""

    def event_loop(self) -> Tuple[EventLoopThread, bool]:
        """Return the loop to run on, and whether it must be closed after use."""

    def run(self, work: Any) -> Any:
        """Run a coroutine and return its result."""
