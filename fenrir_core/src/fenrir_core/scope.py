"""A scope outside of requests: for scripts, tasks, listeners, commands and tests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Dict, Optional, Type

from .dependencies import finish, unwind
from .request import Connection, current
from .types import Message


class AppScope:
    """Give code outside of requests what a request has: context, dependencies, clean-up.

    Use it as an async context manager; at its end what was opened is closed, last first.
    `g` and dependencies work inside; what belongs to a request (`request`, `session`) says
    that there is none.

    Args:
        app: The app; it is built at the first call.

    Example:
        >>> async with app.scope() as scope:
        ...     await scope.call(import_users, "users.csv")
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        blank = {"type": "fenrir.scope", "path": "", "headers": [], "query_string": b""}
        self.connection = Connection(blank, _receive, _send, {}, app.anonymous_target)
        self._token: Any = None

    async def __aenter__(self) -> AppScope:
        self._token = current.set(self.connection)
        return self

    async def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function: the leading arguments as given, the others filled as an endpoint's are."""
        call = self.app.injected(function, tuple(f"given {index}" for index in range(len(args))))
        return await call(self.connection, *args)

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            if isinstance(error, Exception):
                replaced = await unwind(self.connection, error)
                await finish(self.connection, replaced)
                if replaced is not error:
                    raise replaced
            else:
                await finish(self.connection, error)
        finally:
            current.reset(self._token)


class AppDependencies:
    """Hold the values of the dependencies whose scope is the app.

    Attributes:
        values: The values by key, from the start to the stop.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.values: Dict[Any, Any] = {}
        self._scope: Optional[AppScope] = None
        self._making: Dict[Any, asyncio.Lock] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Make all values, those that others need first; close them in reverse."""
        self._scope = AppScope(self.app)
        try:
            for key in [*self.app.built.planner.app_nodes]:
                await self.get(key)
            yield
        finally:
            self.values.clear()
            self._making.clear()
            await finish(self._scope.connection, None)
            self._scope = None

    async def get(self, key: Any) -> Any:
        """Give a value, made now if nobody asked before."""
        if key in self.values:
            return self.values[key]
        if self._scope is None:
            raise RuntimeError(
                "A dependency of scope 'app' was asked for before the app started: use `async with app.lifespan():`."
            )
        async with self._making.setdefault(key, asyncio.Lock()):
            if key not in self.values:
                self.values[key] = await self.app.built.dependency(key)(self._scope.connection)
        return self.values[key]


_NO_CLIENT = "There is no client here: this scope belongs to no request."


async def _receive() -> Message:
    raise RuntimeError(_NO_CLIENT)


async def _send(message: Message) -> None:
    raise RuntimeError(_NO_CLIENT)
