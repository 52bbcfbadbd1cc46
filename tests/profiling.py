"""Watch what a piece of code calls, and nothing that happens to run between."""

from __future__ import annotations

import gc
import sys
from types import FrameType
from typing import Any, Callable


class profiled:
    """A block in which each event is given to `profile`, as `sys.setprofile` does.

    The garbage collector waits meanwhile: it calls `gc.callbacks` (Hypothesis has one) and finalizers of earlier tests
    wherever the heap happens to be full, and those would be counted.
    """

    def __init__(self, profile: Callable[[FrameType, str, Any], object]) -> None:
        self._profile = profile

    def __enter__(self) -> None:
        self._collects = gc.isenabled()
        gc.disable()
        sys.setprofile(self._note)

    def __exit__(self, *exception: object) -> None:
        sys.setprofile(None)
        if self._collects:
            gc.enable()

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        if frame.f_code is not profiled.__exit__.__code__:  # the end of the block is none of its calls
            self._profile(frame, event, argument)
