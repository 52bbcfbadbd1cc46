"""What runs at startup and shutdown: event functions, and the nested lifespans of apps and routers."""

from __future__ import annotations

import inspect
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, AsyncContextManager, AsyncIterator, Callable, Dict, List, Optional, Sequence

from fenrir_core import BuildError, Lifespan
from fenrir_core.authoring import check_callable

from .starlette.concurrency import call_either
from .starlette.types import NamedValues, Values

Function = Callable[[], Any]


class Events:
    """The event functions and lifespan of an app or a router.

    Args:
        on_startup, on_shutdown: Functions without arguments, sync or async.
        lifespan: A function of the app that returns an async context manager, or an (async)
            generator function. A mapping that it yields becomes the requests' state.
    """

    def __init__(
        self,
        on_startup: Optional[Sequence[Function]] = None,
        on_shutdown: Optional[Sequence[Function]] = None,
        lifespan: Optional[Callable[[Any], Any]] = None,
    ) -> None:
        self.functions: Dict[str, List[Function]] = {
            "startup": list(on_startup or ()),
            "shutdown": list(on_shutdown or ()),
        }
        self.lifespan = lifespan
        self._included: List[Events] = []
        #: What the app's author has put in the place of all of this, which it may call; None if nothing.
        self.replaced: Optional[Callable[[Any], Any]] = None

    def add(self, event: str, function: Function) -> None:
        """Register a function for ``startup`` or ``shutdown``.

        Raises:
            BuildError: There is no such event, or the function is not callable.
        """
        if event not in self.functions:
            raise BuildError(f"There is no event {event!r}: write 'startup' or 'shutdown'.")
        check_callable(function, f"event {event!r}")
        self.functions[event].append(function)

    def include(self, other: Events) -> None:
        """Run the events of an included router inside of these; once, however often it is included."""
        if other not in self._included:
            self._included.append(other)

    @asynccontextmanager
    async def run(self, app: Any) -> AsyncIterator[NamedValues]:
        """Run everything around the app's lifespan; yields the merged state of the lifespans."""
        state: Values = {}
        async with AsyncExitStack() as stack:
            for function in self.functions["startup"]:
                await call_either(function)
            stack.push_async_callback(self._shut_down)
            if self.lifespan is not None:
                state.update(await stack.enter_async_context(_entered(self.lifespan, app)) or {})
            inner: Values = {}
            for other in self._included:
                inner.update(await stack.enter_async_context(other.run(app)))
            yield {**inner, **state}

    async def _shut_down(self) -> None:
        for function in self.functions["shutdown"]:
            await call_either(function)

    @asynccontextmanager
    async def run_replaced(self, app: Any) -> AsyncIterator[NamedValues]:
        """Run what replaces these events, or else the events."""
        async with _entered(self.replaced or self.run, app) as state:
            yield state or {}

    def as_lifespan(self, others: Sequence[Lifespan] = ()) -> Lifespan:
        """Return these events as a lifespan of the kernel, under a name that none of `others` has."""
        names = {item.name for item in others}
        count = 1
        while f"router {count}" in names:
            count += 1
        return Lifespan(f"router {count}", self.run_replaced)


def _entered(lifespan: Callable[[Any], Any], app: Any) -> AsyncContextManager[Any]:
    if inspect.isasyncgenfunction(lifespan):
        return asynccontextmanager(lifespan)(app)
    if inspect.isgeneratorfunction(lifespan):
        return _in_async(contextmanager(lifespan)(app))
    found = lifespan(app)
    return found if hasattr(found, "__aenter__") else _in_async(found)


@asynccontextmanager
async def _in_async(manager: Any) -> AsyncIterator[Any]:
    with manager as value:
        yield value
