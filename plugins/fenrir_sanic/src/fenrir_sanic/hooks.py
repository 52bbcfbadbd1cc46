"""Request and response middleware: functions around every route, of all paradigms."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Optional, Tuple

from fenrir_core import App, Build, BuildError, Call, Connection, Response, Route, RouteHook
from fenrir_core.authoring import F, check_callable, name_of, to_response, where_is

from .background import parameters_of
from .request import needs_of, request_reader
from .state import Middleware, State

KINDS = ("request", "response")


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
        middleware: ``(request)``, whose value, unless None, becomes the response; or
            ``(request, response)``, whose value, unless None, replaces the response. A
            synchronous one runs on the event loop. `Depends` and the like may follow.
        attach_to: ``"request"`` or ``"response"``.
        priority: Higher is further out: earlier before the handler, later after it.
        group: The name of the blueprint whose routes it covers; None for all routes.

    Raises:
        BuildError: `attach_to` is another word, or the app takes no late registrations.
    """
    check_callable(middleware, "middleware")
    where = where_is(middleware)
    kind = check_kind(attach_to, where)
    with app.registering(f"the middleware {name_of(middleware)}", where):
        app.store(State).middleware.append(Middleware(middleware, kind, priority, group))
    return middleware


def middleware(app: App, middleware_or_kind: Any = "request", *, priority: int = 0) -> Any:
    """Register the decorated function: ``@app.middleware("request")``, ``("response")``, or bare for request.

    Args:
        app: The app.
        middleware_or_kind: The kind, or the function itself.
        priority: Higher is further out.

    Raises:
        BuildError: There is no such kind.
    """
    if callable(middleware_or_kind):
        return register_middleware(app, middleware_or_kind, "request", priority=priority)
    check_kind(middleware_or_kind)
    return _decorator(app, middleware_or_kind, priority)


def on_request(app: App, middleware: Any = None, *, priority: int = 0) -> Any:
    """Register request middleware; bare, or called with a priority."""
    decorate = _decorator(app, "request", priority)
    return decorate if middleware is None else decorate(middleware)


def on_response(app: App, middleware: Any = None, *, priority: int = 0) -> Any:
    """Register response middleware; bare, or called with a priority."""
    decorate = _decorator(app, "response", priority)
    return decorate if middleware is None else decorate(middleware)


def _decorator(app: App, kind: str, priority: int) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        return register_middleware(app, function, kind, priority=priority)

    return decorate


def is_middleware(args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Return whether a call of `middleware` is meant for Sanic's: with anything but ``"http"``."""
    given = args[0] if args else kwargs.get("middleware_or_kind", kwargs.get("middleware_type", "request"))
    return bool(given != "http")


def route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return a hook for each middleware that covers a route."""
    items = build.app.store(State).middleware
    adapter = request_reader(build.app)
    # the app's middleware is outside of a blueprint's
    ordered = [item for item in items if item.group is None] + [item for item in items if item.group is not None]
    needs = needs_of(route)
    for item in ordered:
        if item.group is not None and item.group not in route.group:
            continue
        name = name_of(item.function)
        if item.kind == "request":
            kinds = frozenset({"http", "websocket"})  # what guards a route guards its WebSocket too
            before = _step(item.function, build, "request")
            yield RouteHook(
                name, before, kinds=kinds, priority=item.priority, needs=needs, adapter=adapter, convert=_convert
            )
        else:
            after = _step(item.function, build, "request", "response")
            yield RouteHook(name, after=after, priority=item.priority, needs=needs, adapter=adapter, convert=_convert)


def _step(function: Callable[..., Any], build: Build, *positional: str) -> Call:
    """Return the call of a middleware; parameters beyond the `positional` ones are injected."""
    if len(parameters_of(function) or ()) > len(positional):
        injected = build.inject(function, positional=positional, nonblocking=True)
        return Call(lambda request, *more: injected(request._connection, request, *more), "async")
    return Call(function, "async" if Call.of(function).mode == "async" else "inline")


def _convert(connection: Connection, value: Any) -> Response:
    """Make a response of what a middleware returned, by the app's rule: the route's own is not meant for it."""
    return value if isinstance(value, Response) else to_response(connection, value)
