"""Asynchronous functions called by synchronous code."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from typing import Any, Optional

from fenrir_core import current

from ._types import Function, Passed

#: The key of the server's event loop in the environment; `bridge` sets it.
LOOP = "fenrir_flask.loop"
#: The key of the server's connection, likewise.
CONNECTION = "fenrir_flask.connection"


def server_loop() -> Optional[asyncio.AbstractEventLoop]:
    """Return the event loop of the server that the current request came from, or None."""
    connection = current.get(None)
    if connection is None or connection.scope["type"] != "http":
        return None
    environ = connection.scope.get("wsgi.environ") or {}
    return environ.get(LOOP)


def run_to_end(func: Function) -> Function:
    """Return a synchronous function that runs a coroutine function on an event loop of its own.

    Raises:
        RuntimeError: The thread runs an event loop already, which must not wait.
    """

    @functools.wraps(func)
    def call(*args: Passed, **kwargs: Passed) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise RuntimeError(
                f"{func!r} is asynchronous and is called by synchronous code on the event loop, which can't wait for "
                "it. Await it instead, or call the synchronous code in a thread."
            )
        loop = server_loop()
        if loop is not None:
            return asyncio.run_coroutine_threadsafe(func(*args, **kwargs), loop).result()
        changed = {}

        async def run() -> Any:
            before = contextvars.copy_context()
            try:
                return await func(*args, **kwargs)
            finally:
                for variable, value in contextvars.copy_context().items():
                    if variable not in before or before[variable] is not value:
                        changed[variable] = value

        try:
            return asyncio.run(run())
        finally:
            for variable, value in changed.items():
                variable.set(value)

    return call
