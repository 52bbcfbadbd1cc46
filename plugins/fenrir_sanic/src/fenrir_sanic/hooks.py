"""Request and response middleware: functions around every route, of all paradigms."""

from __future__ import annotations

from typing import Any, Callable, Iterable, List, Mapping, Optional, Tuple

from fenrir_core import App, Build, BuildError, Call, Connection, Response, Route, RouteHook
from fenrir_core.authoring import F, check_callable, name_of, to_response, where_is

from . import signal_hooks
from .background import parameters_of
from .middleware import Middleware, MiddlewareLocation
from .parameters import encoder_of_values
from .request import Request, needs_of, request_reader
from .return_values import require_response, value_of
from .state import State
from .values import AnyCallable

KINDS = ("request", "response")


def check_kind(kind: Any, where: str = "") -> str:
    """Return ``request`` or ``response``.

    Raises:
        BuildError: It is another word.
    """
    word = str(getattr(kind, "value", kind)).lower()
    if isinstance(kind, MiddlewareLocation):
        word = kind.name.lower()
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
        BuildError: `attach_to` is another word, or the app is built already.
    """
    check_callable(middleware, "middleware")
    kind = check_kind(attach_to, where_is(middleware))
    add(app, Middleware(middleware, MiddlewareLocation[kind.upper()], priority, group))
    return middleware


def add(app: App, item: Middleware) -> None:
    """Keep a middleware for the build.

    Raises:
        BuildError: The app is built already.
    """
    with app.registering(f"the middleware {name_of(item.func)}", where_is(item.func), keeps_arguments=True):
        app.store(State).middleware.append(item)


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


def ordered(state: State, route: Route, pure: bool) -> List[Middleware]:
    """Return the middleware that covers a route, of equal priority in the order in which it is yielded.

    In Sanic's own app that is the order of definition; in the hybrid app a blueprint's is inside of the app's.
    """
    return sorted(state.middleware_of(route), key=lambda item: item.definition if pure else item.group is not None)


def route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return a hook for each middleware that covers a route, and for each event that has handlers."""
    if route.option("host_dispatcher"):
        return  # the route that it chooses has them
    state = build.app.store(State)
    pure = build.app.paradigm == "sanic"
    adapter, needs = request_reader(build.app), needs_of(route, pure)
    events = signal_hooks.emitter(build.app) if pure else None
    responses: List[Tuple[int, AnyCallable]] = []
    encode = encoder_of_values(route, build)
    if encode is not None:
        yield RouteHook("path values", Call(encode, "inline"), kinds=frozenset({"http", "websocket"}), order="outer")
    if state.collect is not None:
        collect = Call(state.collect, "inline")
        yield RouteHook("test client", collect, kinds=frozenset({"http", "websocket"}), order="outer", adapter=adapter)
    if events is not None:
        yield from events.outer(route, adapter, needs)
    for item in ordered(state, route, pure):
        name = name_of(item.func)
        if item.location is MiddlewareLocation.REQUEST:
            kinds = frozenset({"http", "websocket"})  # what guards a route guards its WebSocket too
            step = _step(item.func, build, "request")
            before = step if events is None else events.around(step)
            yield RouteHook(
                name, before, kinds=kinds, priority=item.priority, needs=needs, adapter=adapter, convert=_convert
            )
        else:
            step = _step(item.func, build, "request", "response")
            step = step if events is None else events.around(step)
            responses.insert(0, (item.priority, signal_hooks.as_async(step)))
            after = _once(step)
            yield RouteHook(name, after=after, priority=item.priority, needs=needs, adapter=adapter, convert=_convert)
    if pure and responses:
        yield RouteHook("sanic response", after=Call(require_response, "inline"), order="outer", adapter=adapter)
    state.response_calls[id(route)] = tuple(call for _, call in sorted(responses, key=lambda pair: pair[0]))
    if events is not None:
        yield from events.inner(route, adapter, needs)


def _step(function: AnyCallable, build: Build, *positional: str) -> Call:
    """Return the call of a middleware; parameters beyond the `positional` ones are injected."""
    if len(parameters_of(function) or ()) > len(positional):
        injected = build.inject(function, positional=positional, nonblocking=True)
        return Call(lambda request, *more: injected(request._connection, request, *more), "async")
    return Call(function, "async" if Call.of(function).mode == "async" else "inline")


def _once(step: Call) -> Call:
    """Return a step of a response that does nothing where `request.respond()` has run it."""
    function = step.function
    if step.mode == "async":

        async def run_async(request: Request, response: Response) -> Any:
            return None if request.response_middleware_started else await function(request, value_of(response))

        return Call(run_async, "async")

    def run(request: Request, response: Response) -> Any:
        return None if request.response_middleware_started else function(request, value_of(response))

    return Call(run, "inline")


def _convert(connection: Connection, value: Any) -> Response:
    """Make a response of what a middleware returned, by the app's rule: the route's own is not meant for it."""
    return value if isinstance(value, Response) else to_response(connection, value)
