"""A watchdog for development: it names the handler that blocks the event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any, List, NamedTuple, Optional, Type

logger = logging.getLogger("fenrir.watchdog")

#: Seconds that code may keep the event loop busy, and seconds between two looks at it.
LIMIT, PAUSE = 0.05, 0.02
#: How the file names of compiled routes begin.
_COMPILED = "<fenrir "
_ADVICE = (
    "Nothing else is served meanwhile. Await something that does not block, or write a plain `def` that is not marked "
    "as nonblocking: it runs in a thread."
)


class Sight(NamedTuple):
    """What a thread does at a moment: the running request, and where its code is."""

    request: int
    route: str
    step: str
    place: str


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


def look(thread: int) -> Optional[Sight]:
    """Return what a thread does; None where it serves no request, or a debugger is at work."""
    frame = sys._current_frames().get(thread)
    inner: List[FrameType] = []
    try:
        while frame is not None:
            if frame.f_trace is not None:
                return None
            target: Any = frame.f_globals.get("target") if frame.f_code.co_filename.startswith(_COMPILED) else None
            if target is not None:
                called = [item for item in inner if not item.f_code.co_filename.startswith(_COMPILED)]
                if not called:
                    return None
                step = called[-1]
                first = f"{step.f_code.co_name}() ({_place(step, step.f_code.co_firstlineno)})"
                return Sight(id(frame), str(target.route), first, _place(called[0], called[0].f_lineno))
            inner.append(frame)
            frame = frame.f_back
        return None
    finally:
        del frame, inner  # frames keep alive what they have


def _place(frame: FrameType, line: int) -> str:
    path = frame.f_code.co_filename
    near = os.path.relpath(path) if os.path.isabs(path) else path
    return f"{path if near.startswith('..') else near}:{line}"
