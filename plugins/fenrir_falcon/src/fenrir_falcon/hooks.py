"""The steps around requests: middleware components, sinks and static routes.

`before` and `after`, the decorators of responders, are exported here as in `falcon.hooks`.
"""

from __future__ import annotations

import inspect
import warnings
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Iterable, List, Optional

from fenrir_core import App, Build, Call, Connection, Lifespan, Route, RouteHook
from fenrir_core import WebSocket as KernelWebSocket
from fenrir_core.authoring import Receive, Scope, Send, get_logger, handle_error

from . import quick_errors
from .components import after_step, before_step
from .decorators import after, before
from .deprecation import DeprecatedWarning
from .dispatch import check_gates
from .exceptions import HTTPBadRequest, HTTPRouteNotFound
from .request import Request, request_reader
from .return_values import call
from .scopes import prepare_scope
from .sinks import route_hooks as sink_hooks
from .state import State
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
    first, last = before_step(route, build.app), after_step(route, build.app)
    if first is None and last is None:
        return []
    return [RouteHook("falcon middleware", first, last, order="inner")]


def lifespans(build: Build) -> List[Lifespan]:
    """Return the lifespan that calls `process_startup` and `process_shutdown`, if any component has them."""
    state = build.app.store(State)
    if state.is_direct:  # COMPAT: these are events of ASGI
        return []
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
            await _sink_websocket(connection, state, request, websocket)
            return
        resource, method_map, params, request.uri_template = found
        await check_gates(connection, method_map["WEBSOCKET"], request.uri_template)
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


async def _sink_websocket(connection: Connection, state: State, request: Request, websocket: WebSocket) -> None:
    for pattern, sink in state.sinks:
        match = pattern.match(request.path)
        if match is None:
            continue
        await check_gates(connection, sink, f"/<sink of {pattern.pattern}>")
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
