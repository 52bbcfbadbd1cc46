"""The state of one app: everything that was registered with Sanic's methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Deque, Dict, List, Optional, Tuple, Type

from fenrir_core import Connection, Route

from .middleware import Middleware, MiddlewareLocation
from .supervised_tasks import SupervisedTasks
from .values import AnyCallable, Values


@dataclass(frozen=True)
class Handler:
    """An exception handler.

    Args:
        matches: The exception class.
        function: ``(request, exception) -> value``.
        group: The name of the blueprint that it belongs to, or None for the app.
    """

    matches: Type[BaseException]
    function: AnyCallable
    group: Optional[str] = None


@dataclass(frozen=True)
class Listener:
    """A function that runs in one phase of the start or the stop.

    Args:
        function: What is called.
        phase: One of `fenrir_sanic.listeners.PHASES`.
        priority: Higher runs earlier at the start and later at the stop.
        where: ``file:line`` of the function.
    """

    function: AnyCallable
    phase: str
    priority: int = 0
    where: str = ""


@dataclass
class State:
    """What is registered with one app, in order of registration; `app.store(State)` is the app's own.

    Attributes:
        handlers: The exception handlers.
        middleware: The middleware.
        listeners: The listeners.
        blueprints: The blueprints by name.
        tasks: The supervised tasks.
        request_class: The class of its requests; None for `Request`.
        request_reader: The reader that was last made, with the class that it is for.
        response_calls: The response middleware of each route, by its id, as async functions in the order in which
            they run.
        placed: What is registered for a path, a method and a host.
        hosts: The routes for some hosts only, by path and method.
        named: The middleware for single routes, by route and kind.
        collect: Called with each request, for the test client; None without one.
    """

    handlers: List[Handler] = field(default_factory=list)
    middleware: List[Middleware] = field(default_factory=list)
    listeners: List[Listener] = field(default_factory=list)
    blueprints: Values = field(default_factory=dict)
    tasks: SupervisedTasks = field(default_factory=SupervisedTasks)
    request_class: Any = None
    request_reader: Optional[Tuple[Any, Callable[[Connection], Any]]] = None
    response_calls: Dict[int, Tuple[Callable[[Any, Any], Awaitable[Any]], ...]] = field(default_factory=dict)
    placed: Dict[Tuple[str, str, Optional[str]], Any] = field(default_factory=dict)
    hosts: Dict[Tuple[str, str], Any] = field(default_factory=dict)
    collect: Optional[Callable[[Any], None]] = None
    named: Dict[Tuple[str, MiddlewareLocation], Deque[Middleware]] = field(default_factory=dict)

    def middleware_of(self, route: Route) -> List[Middleware]:
        """Return the middleware that covers a route, in order of registration."""
        return [item for item in self.middleware if item.group is None or item.group in route.group]
