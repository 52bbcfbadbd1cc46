"""The middleware of an app, as a list that can be changed."""

from __future__ import annotations

from typing import Any, Iterator, List

from .middleware import Middleware, MiddlewareLocation
from .state import State


class MiddlewareView:
    """The middleware of one kind, in the order in which it was defined.

    Args:
        state: What is registered with the app.
        location: The kind.
    """

    def __init__(self, state: State, location: MiddlewareLocation) -> None:
        self._state, self._location = state, location

    def _items(self) -> List[Middleware]:
        found = [item for item in self._state.middleware if item.location is self._location and item.group is None]
        return sorted(found, key=lambda item: item.definition)

    def __iter__(self) -> Iterator[Middleware]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    def __getitem__(self, index: int) -> Middleware:
        return self._items()[index]

    def __contains__(self, function: object) -> bool:
        return any(item == function for item in self._items())

    def _made(self, function: Any) -> Middleware:
        return function if isinstance(function, Middleware) else Middleware(function, self._location)

    def append(self, function: Any) -> None:
        """Add a middleware behind the others."""
        self._state.middleware.append(self._made(function))

    def appendleft(self, function: Any) -> None:
        """Add a middleware before the others."""
        item = self._made(function)
        item.definition = min((other.definition for other in self._items()), default=0) - 1
        self._state.middleware.append(item)

    def remove(self, function: Any) -> None:
        """Remove a middleware.

        Raises:
            ValueError: It is not there.
        """
        self._state.middleware.remove(next(item for item in self._items() if item == function))
