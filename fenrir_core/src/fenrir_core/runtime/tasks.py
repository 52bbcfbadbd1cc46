"""Supervised tasks: kept, named, watched, and ended with the app."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import signal
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Coroutine, Dict, List, Optional, Union

from ..exceptions import BuildError

logger = logging.getLogger("fenrir.tasks")
Work = Union[Coroutine[Any, Any, Any], Callable[..., Any]]
ON_ERROR = ("log", "restart", "stop")
#: Seconds before a failed task is begun again: doubled from the first to the last.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0


@dataclass(eq=False)
class SupervisedTask:
    """One task of the app.

    Args:
        name: Unique in the app.
        work: The coroutine, or the function that is called for it.
        on_error: What happens when it raises: ``log``, ``restart`` or ``stop`` (the server).
        task: The running task, once it was begun.
        restarts: How often it was begun again.
    """

    name: str
    work: Work
    on_error: str = "log"
    task: Optional[asyncio.Task[Any]] = None
    restarts: int = 0
    error: Optional[Exception] = None

    @property
    def state(self) -> str:
        """``waiting`` (for the start), ``running``, ``done``, ``cancelled`` or ``failed``."""
        if self.task is None:
            return "waiting"
        if not self.task.done():
            return "running"
        if self.task.cancelled():
            return "cancelled"
        return "failed" if self.error is not None else "done"


class Tasks:
    """Hold an app's tasks.

    Args:
        call: Runs a function with its parameters filled, in a scope of its own.
    """

    def __init__(self, call: Callable[[Callable[..., Any]], Awaitable[Any]]) -> None:
        self._call = call
        self._tasks: Dict[str, SupervisedTask] = {}
        self._running = False

    def add(self, work: Work, *, name: Optional[str] = None, on_error: str = "log") -> SupervisedTask:
        """Begin a task now, or with the app when it has not started.

        Args:
            work: A coroutine, or a function (sync or async), whose parameters are filled as
                an endpoint's are; one named `app` gets the app.
            name: Unique; the function's own by default, numbered if it is taken.
            on_error: ``log``, ``restart`` (after a growing pause; needs a function), or
                ``stop`` the server.

        Raises:
            BuildError: The name is taken, or the arguments don't fit each other.
        """
        if on_error not in ON_ERROR:
            raise BuildError(f"on_error is one of {', '.join(ON_ERROR)}, not {on_error!r}.")
        if not (inspect.iscoroutine(work) or callable(work)):
            raise BuildError(f"A task is a coroutine or a function, not {work!r}.")
        if on_error == "restart" and inspect.iscoroutine(work):
            raise BuildError("A coroutine runs once only: give the function itself, so that it can be restarted.")
        item = SupervisedTask(self._unique(work, name), work, on_error)
        self._tasks[item.name] = item
        if self._running:
            self._begin(item)
        return item

    def _unique(self, work: Work, name: Optional[str]) -> str:
        self.purge()
        if name is not None:
            if name in self._tasks and self._tasks[name].state != "failed":
                raise BuildError(f"There is a task named {name!r} already: choose another name, or cancel it first.")
            return name
        stem = label = getattr(work, "__name__", type(work).__name__)
        count = 1
        while label in self._tasks:
            count += 1
            label = f"{stem} {count}"
        return label

    def purge(self) -> None:
        """Forget the tasks that are done or cancelled; failed ones stay, for reports."""
        self._tasks = {key: item for key, item in self._tasks.items() if item.state in ("waiting", "running", "failed")}

    def get(self, name: str) -> Optional[SupervisedTask]:
        """Return a task by name, or None."""
        return self._tasks.get(name)

    def list(self) -> List[SupervisedTask]:
        """List the tasks, oldest first."""
        return [*self._tasks.values()]

    async def cancel(self, name: str) -> bool:
        """Cancel a task and wait for its end; False when there is none of that name."""
        item = self._tasks.pop(name, None)
        if item is None:
            return False
        if item.task is not None:
            item.task.cancel()
            await asyncio.wait({item.task})
        _discard(item)
        return True

    def start(self) -> None:
        """Begin the tasks that wait for the app's start."""
        self._running = True
        for item in self.list():
            if item.task is None:
                self._begin(item)

    async def stop(self, seconds: float) -> List[str]:
        """Cancel all tasks and wait for them; give the names of those that did not end in time.

        Args:
            seconds: How long they have.
        """
        self._running = False
        running = {item.task: item.name for item in self._tasks.values() if item.task is not None}
        hung: List[str] = []
        if running:
            for task in running:
                task.cancel()
            _, pending = await asyncio.wait(running, timeout=seconds)
            hung = [running[task] for task in pending]
        for item in self._tasks.values():
            if item.name not in hung:
                _discard(item)
        self._tasks.clear()
        return hung

    def _begin(self, item: SupervisedTask) -> None:
        item.task = asyncio.get_running_loop().create_task(self._supervise(item))
        item.task.set_name(item.name)

    async def _supervise(self, item: SupervisedTask) -> Any:
        pause = FIRST_PAUSE
        while True:
            try:
                if inspect.iscoroutine(item.work):
                    return await item.work
                return await self._call(item.work)  # type: ignore[arg-type]
            except Exception as error:
                logger.exception("The task %r failed", item.name)
                if item.on_error != "restart":
                    item.error = error
                    if item.on_error == "stop":
                        os.kill(os.getpid(), signal.SIGTERM)
                    return None
            item.restarts += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _discard(item: SupervisedTask) -> None:
    """Close a coroutine that was never begun, so that Python does not warn of it."""
    if inspect.iscoroutine(item.work):
        item.work.close()
