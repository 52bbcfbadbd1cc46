"""Hooks around requests: the registered functions become the kernel's route hooks."""

from __future__ import annotations

from inspect import iscoroutine
from typing import Any, Awaitable, Callable, Iterator, Optional, Tuple, Union

from werkzeug.wrappers import Response as WerkzeugResponse

import fenrir_core
from fenrir_core import Build, Call, Connection, Request, Route, RouteHook
from fenrir_core.authoring import BODY_METHODS, name_of

from ._types import Function, ReturnValue
from .bodies import load
from .conversion import give_back, to_kernel, to_werkzeug
from .dispatching import Dispatch, functions_of
from .error_handling import ERROR
from .return_values import to_flask
from .state import State


def route_hooks(route: Route, build: Build) -> Iterator[RouteHook]:
    """Return the steps around a route: reading the body, then the registered hook functions."""
    if build.app.paradigm == "flask" and build.app.walk is not None:
        return  # its own methods do all of it
    state: State = build.app.store(State)
    endpoint: Any = route.endpoint
    is_whole = isinstance(endpoint, Dispatch) and endpoint.take(route, build)
    if not route.is_websocket and BODY_METHODS.intersection(route.methods) and not route.option("stream"):
        if is_whole and not route.option("nonblocking", build.settings["nonblocking"]):
            yield RouteHook("request body", Call(load, "async"), order="outer")
        else:
            yield RouteHook("request body", order="outer", needs=frozenset({"load"}))
    for place, function in _around(route, state):
        name = f"{place} {name_of(function)}"
        # for reports alone where the endpoint calls the functions itself
        yield RouteHook(name) if is_whole else _hook(name, place, function, build)


def _around(route: Route, state: State) -> Iterator[Tuple[str, Function]]:
    """Return the functions around a route, each with the name of what has registered it."""
    for place, functions in (
        ("url_value_preprocessor", functions_of(route, state.url_value_preprocessors)),
        ("before_request", functions_of(route, state.before_request_funcs)),
        ("after_request", functions_of(route, state.after_request_funcs)),
        ("teardown_appcontext", state.teardown_appcontext_funcs),
        ("teardown_request", functions_of(route, state.teardown_request_funcs)),
    ):
        for function in functions:
            yield place, function


def _hook(name: str, place: str, function: Function, build: Build) -> RouteHook:
    """Return the hook that calls a function around a route."""
    both = frozenset({"http", "websocket"})  # what guards a route guards its WebSocket, too
    if place == "url_value_preprocessor":
        return RouteHook(name, Call(_preprocess(function), "inline"), kinds=both)
    if place == "before_request":
        return RouteHook(name, build.step(function), kinds=both)
    if place == "after_request":
        return RouteHook(name, after=_after(build.step(function, ("response",))))
    return RouteHook(name, teardown=_teardown(build.step(function, ("error",))), kinds=both)


def _preprocess(function: Function) -> Callable[[Connection], None]:
    def step(connection: Connection) -> None:
        route = connection.route
        function(None if route.fallback else route.name, None if route.fallback else connection.path_params)

    return step


def _after(call: Call) -> Call:
    async def step_async(request: Request, response: fenrir_core.Response) -> fenrir_core.Response:
        own = to_werkzeug(response, linked=True)
        return _given_back(request, response, own, await call.function(request, own))

    def step(
        request: Request, response: fenrir_core.Response
    ) -> Union[fenrir_core.Response, Awaitable[fenrir_core.Response]]:
        own = to_werkzeug(response, linked=True)
        value = call.function(request, own)
        if iscoroutine(value):
            return _later(request, response, own, value)
        return _given_back(request, response, own, value)

    return Call(step, "thread") if call.mode == "thread" else Call(step_async, "async")


async def _later(
    request: Request, response: fenrir_core.Response, own: WerkzeugResponse, value: Awaitable[ReturnValue]
) -> fenrir_core.Response:
    return _given_back(request, response, own, await value)


def _given_back(
    request: Request, response: fenrir_core.Response, own: WerkzeugResponse, value: ReturnValue
) -> fenrir_core.Response:
    if value is None:
        raise TypeError("An after_request function must return the response.")
    if value is not own:
        return to_flask(request, value)
    if response.streams and _is_replaced(own):
        return to_kernel(request, own)
    give_back(response, own)
    return response


def _is_replaced(own: WerkzeugResponse) -> bool:
    """Return whether the stream of a response was consumed or replaced."""
    kept = vars(own).get("fenrir_content")
    return isinstance(own.response, (list, tuple)) if kept is None else own.response is not kept


def _teardown(call: Call) -> Call:
    def step(connection: Connection, error: Optional[BaseException]) -> Optional[Awaitable[None]]:
        value: Optional[Awaitable[None]] = call.function(connection, error or connection.state.get(ERROR))
        return value

    return Call(step, call.mode)
