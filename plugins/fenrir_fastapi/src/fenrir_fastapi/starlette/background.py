"""Work that runs after the response is sent."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import fenrir_core

from .concurrency import call_either
from .types import AnyCallable

__all__ = ["BackgroundTask", "BackgroundTasks"]


class BackgroundTask:
    """A call that runs after the response is sent; a synchronous function runs in a thread."""

    def __init__(self, func: AnyCallable, *args: Any, **kwargs: Any) -> None:
        self.func, self.args, self.kwargs = func, args, kwargs

    async def __call__(self) -> None:
        """Run the call."""
        await call_either(self.func, *self.args, **self.kwargs)


class BackgroundTasks(fenrir_core.BackgroundTasks):
    """Calls that run one after the other after the response is sent.

    Args:
        tasks: The first `BackgroundTask` objects.
    """

    def __init__(self, tasks: Optional[Sequence[BackgroundTask]] = None) -> None:
        super().__init__(call_either)
        for task in tasks or ():
            self.add_task(task.func, *task.args, **task.kwargs)
