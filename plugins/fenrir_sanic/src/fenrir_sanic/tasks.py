"""Tasks that live as long as the app: named, kept, reported when they fail, cancelled at the stop."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from fenrir_core import App, BuildError, FenrirError
from fenrir_core.plan import name_of

logger = logging.getLogger("fenrir.sanic")


class TaskNotFound(FenrirError, LookupError):
    """Say that no task has the name."""


class _Waiting(NamedTuple):
    task: Any
    name: str
    register: bool


class Tasks:
    """Hold one app's tasks.

    Attributes:
        named: The tasks that were begun and have a name, by name; done ones until `purge`.
    """

    def __init__(self) -> None:
        self.named: Dict[str, asyncio.Task[Any]] = {}
        self._running: Dict[asyncio.Task[Any], str] = {}
        self._waiting: List[_Waiting] = []
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._app: Any = None
        self._call: Callable[[Callable[..., Any]], Any] = lambda function: function

    def prepare(self, call: Callable[[Callable[..., Any]], Any]) -> None:
        """Take what makes a call with dependencies of a function."""
        self._call = call

    def add(self, app: App, task: Any, name: Optional[str], register: bool = True) -> Optional[asyncio.Task[Any]]:
        """Begin a task, or keep it until the app starts."""
        self._app = app
        label = name or _label(task)
        if not (inspect.isawaitable(task) or callable(task)):
            raise BuildError(f"add_task() takes a coroutine or a function, not {task!r}.")
        if name is not None and register:
            self._refuse_twice(name)
        waiting = _Waiting(task, label, register and name is not None)
        if self._loop is None or self._loop.is_closed():
            self._waiting.append(waiting)
            return None
        return self._begin(waiting)

    def _refuse_twice(self, name: str) -> None:
        there = self.named.get(name)
        if (there is not None and not there.done()) or any(
            item.register and item.name == name for item in self._waiting
        ):
            raise BuildError(f"A task named {name!r} is there already: give the new one another name, or cancel it.")

    def _begin(self, waiting: _Waiting) -> asyncio.Task[Any]:
        assert self._loop is not None
        task = self._loop.create_task(self._run(waiting))
        task.set_name(waiting.name)
        self._running[task] = waiting.name
        if waiting.register:
            self.named[waiting.name] = task
        task.add_done_callback(self._done)
        return task

    async def _run(self, waiting: _Waiting) -> Any:
        task = waiting.task
        if inspect.isawaitable(task):
            return await task
        return await self._call(task)(self._app)

    def _done(self, task: asyncio.Task[Any]) -> None:
        name = self._running.pop(task, "")
        if not task.cancelled() and task.exception() is not None:
            logger.error("The task %r failed", name, exc_info=task.exception())

    def open(self) -> None:
        """Begin tasks at once from now on: the event loop runs."""
        self._loop = asyncio.get_event_loop()

    def begin(self) -> None:
        """Begin the tasks that were added before the start."""
        waiting, self._waiting = self._waiting, []
        for item in waiting:
            self._begin(item)

    async def close(self) -> None:
        """Cancel every task and wait until all of them ended."""
        self._loop = None
        for item in self._waiting:
            if inspect.iscoroutine(item.task):
                item.task.close()
        self._waiting.clear()
        while self._running:
            running = list(self._running)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for task in running:
                self._running.pop(task, None)
        self.named.clear()

    def get(self, name: str, raise_exception: bool = True) -> Optional[asyncio.Task[Any]]:
        """Give a task by name.

        Raises:
            TaskNotFound: There is none and `raise_exception` is true.
        """
        task = self.named.get(name)
        if task is None and raise_exception:
            raise TaskNotFound(f"There is no task {name!r}. There are: {', '.join(sorted(self.named)) or 'none'}.")
        return task

    def purge(self) -> None:
        """Forget the tasks that are done."""
        self.named = {name: task for name, task in self.named.items() if not task.done()}


def _label(task: Any) -> str:
    return getattr(task, "__qualname__", None) or name_of(task)


def add_task(app: App, task: Any, *, name: Optional[str] = None, register: bool = True) -> Optional[asyncio.Task[Any]]:
    """Run a coroutine beside the requests, from the start of the app (or now) to its end.

    The task is kept from garbage collection, its failure is logged with its name, and at the
    stop it is cancelled and awaited.

    Args:
        app: The app.
        task: A coroutine, or a function (asynchronous or not) that takes nothing or the app,
            and whatever can be injected.
        name: For `get_task` and `cancel_task`; only once among the tasks that run.
        register: Whether the name can be asked for.

    Returns:
        The `asyncio.Task`, or None before the app starts.

    Raises:
        BuildError: `task` is neither, or the name is taken.
    """
    return app.store(Tasks).add(app, task, name, register)


def get_task(app: App, name: str, *, raise_exception: bool = True) -> Optional[asyncio.Task[Any]]:
    """Give a task by its name.

    Raises:
        TaskNotFound: There is none and `raise_exception` is true.
    """
    return app.store(Tasks).get(name, raise_exception)


async def cancel_task(app: App, name: str, msg: Optional[str] = None, *, raise_exception: bool = True) -> None:
    """Cancel a task and wait until it ended.

    Raises:
        TaskNotFound: There is none and `raise_exception` is true.
    """
    task = app.store(Tasks).get(name, raise_exception)
    if task is None:
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    app.store(Tasks).purge()


def purge_tasks(app: App) -> None:
    """Forget the named tasks that are done."""
    app.store(Tasks).purge()


def all_tasks(app: App) -> Tuple[asyncio.Task[Any], ...]:
    """Give the named tasks."""
    return tuple(app.store(Tasks).named.values())
