"""The steps around requests: middleware components, sinks and static routes.

`before` and `after`, the decorators of responders, are exported here as in `falcon.hooks`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Iterable, List, Optional

from fenrir_core import App, Build, Call, Connection, Lifespan, Route, RouteHook
from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import get_logger

from .decorators import after, before
from .error_handling import compose_error, compose_status, translate
from .exceptions import HTTPInternalServerError
from .http_error import HTTPError
from .redirects import HTTPStatus
from .request import Request, request_reader
from .response import Response, response_reader
from .return_values import DONE, call, render
from .sinks import route_hooks as sink_hooks
from .state import State
from .websocket import WebSocket

__all__ = ["COMPONENT_METHODS", "after", "before", "lifespans", "route_hooks"]

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
    return [*_middleware(route, build), *sink_hooks(route, build)]


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

    async def process_request(connection: Connection) -> Any:
        request, response = read_request(connection), read_response(connection)
        for step in on_request:
            await call(step, request, response)
            if response.complete:
                return DONE
        for step in on_resource:
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
        request, websocket = read_request(connection), connection.facade(WebSocket)
        for step in on_request:
            await call(step, request, websocket)
        for step in on_resource:
            await call(step, request, websocket, resource, connection.path_params)

    return Call.of(process_websocket)


def _after(route: Route, app: App) -> Optional[Call]:
    """Return the step for responses, or None if no component has a method for it."""
    state = app.store(State)
    steps = state.component_methods("process_response")[::-1]
    if not steps:
        return None
    resource = state.resources.get(route.endpoint)
    read_request, read_response = request_reader(app), response_reader(app)

    async def process_response(connection: Connection, response: KernelResponse) -> Optional[KernelResponse]:
        request, facade = read_request(connection), read_response(connection)
        succeeded = response.status < 400 and route.fallback in (0, 200)
        is_foreign = response is not facade.sent  # such as a file, or one of the kernel
        facade.discard_rendering()  # components may change `media` in place
        if is_foreign:
            facade.status = response.status
            facade.raw_headers[:] = response.raw_headers
        for step in steps:
            try:
                await call(step, request, facade, resource, succeeded)
            except Exception as error:  # COMPAT: as in Falcon, the other components run too
                logger.exception("%r failed", step)
                succeeded, is_foreign = False, False
                _answer_with(request, facade, error)
        if not is_foreign:
            return render(connection)
        response.status = facade.status_code
        response.raw_headers[:] = facade.raw_headers
        return None

    return Call.of(process_response)


def _answer_with(request: Request, response: Response, error: Exception) -> None:
    """Write what a component has raised into the response."""
    if isinstance(error, HTTPStatus):
        compose_status(response, error)
        return
    if isinstance(error, KernelHTTPError) and not isinstance(error, HTTPError):
        error = translate(error)
    compose_error(request, response, error if isinstance(error, HTTPError) else HTTPInternalServerError())
