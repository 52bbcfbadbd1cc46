"""Signals of the process, and limits of time: what a stop is made of."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Callable, Dict, Optional, Type

from ._threads import uncancel

SIGNALS = ("SIGINT", "SIGTERM")


class Timeout:
    """Limit the time of an `async with` block, in the same task.

    Args:
        seconds: How long the block may take; None for any time.

    Attributes:
        expired: Whether the block was cut off.
    """

    def __init__(self, seconds: Optional[float]) -> None:
        self.seconds, self.expired = seconds, False
        self._task: Any = None
        self._timer: Optional[asyncio.TimerHandle] = None

    async def __aenter__(self) -> Timeout:
        self._task = asyncio.current_task()
        if self.seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self.seconds, self._spend)
        return self

    def _spend(self) -> None:
        self.expired = True
        self._task.cancel()

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> bool:
        if self._timer is not None:
            self._timer.cancel()
        if self.expired and kind is asyncio.CancelledError:
            uncancel(self._task)
            return True
        return False


def watch_signals(begin_stop: Callable[[], None]) -> Callable[[], None]:
    """Call `begin_stop` when the process is told to stop, before the server reacts.

    Servers send `lifespan.shutdown` only when all connections are done, which an endless
    stream never is; so the signal itself is watched. The handlers that the server set are
    called as before.

    Args:
        begin_stop: Called on the event loop.

    Returns:
        A function that puts the former handlers back.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    loop = asyncio.get_running_loop()
    former: Dict[int, Any] = {}

    def handle(number: int, frame: Optional[FrameType]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(begin_stop)
        previous = former.get(number)
        if callable(previous):
            previous(number, frame)
        elif previous is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    for name in SIGNALS:
        number = getattr(signal, name)
        former[number] = signal.getsignal(number)
        signal.signal(number, handle)

    def restore() -> None:
        for number, previous in former.items():
            if signal.getsignal(number) is handle and previous is not None:
                signal.signal(number, previous)

    return restore
