"""A watchdog for development: it names the handler that blocks the event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from types import TracebackType
from typing import Optional, Type

from .unfinished import Sight, look

logger = logging.getLogger("fenrir.watchdog")

#: Seconds that code may keep the event loop busy, and seconds between two looks at it.
LIMIT, PAUSE = 0.05, 0.02
_ADVICE = (
    "Nothing else is served meanwhile. Await something that does not block, or write a plain `def` that is not marked "
    "as nonblocking: it runs in a thread."
)


class Watchdog:
    """A thread that reports which route's code keeps an event loop busy for more than `LIMIT` seconds.

    Enter it on the event loop, with `with`.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._ended = threading.Event()
        self._turned = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fenrir-watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._ended.set()
        self._turned.set()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            self._turned.clear()
            asked = time.monotonic()
            try:
                self._loop.call_soon_threadsafe(self._turned.set)
            except RuntimeError:  # the loop is closed
                return
            if self._turned.wait(LIMIT / 2):
                continue
            first = look(self._watched)
            if self._turned.wait(LIMIT / 2):
                continue
            second = look(self._watched)
            self._turned.wait()
            is_same = first is not None and second is not None and first.request == second.request
            if second is not None and is_same and not self._ended.is_set():
                self._report(second, time.monotonic() - asked)

    def _report(self, sight: Sight, seconds: float) -> None:
        logger.warning(
            "%s: %s blocked the event loop for %d ms, at %s. %s",
            sight.route,
            sight.step,
            int(seconds * 1000),
            sight.place,
            _ADVICE,
        )
