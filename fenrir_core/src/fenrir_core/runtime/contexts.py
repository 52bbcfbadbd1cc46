"""Contexts outside of requests: for scripts, tasks, listeners, commands and tests."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from contextvars import Token
from types import TracebackType
from typing import Any, AsyncIterator, Dict, Mapping, NoReturn, Optional, Set, Type

from .._types import AnyCallable, Message
from ..http.connection import Connection, current
from ..http.request import Request
from ..http.scopes import http_scope
from .dependencies import finish, unwind

logger = logging.getLogger("fenrir.error")


class AppContext:
    """A context outside of requests with what a request has: dependencies, `g`, clean-up.

    Use it as an async context manager; at its end what was opened is closed, last first.
    `g` and dependencies work inside; what belongs to a request (`request`, `session`) says
    that there is none.

    Args:
        app: The app; it is built at the first call.

    Example:
        >>> async with app.context() as scope:
        ...     await scope.call(import_users, "users.csv")
    """

    _token: Token[Connection]

    def __init__(self, app: Any) -> None:
        self.app = app
        blank = {"type": "fenrir.scope", "path": "", "headers": [], "query_string": b""}
        self.connection = Connection(blank, _no_client, _no_client, {}, app.fallback_route)
        self.connection.share_steps()

    async def __aenter__(self) -> AppContext:
        self._token = current.set(self.connection)
        return self

    async def call(self, function: AnyCallable, *args: Any) -> Any:
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
            self.connection.release_thread()
            current.reset(self._token)


class RequestContext:
    """The context of a request that no client sent, for scripts and tests.

    What is bound to a request works inside (`request`, `g`, `session`); no handler runs.
    Use it with `with` or, to have dependencies closed, with `async with`.

    Args:
        app: The app; it is built.
        path: The path, with a query after "?".
        method, headers, body: Of the request; header names in any case.
    """

    _token: Token[Connection]

    def __init__(
        self,
        app: Any,
        path: str = "/",
        method: str = "GET",
        headers: Optional[Mapping[str, str]] = None,
        body: bytes = b"",
    ) -> None:
        scope = http_scope(path, method, headers)
        found = app.built.router.match(scope["method"], scope["path"])
        target = getattr(found.target, "target", found.target) or app.fallback_route
        self.request = Request(scope, _no_client, _no_client, found.params, target)
        self.request.give_body(body)

    def __enter__(self) -> Request:
        self._token = current.set(self.request)
        return self.request

    def __exit__(self, *_: Any) -> None:
        self.request.release_thread()
        current.reset(self._token)

    async def __aenter__(self) -> Request:
        await self.request.load()
        self.request.share_steps()
        return self.__enter__()

    async def __aexit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> None:
        try:
            await finish(self.request, error)
        finally:
            self.__exit__()


class AppDependencies:
    """The values of the dependencies whose scope is the app.

    Attributes:
        values: The values by key, from the start to the stop.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.values: Dict[Any, Any] = {}
        self._tried: Set[object] = set()
        self._scope: Optional[AppContext] = None
        self._making: Dict[Any, asyncio.Lock] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Create all values in order of dependency; close them in reverse."""
        self._scope = AppContext(self.app)
        try:
            for key in [*self.app.built.planner.app_nodes]:
                await self.get(key)
            yield
        finally:
            self.values.clear()
            self._tried.clear()
            self._making.clear()
            await finish(self._scope.connection, None)
            self._scope.connection.release_thread()
            self._scope = None

    async def open_late(self, nodes: Mapping[object, Any]) -> None:
        """Create the values that late registrations need; one that fails is logged, and missing where it is used.

        Args:
            nodes: The plans of all dependencies of this scope, by key.
        """
        for key, node in [*nodes.items()]:
            if key not in self._tried:
                try:
                    await self.get(key)
                except Exception:
                    logger.exception("The dependency %s of scope 'app', which was registered late, failed", node.name)

    async def get(self, key: Any) -> Any:
        """Return a value; it is created at its first use."""
        if key in self.values:
            return self.values[key]
        if self._scope is None:
            raise RuntimeError(
                "A dependency of scope 'app' was asked for before the app started: use `async with app.lifespan():`."
            )
        self._tried.add(key)
        async with self._making.setdefault(key, asyncio.Lock()):
            if key not in self.values:
                self.values[key] = await self.app.built.dependency(key)(self._scope.connection)
        return self.values[key]


async def _no_client(*message: Message) -> NoReturn:
    raise RuntimeError("There is no client here: this scope belongs to no request.")
