"""Sanic's names for the app's supervised tasks."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Optional

from fenrir_core import App
from fenrir_core.authoring import name_of

from .background import caller
from .exceptions import SanicException


class TaskNotFound(SanicException, LookupError):
    """Say that no task has the name."""


def add_task(
    app: App, task: Any, *, name: Optional[str] = None, register: bool = True, on_error: str = "log"
) -> Optional[asyncio.Task[Any]]:
    """Run a coroutine beside the requests, from the start of the app (or now) to its end.

    The task is kept from garbage collection, its failure is logged with its name, and at the
    stop it is cancelled and awaited; see `fenrir_core.runtime.tasks`.

    Args:
        app: The app.
        task: A coroutine, or a function (asynchronous or not) that takes nothing or the app,
            and whatever can be injected.
        name: For `get_task` and `cancel_task`; only once among the tasks that run.
        register: False leaves the name out, so that it may be there several times.
        on_error: What happens when it raises: ``log``, ``restart`` (needs a function), or
            ``stop`` the server.

    Returns:
        The `asyncio.Task`, or None before the app starts.

    Raises:
        BuildError: `task` is neither, or the name is taken.
    """
    work = task
    if inspect.isawaitable(task) and not inspect.iscoroutine(task):
        work = _awaited(task)  # a coroutine, which runs once only
    elif callable(task) and not inspect.isawaitable(task):
        work = _begun(app, task)
    return app.tasks.add(work, name=name if register else None, on_error=on_error).task


async def _awaited(task: Any) -> Any:
    return await task


def _begun(app: App, function: Any) -> Any:
    async def work() -> Any:
        return await caller(function, app.built.inject)(app)

    work.__name__ = name_of(function).rpartition(".")[2]
    return work


def get_task(app: App, name: str, *, raise_exception: bool = True) -> Optional[asyncio.Task[Any]]:
    """Return a task by its name; None where it waits for the app's start.

    Raises:
        TaskNotFound: There is none and `raise_exception` is true.
    """
    item = app.tasks.get(name)
    if item is not None:
        return item.task
    if raise_exception:
        known = ", ".join(sorted(other.name for other in app.tasks.list())) or "none"
        raise TaskNotFound(f"There is no task {name!r}. There are: {known}.")
    return None


async def cancel_task(app: App, name: str, msg: Optional[str] = None, *, raise_exception: bool = True) -> None:
    """Cancel a task and wait until it ended.

    Raises:
        TaskNotFound: There is none and `raise_exception` is true.
    """
    get_task(app, name, raise_exception=raise_exception)
    await app.tasks.cancel(name)


def purge_tasks(app: App) -> None:
    """Forget the tasks that are done."""
    app.tasks.purge()
