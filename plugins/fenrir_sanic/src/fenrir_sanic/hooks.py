"""Request and response middleware: functions around every route, of whichever paradigm."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, List, Optional, Tuple, TypeVar

from fenrir_core import App, Build, BuildError, Call, Connection, Response, Route, RouteHook
from fenrir_core.authoring import name_of, to_response, where_is

from .views import request_reader

F = TypeVar("F", bound=Callable[..., Any])
KINDS = ("request", "response")
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Middleware:
    """A registered middleware.

    Args:
        function: What is called.
        kind: ``request`` or ``response``.
        priority: Higher is further out.
        group: The name of the blueprint that it belongs to, or None for the app.
    """

    function: Callable[..., Any]
    kind: str
    priority: int = 0
    group: Optional[str] = None


@dataclass
class Middlewares:
    """Hold one app's middleware, in order of registration."""

    items: List[Middleware] = field(default_factory=list)


def check_kind(kind: Any, where: str = "") -> str:
    """Return ``request`` or ``response``.

    Raises:
        BuildError: It is another word.
    """
    word = str(getattr(kind, "value", kind)).lower()
    if word not in KINDS:
        raise BuildError(
            f"{where + ': ' if where else ''}There is no middleware kind {kind!r}: write "
            '@app.middleware("request") or @app.middleware("response").'
        )
    return word


def register_middleware(
    app: App, middleware: F, attach_to: str = "request", *, priority: int = 0, group: Optional[str] = None
) -> F:
    """Run a function before or after every request.

    Args:
        app: The app.
        middleware: ``(request)``, whose value, unless None, answers the request; or
            ``(request, response)``, whose value, unless None, takes the response's place. A
            synchronous one runs on the event loop. `Depends` and the like may follow.
        attach_to: ``"request"`` or ``"response"``.
        priority: Higher is further out: earlier before, later after.
        group: Only for the routes of this blueprint.

    Raises:
        BuildError: Another word is given, or the app is built already.
    """
    where = where_is(middleware)
    kind = check_kind(attach_to, where)
    if app.is_built:
        raise BuildError(f"{where}: the middleware {name_of(middleware)} comes too late: the app is built and frozen.")
    app.store(Middlewares).items.append(Middleware(middleware, kind, priority, group))
    return middleware


def middleware(app: App, middleware_or_kind: Any = "request", *, priority: int = 0) -> Any:
    """Register the decorated function: ``@app.middleware("request")``, ``("response")``, or bare for request.

    Args:
        app: The app.
        middleware_or_kind: The kind, or the function itself.
        priority: Higher is further out.

    Raises:
        BuildError: Another word is given.
    """
    if callable(middleware_or_kind):
        return register_middleware(app, middleware_or_kind, "request", priority=priority)
    check_kind(middleware_or_kind)
    return _decorator(app, middleware_or_kind, priority)


def on_request(app: App, middleware: Any = None, *, priority: int = 0) -> Any:
    """Register request middleware; bare, or called with a priority."""
    if callable(middleware):
        return register_middleware(app, middleware, "request", priority=priority)
    return _decorator(app, "request", priority)


def on_response(app: App, middleware: Any = None, *, priority: int = 0) -> Any:
    """Register response middleware; bare, or called with a priority."""
    if callable(middleware):
        return register_middleware(app, middleware, "response", priority=priority)
    return _decorator(app, "response", priority)


def _decorator(app: App, kind: str, priority: int) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        return register_middleware(app, function, kind, priority=priority)

    return decorate


def is_middleware(args: Tuple[Any, ...], kwargs: Any) -> bool:
    """Tell a call of Sanic's `middleware` from other paradigms': everything but ``"http"``."""
    given = args[0] if args else kwargs.get("middleware_or_kind", kwargs.get("middleware_type", "request"))
    return bool(given != "http")


def route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return a wrapper for each middleware that covers a route."""
    items = build.app.store(Middlewares).items
    view = request_reader(build.app)
    # the app's middleware is outside of a blueprint's
    ordered = [item for item in items if item.group is None] + [item for item in items if item.group is not None]
    has_body = bool(BODY_METHODS.intersection(route.methods)) and not route.option("stream")
    needs = frozenset({"load"}) if has_body else frozenset()
    for item in ordered:
        if item.group is not None and item.group not in route.group:
            continue
        name = name_of(item.function)
        if item.kind == "request":
            kinds = frozenset({"http", "websocket"})  # what guards a route guards its WebSocket too
            before = _step(item.function, build, "request")
            yield RouteHook(
                name, before, kinds=kinds, priority=item.priority, needs=needs, adapter=view, convert=_answer
            )
        else:
            after = _step(item.function, build, "request", "response")
            yield RouteHook(name, after=after, priority=item.priority, needs=needs, adapter=view, convert=_answer)


def _count(function: Callable[..., Any]) -> int:
    try:
        return len(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return 0


def _step(function: Callable[..., Any], build: Build, *given: str) -> Call:
    """Return how a middleware is called with `given`; `Depends` and the like fill what else it takes."""
    if _count(function) > len(given):
        injected = build.inject(function, None, given, nonblocking=True)
        return Call(lambda request, *more: injected(request._connection, request, *more), "async")
    return Call(function, "async" if Call.of(function).mode == "async" else "inline")


def _answer(connection: Connection, value: Any) -> Any:
    """Make a response of what a middleware returned, so that the route's own rule has no say in it."""
    return value if isinstance(value, Response) else to_response(connection, value)
