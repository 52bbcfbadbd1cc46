"""Hooks around requests: the registered functions become the kernel's route hooks."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List, Sequence

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
        step = build.inject(hook.function, None, ())
        yield RouteHook(f"before_request {name_of(hook.function)}", Call(step, "async"), kinds=both)
    for hook in _for(route, state.after):
        step = _after(build.inject(hook.function, None, ("response",)))
        yield RouteHook(f"after_request {name_of(hook.function)}", after=Call(step, "async"))
    for function in state.teardown_appcontext:
        step = _teardown(build.inject(function, None, ("error",)))
        yield RouteHook(f"teardown_appcontext {name_of(function)}", teardown=Call(step, "async"), kinds=both)
    for hook in _for(route, state.teardown):
        step = _teardown(build.inject(hook.function, None, ("error",)))
        yield RouteHook(f"teardown_request {name_of(hook.function)}", teardown=Call(step, "async"), kinds=both)


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


def _after(function: Callable[..., Any]) -> Callable[..., Any]:
    async def step(request: Request, response: Any) -> Any:
        value = await function(request, Response.force_type(response))
        if value is None:
            raise TypeError("An after_request function must return the response.")
        return value if isinstance(value, Response) else to_flask(request, value)

    return step


def _teardown(function: Callable[..., Any]) -> Callable[..., Any]:
    async def step(connection: Connection, error: Any) -> None:
        await function(connection, error or connection.state.get(ERROR))

    return step
