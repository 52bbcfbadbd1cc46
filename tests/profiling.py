"""Watch what a piece of code calls or costs, and nothing that happens to run between."""

from __future__ import annotations

import gc
import sys
from types import FrameType
from typing import Any, Callable


class uncollected:
    """A block in which the garbage collector waits.

    It takes a second where many tests have filled the heap, and calls `gc.callbacks` (Hypothesis has one) and
    finalizers of earlier tests.
    """

    def __enter__(self) -> None:
        self._collects = gc.isenabled()
        gc.disable()

    def __exit__(self, *exception: object) -> None:
        if self._collects:
            gc.enable()


class profiled(uncollected):
    """A block in which each event is given to `profile`, as `sys.setprofile` does; the garbage collector waits."""

    def __init__(self, profile: Callable[[FrameType, str, Any], object]) -> None:
        self._profile = profile

    def __enter__(self) -> None:
        super().__enter__()
        sys.setprofile(self._note)

    def __exit__(self, *exception: object) -> None:
        sys.setprofile(None)
        super().__exit__(*exception)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        if frame.f_code is not profiled.__exit__.__code__:  # the end of the block is none of its calls
            self._profile(frame, event, argument)
