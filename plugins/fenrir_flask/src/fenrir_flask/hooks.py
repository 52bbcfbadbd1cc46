"""Hooks around requests: the registered functions become the kernel's route hooks."""

from __future__ import annotations

from inspect import iscoroutine
from typing import Any, Awaitable, Callable, Iterator, List, Sequence

from fenrir_core import Build, Call, Connection, Request, Route, RouteHook
from fenrir_core.authoring import BODY_METHODS, name_of

from .error_handling import ERROR
from .response import Response
from .return_values import to_flask
from .state import Hook, State


def route_hooks(route: Route, build: Build) -> Iterator[RouteHook]:
    """Return the steps around a route: reading the body, then the registered hook functions."""
    if not route.is_websocket and BODY_METHODS.intersection(route.methods) and not route.option("stream"):
        yield RouteHook("request body", order="outer", needs=frozenset({"load"}))
    state: State = build.app.store(State)
    both = frozenset({"http", "websocket"})  # what guards a route guards its WebSocket, too
    for hook in _for(route, state.url_value_preprocessors):
        name = f"url_value_preprocessor {name_of(hook.function)}"
        yield RouteHook(name, Call(_preprocess(hook.function), "inline"), kinds=both)
    for hook in _for(route, state.before):
        yield RouteHook(f"before_request {name_of(hook.function)}", build.step(hook.function), kinds=both)
    for hook in _for(route, state.after):
        step = _after(build.step(hook.function, ("response",)))
        yield RouteHook(f"after_request {name_of(hook.function)}", after=step)
    for function in state.teardown_appcontext:
        step = _teardown(build.step(function, ("error",)))
        yield RouteHook(f"teardown_appcontext {name_of(function)}", teardown=step, kinds=both)
    for hook in _for(route, state.teardown):
        step = _teardown(build.step(hook.function, ("error",)))
        yield RouteHook(f"teardown_request {name_of(hook.function)}", teardown=step, kinds=both)


def _for(route: Route, hooks: Sequence[Hook]) -> List[Hook]:
    """Return the hooks of a route: the app's, then those of its blueprints, outermost first."""
    found = [hook for hook in hooks if hook.scope is None]
    for name in route.group:
        found.extend(hook for hook in hooks if hook.scope == name)
    return found


def _preprocess(function: Callable[..., Any]) -> Callable[[Connection], None]:
    def step(connection: Connection) -> None:
        route = connection.route
        function(None if route.fallback else route.name, None if route.fallback else connection.path_params)

    return step


def _after(call: Call) -> Call:
    async def step_async(request: Request, response: Any) -> Any:
        return _given_back(request, await call.function(request, Response.force_type(response)))

    def step(request: Request, response: Any) -> Any:
        value = call.function(request, Response.force_type(response))
        return _later(request, value) if iscoroutine(value) else _given_back(request, value)

    return Call(step, "thread") if call.mode == "thread" else Call(step_async, "async")


async def _later(request: Request, value: Awaitable[Any]) -> Any:
    return _given_back(request, await value)


def _given_back(request: Request, value: Any) -> Response:
    if value is None:
        raise TypeError("An after_request function must return the response.")
    return value if isinstance(value, Response) else to_flask(request, value)


def _teardown(call: Call) -> Call:
    def step(connection: Connection, error: Any) -> Any:
        return call.function(connection, error or connection.state.get(ERROR))

    return Call(step, call.mode)
