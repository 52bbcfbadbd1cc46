"""Signals of the process, and time limits: for an orderly stop."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Callable, Dict, Optional, Type, Union

from ._threads import uncancel

if TYPE_CHECKING:
    #: What `signal.getsignal` returns; None for a handler that was not set by Python.
    SignalHandler = Union[Callable[[int, Optional[FrameType]], object], int, None]

SIGNALS = ("SIGINT", "SIGTERM")


class Timeout:
    """A time limit for an `async with` block, in the same task.

    Args:
        seconds: The maximum time of the block; None for no limit.

    Attributes:
        expired: Whether the block was cancelled.
    """

    def __init__(self, seconds: Optional[float]) -> None:
        self.seconds, self.expired = seconds, False
        self._task: Optional[asyncio.Task[object]] = None
        self._timer: Optional[asyncio.TimerHandle] = None

    async def __aenter__(self) -> Timeout:
        self._task = asyncio.current_task()
        if self.seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self.seconds, self._spend)
        return self

    def _spend(self) -> None:
        self.expired = True
        if self._task is not None:
            self._task.cancel()

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> bool:
        if self._timer is not None:
            self._timer.cancel()
        if self.expired and kind is asyncio.CancelledError and self._task is not None:
            uncancel(self._task)
            return True
        return False


def watch_signals(begin_stop: Callable[[], None]) -> Callable[[], None]:
    """Call `begin_stop` when the process gets a signal to stop, before the server reacts.

    Servers send `lifespan.shutdown` only after all connections have ended, which an endless
    stream never does; therefore the signal itself is watched. The handlers that the server set
    are called as before.

    Args:
        begin_stop: Called on the event loop.

    Returns:
        A function that restores the former handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    loop = asyncio.get_running_loop()
    former: Dict[int, SignalHandler] = {}

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
