"""Dependencies that only so many requests may use at a time."""

from __future__ import annotations

import asyncio
import functools
import inspect
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, AsyncIterator, Optional
from weakref import WeakKeyDictionary

from typing_extensions import get_type_hints

from fenrir_core.authoring import unwrap_callable

from .. import params
from ..return_kinds import is_async_generator, is_generator
from ..starlette.concurrency import call_either
from ..starlette.types import AnyCallable, NamedValues
from ..thread_contexts import contextmanager_in_threadpool

__all__ = ["limited"]


class _Limited:
    """A dependency with a limit; it equals its callable, so that an override of that one is found."""

    def __init__(self, function: AnyCallable, limit: int, namespace: NamedValues) -> None:
        wrapper: Any = self
        functools.update_wrapper(wrapper, function)
        self.function, self.limit = function, limit
        self.__signature__ = _resolved_signature(function, namespace)
        # an event loop has a semaphore of its own, as tests have several
        self._slots: WeakKeyDictionary[Any, asyncio.Semaphore] = WeakKeyDictionary()

    def __hash__(self) -> int:
        return hash(self.function)

    def __eq__(self, other: object) -> bool:
        return other is self or other == self.function

    def slot(self) -> asyncio.Semaphore:
        """Return the semaphore of the running event loop."""
        loop = asyncio.get_running_loop()
        found = self._slots.get(loop)
        if found is None:
            found = self._slots[loop] = asyncio.Semaphore(self.limit)
        return found


class _LimitedCall(_Limited):
    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        async with self.slot():
            return await call_either(self.function, *args, **kwargs)


class _LimitedGenerator(_Limited):
    async def __call__(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.slot())
            if is_async_generator(self.function):
                yield await stack.enter_async_context(asynccontextmanager(self.function)(*args, **kwargs))
            else:
                manager = contextmanager(self.function)(*args, **kwargs)
                yield await stack.enter_async_context(contextmanager_in_threadpool(manager))


def _resolved_signature(function: AnyCallable, namespace: NamedValues) -> inspect.Signature:
    """Return the signature of a callable; annotations that are text are resolved where that is possible."""
    found = inspect.signature(function)
    target = inspect.unwrap(unwrap_callable(function))
    names = {**getattr(target, "__globals__", {}), **namespace}
    try:
        hints = get_type_hints(target, names, include_extras=True)
    except Exception:  # a name that is unknown: told for the parameter, if it is read from the request
        return found
    return found.replace(
        parameters=[
            item.replace(annotation=hints.get(name, item.annotation)) for name, item in found.parameters.items()
        ]
    )


def limited(function: AnyCallable, marker: params.Depends, namespace: Optional[NamedValues] = None) -> AnyCallable:
    """Return the callable of a dependency, with the limit of its marker; one marker is one limit, wherever it is used.

    A `yield` dependency holds its place until it is closed.
    """
    limit = marker.max_concurrency
    if limit is None:
        return function
    known = marker.__dict__.setdefault("_limited", {})
    if function not in known:
        kind = _LimitedGenerator if is_generator(unwrap_callable(function)) else _LimitedCall
        known[function] = kind(function, limit, namespace or {})
    found: AnyCallable = known[function]
    return found
