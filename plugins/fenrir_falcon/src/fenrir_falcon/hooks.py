"""Middleware components of Falcon's own app: objects with `process_request` and its kin."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Iterable, List, Optional

from fenrir_core import Build, Call, Connection, Lifespan, Route, RouteHook
from fenrir_core import Response as KernelResponse

from .error_handling import compose_error
from .exceptions import HTTPInternalServerError
from .return_values import DONE, call, render
from .state import State
from .views import request_of, response_of
from .websocket import WebSocket

logger = logging.getLogger("fenrir.error")
#: What makes an object a component.
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


def method_of(component: Any, name: str) -> Optional[Callable[..., Any]]:
    """Return a component's method, its `…_async` form first."""
    found = getattr(component, f"{name}_async", None) or getattr(component, name, None)
    return found if callable(found) else None


def route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return the one wrapper that runs all components, in requests first to last, in responses back."""
    components = build.app.store(State).middleware
    if not components:
        return []
    if route.is_websocket:
        return [
            RouteHook(
                "falcon middleware", Call.of(_before_websocket(components, route)), kinds=frozenset({"websocket"})
            )
        ]
    return [
        RouteHook(
            "falcon middleware",
            Call.of(_before(components, route)),
            Call.of(_after(components, route)),
            order="inner",
        )
    ]


def lifespans(build: Build) -> List[Lifespan]:
    """Return the lifespan that tells components of start and stop; none where none wants to know."""
    components = build.app.store(State).middleware
    starts, stops = _methods(components, "process_startup"), _methods(components, "process_shutdown")

    @asynccontextmanager
    async def live(app: Any) -> AsyncIterator[None]:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        for step in starts:
            await call(step, scope, {"type": "lifespan.startup"})
        yield
        for step in reversed(stops):
            await call(step, scope, {"type": "lifespan.shutdown"})

    return [Lifespan("falcon middleware", live)] if starts or stops else []


def _methods(components: List[Any], name: str) -> List[Callable[..., Any]]:
    return [method for method in (method_of(item, name) for item in components) if method is not None]


def _resource(build_state: State, route: Route) -> Any:
    found = build_state.responders.get(route.endpoint)
    return None if found is None else found.resource


def _before(components: List[Any], route: Route) -> Any:
    on_request = _methods(components, "process_request")
    on_resource = _methods(components, "process_resource") if not route.fallback else []

    async def before(connection: Connection) -> Any:
        request, response = request_of(connection), response_of(connection)
        for step in on_request:
            await call(step, request, response)
            if response.complete:
                return DONE
        if on_resource:
            resource = _resource(connection.app.store(State), route)
            for step in on_resource:
                await call(step, request, response, resource, connection.path_params)
                if response.complete:
                    return DONE
        return None

    return before


def _before_websocket(components: List[Any], route: Route) -> Any:
    on_request = _methods(components, "process_request_ws")
    on_resource = _methods(components, "process_resource_ws")

    async def before(connection: Connection) -> Any:
        request, websocket = request_of(connection), connection.facade(WebSocket)
        for step in on_request:
            await call(step, request, websocket)
        resource = _resource(connection.app.store(State), route)
        for step in on_resource:
            await call(step, request, websocket, resource, connection.path_params)

    return before


def _after(components: List[Any], route: Route) -> Any:
    steps = _methods(list(reversed(components)), "process_response")

    async def after(connection: Connection, response: KernelResponse) -> Optional[KernelResponse]:
        if not steps:
            return None
        request, view = request_of(connection), response_of(connection)
        resource = _resource(connection.app.store(State), route)
        succeeded = response.status < 400 and route.fallback in (0, 200)
        is_foreign = response is not view.sent  # a file, or the kernel's own answer
        view.discard_rendering()  # components may change `media` in place
        if is_foreign:
            view.status = response.status
            view.raw_headers[:] = response.raw_headers
        for step in steps:
            try:
                await call(step, request, view, resource, succeeded)
            except Exception as error:  # every component gets its turn, as Falcon has it
                logger.exception("%r failed", step)
                succeeded, is_foreign = False, False
                compose_error(request, view, _as_http(error))
        if not is_foreign:
            return render(connection)
        response.status = view.status_code
        response.raw_headers[:] = view.raw_headers
        return None

    return after


def _as_http(error: Exception) -> Any:
    return error if hasattr(error, "to_dict") else HTTPInternalServerError()
