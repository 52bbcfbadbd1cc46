"""The steps around requests: middleware components, sinks and static routes.

`before` and `after`, the decorators of responders, are exported here as in `falcon.hooks`.
"""

from __future__ import annotations

import inspect
import warnings
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Iterable, List, Optional, Tuple

from fenrir_core import App, Build, Call, Connection, Lifespan, Route, RouteHook
from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core import Response as KernelResponse
from fenrir_core import WebSocket as KernelWebSocket
from fenrir_core.authoring import Receive, Scope, Send, get_logger, handle_error

from . import quick_errors
from .decorators import after, before
from .deprecation import DeprecatedWarning
from .error_handling import compose_error, compose_status, translate
from .exceptions import HTTPBadRequest, HTTPInternalServerError, HTTPRouteNotFound
from .http_error import HTTPError
from .redirects import HTTPStatus
from .request import Request, request_reader
from .response import PENDING, Response, response_reader
from .return_values import DONE, call
from .scopes import prepare_scope
from .sinks import route_hooks as sink_hooks
from .sinks import try_all
from .state import State
from .status_codes import code_to_http_status
from .websocket import WebSocket, websocket_of

__all__ = ["COMPONENT_METHODS", "after", "before", "lifespans", "route_hooks"]

#: Whether hooks on a class decorate its `on_request`, too.
decorate_on_request = False
logger = get_logger("fenrir.error")
#: An object with one of these methods is a middleware component.
COMPONENT_METHODS = (
    "process_request",
    "process_resource",
    "process_response",
    "process_request_ws",
    "process_resource_ws",
    "process_startup",
    "process_shutdown",
    "process_request_async",
    "process_resource_async",
    "process_response_async",
)


def route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the steps of middleware components, then those of sinks and static routes."""
    return [*_middleware(route, build), *sink_hooks(route, build), *quick_errors.route_hooks(route, build)]


def _middleware(route: Route, build: Build) -> List[RouteHook]:
    """Return one hook that runs all components: requests in order of registration, responses in reverse."""
    if route.is_websocket:
        first = _before_websocket(route, build.app)
        return [RouteHook("falcon middleware", first, kinds=frozenset({"websocket"}))] if first is not None else []
    first, last = _before(route, build.app), _after(route, build.app)
    if first is None and last is None:
        return []
    return [RouteHook("falcon middleware", first, last, order="inner")]


def lifespans(build: Build) -> List[Lifespan]:
    """Return the lifespan that calls `process_startup` and `process_shutdown`, if any component has them."""
    state = build.app.store(State)
    starts, stops = state.component_methods("process_startup"), state.component_methods("process_shutdown")

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        for step in starts:
            await call(step, scope, {"type": "lifespan.startup"})
        yield
        for step in reversed(stops):
            await call(step, scope, {"type": "lifespan.shutdown"})

    return [Lifespan("falcon middleware", lifespan)] if starts or stops else []


def _with_kinds(steps: List[Callable[..., Any]]) -> List[Tuple[Callable[..., Any], bool]]:
    """Return steps, each with whether it is a coroutine function."""
    return [(step, inspect.iscoroutinefunction(step)) for step in steps]


def _before(route: Route, app: App) -> Optional[Call]:
    """Return the step for requests, or None if no component has a method for it."""
    state = app.store(State)
    on_request = state.component_methods("process_request")
    has_resource = not route.fallback and route.mount is None
    on_resource = state.component_methods("process_resource") if has_resource else []
    if not on_request and not on_resource:
        return None
    resource = state.resources.get(route.endpoint)
    read_request, read_response = request_reader(app), response_reader(app)
    is_pure = app.paradigm == "falcon"
    before, with_resource = _with_kinds(on_request), _with_kinds(on_resource)

    async def process_request(connection: Connection) -> Any:
        request, response = read_request(connection), read_response(connection)
        for step, is_async in before:
            if is_async:  # PERF: decided at the build, 300 ns a step
                await step(request, response)
            else:
                await call(step, request, response)
            if response.complete:
                return DONE
        if is_pure and "path" in request.__dict__ and request.is_rerouted():
            return await try_all(connection)
        for step, is_async in with_resource:
            if is_async:
                await step(request, response, resource, connection.path_params)
            else:
                await call(step, request, response, resource, connection.path_params)
            if response.complete:
                return DONE
        return None

    return Call.of(process_request)


def _before_websocket(route: Route, app: App) -> Optional[Call]:
    """Return the step for WebSockets, or None if no component has a method for it."""
    state = app.store(State)
    on_request = state.component_methods("process_request_ws")
    on_resource = state.component_methods("process_resource_ws") if route.mount is None else []
    if not on_request and not on_resource:
        return None
    resource = state.resources.get(route.endpoint)
    read_request = request_reader(app)

    async def process_websocket(connection: Connection) -> Any:
        request, websocket = read_request(connection), websocket_of(connection)
        for step in on_request:
            await call(step, request, websocket)
        for step in on_resource:
            await call(step, request, websocket, resource, connection.path_params)

    return Call.of(process_websocket)


async def serve_websocket(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a WebSocket that the kernel's router does not match.

    It is closed with 3405 where the path has a resource without `on_websocket`, else with 3404.
    """
    prepare_scope(scope)
    connection = KernelWebSocket(scope, receive, send, {}, app.fallback_route)
    state, websocket = app.store(State), websocket_of(connection)
    request = request_reader(app)(connection)
    try:
        for step in state.component_methods("process_request_ws"):
            await call(step, request, websocket)
        found = state.router.find(request.path, req=request)
        if found is None:
            await _sink_websocket(state, request, websocket)
            return
        resource, method_map, params, request.uri_template = found
        for step in state.component_methods("process_resource_ws"):
            await call(step, request, websocket, resource, params)
        await method_map["WEBSOCKET"](request, websocket, **params)
        await websocket.close()
    except Exception as error:
        response = await handle_error(connection, error)
        if websocket.unaccepted:
            await connection.reject(response)
        if connection.unhandled is not None and app.propagates_errors:
            raise


