"""Sanic's names for supervised tasks: `add_task`, `get_task`, `cancel_task`, `purge_tasks`."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, List, Optional

from fenrir_core import App, Build, Lifespan

from .background import caller
from .exceptions import TaskNotFound
from .state import State
from .supervised_tasks import SupervisedTasks


def tasks_of(app: App) -> SupervisedTasks:
    """Return the supervised tasks of an app."""
    return app.store(State).tasks


def add_task(
    app: App, task: Any, *, name: Optional[str] = None, register: bool = True, on_error: str = "log"
) -> Optional[asyncio.Task[Any]]:
    """Run a coroutine beside the requests, from the start of the app (or now) until its stop.

    The task is kept from garbage collection, its failure is logged with its name, and at the
    stop it is cancelled and awaited; see `fenrir_sanic.supervised_tasks`.

    Args:
        app: The app.
        task: A coroutine, or a function (asynchronous or not) that takes nothing or the app,
            and whatever can be injected.
        name: For `get_task` and `cancel_task`; unique among the tasks that run.
        register: Whether `name` is used; without it the same task can run several times.
        on_error: What happens when it raises: ``log``, ``restart`` (needs a function), or
            ``stop`` the server.

    Returns:
        The `asyncio.Task`, or None before the app has started.

    Raises:
        BuildError: `task` is neither, or the name is taken.
    """
    work = task
    if inspect.isawaitable(task) and not inspect.iscoroutine(task):
        work = _awaited(task)  # a coroutine, which runs only once

    def run(app: App) -> Any:
        return caller(task, app.injected)(app)

    now = app if app.paradigm == "sanic" and _is_in_loop() else None
    return tasks_of(app).add(work, name=name if register else None, on_error=on_error, run=run, app=now).task


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _awaited(task: Any) -> Any:
    return await task


def get_task(app: App, name: str, *, raise_exception: bool = True) -> Optional[asyncio.Task[Any]]:
    """Return a task by its name; None if it has not started yet.

    Raises:
        TaskNotFound: No task has the name and `raise_exception` is true.
    """
    tasks = tasks_of(app)
    item = tasks.get(name)
    if item is not None:
        return item.task
    if raise_exception:
        known = ", ".join(sorted(other.name for other in tasks.list())) or "none"
        raise TaskNotFound(f"There is no task {name!r}. There are: {known}.")
    return None


async def cancel_task(app: App, name: str, msg: Optional[str] = None, *, raise_exception: bool = True) -> None:
    """Cancel a task and wait until it has ended.

    Raises:
        TaskNotFound: No task has the name and `raise_exception` is true.
    """
    get_task(app, name, raise_exception=raise_exception)
    await tasks_of(app).cancel(name, keep=app.paradigm == "sanic")  # COMPAT: Sanic keeps it until `purge_tasks`


def purge_tasks(app: App) -> None:
    """Forget the tasks that are done."""
    tasks_of(app).purge()


def lifespans(build: Build) -> List[Lifespan]:
    """Return the lifespans of the tasks; the one that runs them is entered last, so that they are cancelled first."""
    tasks = tasks_of(build.app)
    return [
        Lifespan("sanic tasks", tasks.keep),
        Lifespan("sanic running tasks", tasks.run, innermost=True, own_timeout=True),
    ]
