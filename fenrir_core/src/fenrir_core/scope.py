"""A scope outside of requests: for scripts, tasks, listeners, commands and tests."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Optional, Type

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


_NO_CLIENT = "There is no client here: this scope belongs to no request."


async def _receive() -> Message:
    raise RuntimeError(_NO_CLIENT)


async def _send(message: Message) -> None:
    raise RuntimeError(_NO_CLIENT)