async def _sink_websocket(state: State, request: Request, websocket: WebSocket) -> None:
    for pattern, sink in state.sinks:
        match = pattern.match(request.path)
        if match is None:
            continue
        fields = match.groupdict()
        if "ws" in inspect.signature(sink).parameters:
            await call(sink, request, None, ws=websocket, **fields)
        else:
            warnings.warn(
                "A sink of WebSockets without a parameter `ws` is deprecated.", DeprecatedWarning, stacklevel=2
            )
            await call(sink, request, websocket, **fields)
        await websocket.close()
        return
    if any(route.match(request.path) for route in state.static_routes):
        raise HTTPBadRequest()
    raise HTTPRouteNotFound()


def _after(route: Route, app: App) -> Optional[Call]:
    """Return the step for responses, or None if no component has a method for it."""
    state = app.store(State)
    steps = state.component_methods("process_response")[::-1]
    if not steps:
        return None
    resource = state.resources.get(route.endpoint)
    read_request, read_response = request_reader(app), response_reader(app)
    kinds = _with_kinds(steps)

    async def process_response(connection: Connection, response: KernelResponse) -> Optional[KernelResponse]:
        request, facade = read_request(connection), read_response(connection)
        is_foreign = False
        if response is PENDING:
            succeeded = True
        elif response is facade.sent:
            succeeded = not facade.is_error
            facade.discard_rendering()  # components may change `media` in place
        else:  # such as a file, or one of the kernel
            is_foreign = True
            succeeded = response.status < 400 and (route.fallback in (0, 200) or request.is_served)
            facade.status = code_to_http_status(response.status)
            facade.raw_headers[:] = response.raw_headers
        found = request.resource or resource
        for step, is_async in kinds:
            try:
                if is_async:
                    await step(request, facade, found, succeeded)
                else:
                    await call(step, request, facade, found, succeeded)
            except Exception as error:  # COMPAT: as in Falcon, the other components run too
                succeeded, is_foreign = False, False
                await _answer_with(request, facade, error)
        if not is_foreign:
            return facade.to_kernel()
        response.status = facade.status_code
        response.raw_headers[:] = facade.raw_headers
        return None

    return Call.of(process_response)


async def _answer_with(request: Request, response: Response, error: Exception) -> None:
    """Write what a component has raised into the response."""
    connection = request._connection
    handlers = connection.app.store(State).error_handlers if connection.app.paradigm == "falcon" else {}
    handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
    if handler is not None:
        try:
            await call(handler, request, response, error, connection.path_params)
            return
        except Exception as raised:
            error = raised
    if isinstance(error, HTTPStatus):
        compose_status(response, error)
        return
    if not isinstance(error, KernelHTTPError):
        logger.error("a middleware component failed", exc_info=error)
    if isinstance(error, KernelHTTPError) and not isinstance(error, HTTPError):
        error = translate(error)
    compose_error(request, response, error if isinstance(error, HTTPError) else HTTPInternalServerError())
