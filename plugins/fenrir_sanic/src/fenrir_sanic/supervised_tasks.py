"""Supervised tasks: started with the app, named, watched, and cancelled first at its stop."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable, Coroutine, Dict, Iterator, List, Optional, Union

from fenrir_core import App, BuildError
from fenrir_core.authoring import StopTimeout, get_logger, name_of

from .signals import SignalRouter
from .values import AnyCallable

logger = get_logger("fenrir.tasks")
Work = Union[Coroutine[Any, Any, Any], AnyCallable]
Runner = Callable[[App], Awaitable[Any]]
ON_ERROR = ("log", "restart", "stop")
#: Seconds before a failed task is restarted: doubled from the first to the last.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0


@dataclass(eq=False)
class SupervisedTask:
    """One task of the app.

    Args:
        name: Unique in the app.
        work: The coroutine, or the function that is called for it.
        on_error: What happens when it raises: ``log``, ``restart`` or ``stop`` (the server).
        run: Calls `work` where that is a function.
        task: The running task; None before the start.
        restarts: How often it was restarted.
        error: What ended it, where it failed.
    """

    name: str
    work: Work
    on_error: str
    run: Runner
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


class SupervisedTasks:
    """The tasks of one app."""

    def __init__(self) -> None:
        self._tasks: Dict[str, SupervisedTask] = {}
        #: The app while it runs.
        self._app: Optional[App] = None

    def add(
        self,
        work: Work,
        *,
        name: Optional[str] = None,
        on_error: str = "log",
        run: Optional[Runner] = None,
        app: Optional[App] = None,
    ) -> SupervisedTask:
        """Start a task, now or with the app when that has not started.

        Args:
            work: A coroutine, or a function (sync or async), whose parameters are filled as
                an endpoint's are; one named `app` gets the app.
            name: Unique; the function's own by default, numbered if it is taken.
            on_error: ``log``, ``restart`` (after a growing pause; needs a function), or
                ``stop`` the server.
            run: Calls a function `work` in another way; called with the app each time.
            app: The app, if the task is to start now though the app has not started.

        Raises:
            BuildError: The name is taken, or the arguments don't fit each other.
        """
        if on_error not in ON_ERROR:
            raise BuildError(f"on_error is one of {', '.join(ON_ERROR)}, not {on_error!r}.")
        if not (inspect.iscoroutine(work) or callable(work)):
            raise BuildError(f"A task is a coroutine or a function, not {work!r}.")
        if on_error == "restart" and inspect.iscoroutine(work):
            raise BuildError("A coroutine runs once only: pass the function itself, so that it can be restarted.")
        item = SupervisedTask(self._unique(work, name), work, on_error, run or _runner(work))
        self._tasks[item.name] = item
        owner = self._app or app
        if owner is not None:
            self._start(item, owner)
        return item

    def _unique(self, work: Work, name: Optional[str]) -> str:
        self.purge()
        if name is not None:
            if name in self._tasks and self._tasks[name].state != "failed":
                raise BuildError(f"There is a task named {name!r} already: choose another name, or cancel it first.")
            return name
        stem = label = name_of(work).rpartition(".")[2]
        count = 1
        while label in self._tasks:
            count += 1
            label = f"{stem} {count}"
        return label

    def purge(self) -> None:
        """Forget the tasks that are done or cancelled; failed ones are kept, for reports."""
        self._tasks = {key: item for key, item in self._tasks.items() if item.state in ("waiting", "running", "failed")}

    def get(self, name: str) -> Optional[SupervisedTask]:
        """Return a task by name, or None."""
        return self._tasks.get(name)

    def __iter__(self) -> Iterator[asyncio.Task[Any]]:
        """Iterate over the tasks of asyncio that have been started."""
        return iter([item.task for item in self._tasks.values() if item.task is not None])

    def __len__(self) -> int:
        return len(self._tasks)

    def __bool__(self) -> bool:
        return True

    def list(self) -> List[SupervisedTask]:
        """Return the tasks, oldest first."""
        return [*self._tasks.values()]

    async def cancel(self, name: str, *, keep: bool = False) -> bool:
        """Cancel a task and wait until it has ended; return False if no task has this name.

        Args:
            name: The task's name.
            keep: Whether a task that ran is known until `purge`, or until the next one is added.
        """
        item = self._tasks.get(name)
        if item is None:
            return False
        if item.task is None or not keep:
            del self._tasks[name]
        if item.task is not None:
            item.task.cancel()
            await asyncio.wait({item.task})
        _discard(item)
        return True

    @asynccontextmanager
    async def keep(self, app: App) -> AsyncIterator[None]:
        """Keep the tasks until the app stops, or fails to start; then discard those that never ran."""
        try:
            yield
        finally:
            self._clear()

    @asynccontextmanager
    async def run(self, app: App) -> AsyncIterator[None]:
        """Start the tasks that wait for the app's start; at the stop cancel all and wait for them.

        Raises:
            StopTimeout: Some did not end within the setting `stop_tasks` (seconds).
        """
        self._app = app
        for item in self.list():
            if item.task is None:
                self._start(item, app)
        try:
            yield
        finally:
            hung = await self._stop(app.settings["stop_tasks"])
        if hung:
            raise StopTimeout(*(f"task {name}" for name in hung))

    def _start(self, item: SupervisedTask, app: App) -> None:
        item.task = asyncio.get_running_loop().create_task(_supervise(item, app))
        item.task.set_name(item.name)

    async def _stop(self, seconds: float) -> List[str]:
        """Cancel all tasks and wait for them; return the names of those that did not end in time."""
        self._app = None
        running = {item.task: item.name for item in self._tasks.values() if item.task is not None}
        hung: List[str] = []
        if running:
            for task in running:
                task.cancel()
            _, pending = await asyncio.wait(running, timeout=seconds)
            hung = [running[task] for task in pending]
        for name in hung:  # a coroutine that still runs can't be closed
            del self._tasks[name]
        self._clear()
        return hung

    def _clear(self) -> None:
        for item in self._tasks.values():
            _discard(item)
        self._tasks.clear()


async def _supervise(item: SupervisedTask, app: App) -> Any:
    pause = FIRST_PAUSE
    while True:
        try:
            if inspect.iscoroutine(item.work):
                return await item.work
            return await item.run(app)
        except Exception as error:
            logger.exception("The task %r failed", item.name)
            router: Optional[SignalRouter] = getattr(app, "signal_router", None)
            if router is not None:
                await router.report(error)
            if item.on_error != "restart":
                item.error = error
                if item.on_error == "stop":
                    os.kill(os.getpid(), signal.SIGTERM)
                return None
        item.restarts += 1
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _runner(work: Work) -> Runner:
    """Return a call of a function with its parameters filled as an endpoint's are."""

    async def run(app: App) -> Any:
        async with app.context() as context:
            return await context.call(work)  # type: ignore[arg-type]  # a coroutine is awaited, not called

    return run


def _discard(item: SupervisedTask) -> None:
    """Close a coroutine that never ran, so that Python does not warn about it."""
    if inspect.iscoroutine(item.work):
        item.work.close()
