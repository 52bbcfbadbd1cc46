"""The way from Starlette's routes to the kernel's, for apps and routers of FastAPI."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import Any, Callable, List, Union

from fenrir_core import App, ASGIResponse, Call, current
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import ANY_METHODS, ASGIApp, CompiledRoute, PathParams, Receive, Scope, Send

from .concurrency import call_either
from .requests import Request
from .types import AnyCallable
from .websockets import WebSocket

__all__ = [
    "CUSTOM", "Item", "ORIGIN", "REQUEST_ONLY", "around_endpoint", "custom_routes", "http_route", "parsed_params",
    "serve_compiled", "serving", "websocket_route",
]  # fmt: skip

#: What a kernel's table of routes is made of.
Item = Union[CoreRoute, CoreMount]
#: The route option that leads from the kernel's route to the object that users know.
ORIGIN = "api_route"
#: The route option with the object whose `matches` decides whether the route serves a connection.
CUSTOM = "custom_route"
#: The key in `Connection.state` of what serves a connection whose route has a `handle` of its own.
_SERVE = "fenrir_fastapi.serve"
#: The route option of endpoints that take only the request.
REQUEST_ONLY = "request_only"


def http_route(route: Any, is_function: bool) -> CoreRoute:
    """Return the kernel's route of a `Route`."""
    serve = _with_request(route.endpoint) if is_function else _with_app(route.app)
    options: Any = {} if is_function else {"asgi": True}
    methods = sorted(route.methods or ANY_METHODS)
    return _request_only(App.make_route(route.path, serve, methods, name=route.name, **options), route)


def websocket_route(route: Any, is_function: bool) -> CoreRoute:
    """Return the kernel's route of a `WebSocketRoute`."""
    serve = _with_websocket(route.endpoint) if is_function else _served_by(route.app)
    return _request_only(App.make_route(route.path, serve, ("WEBSOCKET",), name=route.name), route)


def custom_routes(item: Any) -> List[Item]:
    """Return the kernel's routes of an object with a match of its own; no path leads to them, see `CustomMatching`."""
    found = [route for route in item.collected() if isinstance(route, CoreRoute)]
    is_asgi = not found or item.has_own_handle
    if not found:  # it is not made of endpoints: a host, a mount, or a class of the app's author
        path = getattr(item, "path", "") or "/"
        pair = (_serve_custom, ANY_METHODS), (_serve_custom_websocket, ("WEBSOCKET",))
        found = [replace(_request_only(App.make_route(path, serve, methods), item), name="") for serve, methods in pair]
    elif item.has_own_handle:
        found = [
            replace(route, endpoint=_handling(item, route.endpoint)) if route.is_websocket else route for route in found
        ]
    own = {"unrouted": True, CUSTOM: item}
    if is_asgi:
        own["asgi"] = True
    return [replace(route, options={**route.options, **own}) for route in found]


def _handling(item: Any, endpoint: AnyCallable) -> AnyCallable:
    """Return the endpoint of a WebSocket route that leaves the connection to the route's own `handle`."""

    @wraps(endpoint)
    async def serve(*args: Any, **kwargs: Any) -> None:
        connection: Any = current.get()

        async def call_endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            await endpoint(*args, **kwargs)

        connection.state[_SERVE] = call_endpoint
        await connection.serve_by(item.handle)

    return serve


def around_endpoint(item: Any) -> Callable[[Any, Any], Any]:
    """Return the step that runs a route's own `handle` around its endpoint."""

    async def around(connection: Any, call_next: Any) -> ASGIResponse:
        async def call_endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            outer = connection.scope, connection.receive, connection.send
            connection.scope, connection.receive, connection.send = scope, receive, send
            try:
                await (await call_next(connection)).send(connection)
            finally:
                connection.scope, connection.receive, connection.send = outer

        connection.state[_SERVE] = call_endpoint
        return ASGIResponse(item.handle)

    return around


def _with_app(app: Any) -> AnyCallable:
    async def serve(request: Any) -> ASGIResponse:
        request.scope["path_params"] = request.path_params
        return ASGIResponse(app)

    return serve


async def _serve_custom(request: Any) -> ASGIResponse:
    """Serve a request by the object of its route, which may be below the prefixes of routers."""
    request.scope["path_params"] = request.path_params
    return ASGIResponse(request.route.option(CUSTOM).handle)


async def _serve_custom_websocket(websocket: Any) -> None:
    await websocket.serve_by(websocket.route.option(CUSTOM).handle)


def _request_only(route: CoreRoute, origin: object) -> CoreRoute:
    options = {**route.options, "include_in_schema": False, REQUEST_ONLY: True, ORIGIN: origin}
    return replace(route, paradigm="fastapi", options=options)


def _with_request(endpoint: AnyCallable) -> AnyCallable:
    if Call.of(endpoint).mode == "async":

        async def serve(request: Any) -> Any:
            return await endpoint(request.facade(Request))

        return _with_marks(serve, endpoint)

    async def serve_in_thread(request: Any) -> Any:
        return await call_either(endpoint, request.facade(Request))

    return _with_marks(serve_in_thread, endpoint)


def _with_marks(serve: AnyCallable, endpoint: AnyCallable) -> AnyCallable:
    """Return what serves an endpoint, with the marks that decorators of plugins have left on that."""
    marks = {name: value for name, value in getattr(endpoint, "__dict__", {}).items() if name.startswith("__fenrir_")}
    vars(serve).update(marks)
    return serve


def _with_websocket(endpoint: AnyCallable) -> AnyCallable:
    async def serve(websocket: Any) -> None:
        await endpoint(websocket.facade(WebSocket))

    return serve


def _served_by(app: ASGIApp) -> AnyCallable:
    async def serve(websocket: Any) -> None:
        await websocket.serve_by(app)

    return serve


def serving(scope: Scope) -> Any:
    """Return what serves a connection whose route has a `handle` of its own, once; None for any other."""
    connection = current.get(None)
    return None if connection is None else connection.state.pop(_SERVE, None)


async def serve_compiled(route: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a connection by the route's endpoint: inside of the compiled call, or else by that."""
    serve = serving(scope)
    if serve is not None:
        await serve(scope, receive, send)
        return
    for compiled in scope["app"].compiled_routes:
        if compiled.route.option(ORIGIN) is route and compiled.route.path == route.path:
            await compiled.call(scope, receive, send, parsed_params(compiled, scope))
            return
    raise RuntimeError(f"{route!r} belongs to no app that has been built.")


def parsed_params(compiled: CompiledRoute, scope: Scope) -> PathParams:
    """Return the path parameters that a route's own match found, as the converters of its path make them."""
    found = scope.get("path_params", {})
    parsers = {param.name: param.converter.parse for param in compiled.template.params} if compiled.template else {}
    return {name: parsers[name](str(value)) if name in parsers else value for name, value in found.items()}
