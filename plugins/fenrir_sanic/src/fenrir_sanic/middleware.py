"""Middleware as an object: its function, its kind and its priority."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from itertools import count
from typing import Any, Deque, Iterator, Sequence, Tuple, Union

from .values import AnyCallable


class MiddlewareLocation(IntEnum):
    """Where a middleware runs: before the handler or after it."""

    REQUEST = 1
    RESPONSE = 2


class Middleware:
    """A request or response middleware.

    Args:
        func: What is called.
        location: Where it runs.
        priority: Higher runs earlier.
        group: The name of the blueprint whose routes it covers; None for all routes.
    """

    _counter: Iterator[int] = count()

    __slots__ = ("func", "priority", "location", "definition", "group")

    def __init__(
        self, func: AnyCallable, location: MiddlewareLocation, priority: int = 0, group: Union[str, None] = None
    ) -> None:
        self.func, self.location, self.priority, self.group = func, location, priority, group
        self.definition = next(Middleware._counter)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.func(*args, **kwargs)

    def __hash__(self) -> int:
        return hash(self.func)

    def __eq__(self, other: object) -> bool:
        return self.func == getattr(other, "func", other)

    def __repr__(self) -> str:
        name = getattr(self.func, "__name__", type(self.func).__name__)
        return f"{type(self).__name__}(func=<function {name}>, priority={self.priority}, location={self.location.name})"

    @property
    def order(self) -> Tuple[int, int]:
        """What middleware is sorted by, the greatest first."""
        return self.priority, -self.definition

    @classmethod
    def convert(
        cls, *middleware_collections: Sequence[Union[Middleware, AnyCallable]], location: MiddlewareLocation
    ) -> Deque[Middleware]:
        """Return all members of the collections as `Middleware`."""
        found = (item for collection in middleware_collections for item in collection)
        return deque(item if isinstance(item, Middleware) else cls(item, location) for item in found)

    @classmethod
    def reset_count(cls) -> None:
        """Number the definitions from 0 again."""
        cls._counter = count()
