"""The middleware of an app: as lists that can be changed, and by route."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque, Dict, Iterable, Iterator, List, Type, cast

from fenrir_core import App

from . import hooks
from .middleware import Middleware, MiddlewareLocation
from .router import Router
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


class MiddlewareMethods:
    """The methods of an app that show its middleware, and change it."""

    name: str
    router: Router
    store: Callable[[Type[State]], State]

    @property
    def request_middleware(self) -> MiddlewareView:
        """The middleware before every handler; it can be changed before the start."""
        return MiddlewareView(self.store(State), MiddlewareLocation.REQUEST)

    @property
    def response_middleware(self) -> MiddlewareView:
        """The middleware after every handler; it can be changed before the start."""
        return MiddlewareView(self.store(State), MiddlewareLocation.RESPONSE)

    @property
    def named_request_middleware(self) -> Dict[str, Deque[Middleware]]:
        """The middleware before the handlers of blueprints, by route."""
        return self._named(MiddlewareLocation.REQUEST)

    @property
    def named_response_middleware(self) -> Dict[str, Deque[Middleware]]:
        """The middleware after the handlers of blueprints, by route."""
        return self._named(MiddlewareLocation.RESPONSE)

    def _named(self, location: MiddlewareLocation) -> Dict[str, Deque[Middleware]]:
        items = [item for item in self.store(State).middleware if item.group and item.location is location]
        found: Dict[str, Deque[Middleware]] = {
            str(route.name): deque(item for item in items if item.group in route.group) for route in self.router.routes
        }
        found.update({name: items for (name, kind), items in self.store(State).named.items() if kind is location})
        return {name: middleware for name, middleware in found.items() if middleware}

    def register_named_middleware(
        self, middleware: Any, route_names: Iterable[str], attach_to: str = "request", *, priority: int = 0
    ) -> Any:
        """Register a middleware for some routes only."""
        names = frozenset(route_names)

        def named(request: Any, *more: Any) -> Any:
            name = str(request.name)
            return middleware(request, *more) if {name, name[len(self.name) + 1 :]} & names else None

        item = Middleware(named, MiddlewareLocation[attach_to.upper()], priority)
        for name in names:
            self.store(State).named.setdefault((name, item.location), deque()).appendleft(item)
        hooks.add(cast("App", self), item)
        return middleware

    def finalize_middleware(self) -> None:
        """Do nothing: the build composes the middleware."""
