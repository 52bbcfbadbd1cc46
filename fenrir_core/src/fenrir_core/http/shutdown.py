"""The event that is set when the app begins to stop, and the streams that do not end in their time."""

from __future__ import annotations

import asyncio
from typing import Callable, List


class CutStreams:
    """The streams that were cut off since the app stops, of all apps of the process, whose exit code says so.

    Attributes:
        count: How many there were.
    """

    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        """Note one more, whose client has a part of the response only; called on the event loop."""
        self.count += 1


cut_streams = CutStreams()


class ShutdownEvent:
    """An event that is set when the app begins to stop.

    A stream that could go on for ever asks `is_set()` between items, or waits for `wait()`
    beside its own source, and ends.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._callbacks: List[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Return whether the stop has begun."""
        return self._is_set

    def set(self) -> None:
        """Begin the stop: run the callbacks and wake all waiters."""
        self._is_set = True
        for callback in [*self._callbacks]:
            callback()

    def clear(self) -> None:
        """Reset, so that the app can start again."""
        self._is_set = False

    def call(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when the stop begins, on the event loop; return a function that undoes this."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    async def wait(self) -> None:
        """Wait until the stop begins."""
        if self._is_set:
            return
        waiter = asyncio.get_running_loop().create_future()
        remove = self.call(lambda: None if waiter.done() else waiter.set_result(None))
        try:
            await waiter
        finally:
            remove()
