"""Events for any number of clients, kept for those that reconnect.

Source: WHATWG HTML, "Server-sent events" (`Last-Event-ID`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, AsyncIterator, Deque, Optional, Set

from .._types import EventLike
from .connection import current_connection
from .headers import parse_digits
from .sse import ServerSentEvent


class EventBuffer:
    """Recent events, sent to any number of clients; a client that reconnects gets those it missed.

    The events are kept once for all clients, so that memory does not grow with their number. A
    client that falls behind by more than `size` events continues with the oldest that is kept.

    Args:
        size: How many events are kept.

    Example:
        >>> events = EventBuffer()
        >>> @app.get("/live")
        ... async def live(request):
        ...     return EventSourceResponse(events.subscribe(request.headers.get("last-event-id")))
        >>> events.publish({"temperature": 21})
    """

    def __init__(self, size: int = 100) -> None:
        self._events: Deque[ServerSentEvent] = deque(maxlen=size)
        self._published = 0
        #: The number of subscribers.
        self.clients = 0
        self._waiting: Set[asyncio.Future[None]] = set()

    def publish(self, data: Any, event: Optional[str] = None) -> ServerSentEvent:
        """Add an event, whose `id` is its number, and wake the subscribers; from any thread."""
        self._published += 1
        item = ServerSentEvent(data, event, str(self._published))
        self._events.append(item)
        for waiter in [*self._waiting]:
            waiter.get_loop().call_soon_threadsafe(_wake, waiter)
        return item

    async def subscribe(self, last_event_id: Optional[str] = None) -> AsyncIterator[ServerSentEvent]:
        """Iterate events from now on, those after `last_event_id` first; ends when the app stops."""
        known = parse_digits(last_event_id)
        position = self._published if known is None else min(known, self._published)
        stopping = current_connection().app.shutdown_event
        self.clients += 1
        try:
            while not stopping.is_set():
                position = max(position, self._published - len(self._events))
                if position < self._published:
                    yield self._events[position - self._published]
                    position += 1
                else:
                    await self._wait(stopping)
        finally:
            self.clients -= 1

    async def _wait(self, stopping: EventLike) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        remove = stopping.call(lambda: _wake(waiter))
        try:
            await waiter
        finally:
            remove()
            self._waiting.discard(waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
