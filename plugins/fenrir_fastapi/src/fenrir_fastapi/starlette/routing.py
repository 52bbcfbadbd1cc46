"""Starlette's routes: objects that users may look at, change and subclass."""

from __future__ import annotations

import inspect
from dataclasses import replace
from enum import Enum
from functools import partial, wraps
from typing import Any, Callable, Iterable, List, Mapping, Optional, Pattern, Sequence, Set, Tuple, Union

from fenrir_core import App, ASGIResponse, Call, CannotBuildURL, current
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import (
    ANY_METHODS,
    ASGIApp,
    CompiledRoute,
    PathParams,
    Receive,
    Scope,
    Send,
    check_callable,
    local_path,
    parse_host,
    sent_host,
)

from .concurrency import call_either
from .path_patterns import compile_path
from .requests import Request
from .websockets import WebSocket

__all__ = [
    "BaseRoute", "CUSTOM", "EndpointRoute", "Host", "Item", "Match", "MountBase", "NoMatchFound", "ORIGIN",
    "REQUEST_ONLY", "Route", "WebSocketRoute", "around_endpoint", "compile_path", "custom_routes", "endpoint_name",
    "parsed_params",
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
_PACKAGE = __name__.partition(".")[0]


class Match(Enum):
    """How a route matches a request: not at all, by its path but not its method, or fully."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class NoMatchFound(CannotBuildURL):
    """Raised when no route has the name and path parameters of a URL that is built."""

    def __init__(self, name: str, path_params: Mapping[str, Any]) -> None:
        given = ", ".join(path_params)
        super().__init__(f'No route exists for name "{name}" and params "{given}".')


class BaseRoute:
    """The base of everything that a router holds."""

    def collected(self) -> List[Item]:
        """Return the routes and mounts of the kernel that serve this."""
        return []

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the route matches a connection, and what to add to its scope then."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection that matches."""
        raise NotImplementedError

    @property
    def is_custom(self) -> bool:
        """Whether a subclass overrides `matches` or `handle`, so that the kernel's table of routes can't serve it."""
        return self._overrides("matches") or self.has_own_handle

    @property
    def has_own_handle(self) -> bool:
        """Whether a subclass overrides `handle`."""
        return self._overrides("handle")

    def _overrides(self, name: str) -> bool:
        kind = type(self)
        own: Any = next(base for base in kind.__mro__ if base.__module__.partition(".")[0] == _PACKAGE)
        return getattr(kind, name) is not getattr(own, name)


def endpoint_name(endpoint: Any) -> str:
    """Return the default name of a route with this endpoint."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))


class EndpointRoute(BaseRoute):
    """A route whose endpoint is a callable."""

    path: str
    endpoint: Callable[..., Any]
    name: str
    methods: Optional[Set[str]] = None

    @property
    def path_format(self) -> str:
        """The path template without converters."""
        return compile_path(self.path)[1]

    @property
    def path_regex(self) -> Pattern[str]:
        """The pattern of the paths that match."""
        return compile_path(self.path)[0]

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the route matches by type, path and method, and what to add to the scope."""
        kind = "websocket" if self.methods is None else "http"
        if scope["type"] != kind:
            return Match.NONE, {}
        found = self.path_regex.match(local_path(scope))
        if found is None:
            return Match.NONE, {}
        child = {"endpoint": self.endpoint, "path_params": {**scope.get("path_params", {}), **found.groupdict()}}
        if self.methods and scope["method"] not in self.methods:
            return Match.PARTIAL, child
        return Match.FULL, child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection whose scope has what `matches` returned."""
        await serve_compiled(self, scope, receive, send)

    def __repr__(self) -> str:
        methods = sorted(self.methods or ())
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r}, methods={methods!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EndpointRoute) and (self.path, self.endpoint, self.methods) == (
            other.path,
            other.endpoint,
            other.methods,
        )

    __hash__ = object.__hash__


class Route(EndpointRoute):
    """A route whose endpoint takes only the request and returns a response; it is not documented or validated.

    Args:
        path: The path template.
        endpoint: A function of the request, sync or async, or an ASGI app or a class of one.
        methods: HTTP methods; GET and HEAD for a function by default, any for an ASGI app.
        name: The name.
        include_in_schema: For compatibility; such routes are never in the OpenAPI document.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        include_in_schema: bool = True,
    ) -> None:
        if not path.startswith("/"):
            raise AssertionError("Routed paths must start with '/'")
        check_callable(endpoint, f"route {path!r}")
        self.path, self.endpoint, self.include_in_schema = path, endpoint, include_in_schema
        self.name = name or endpoint_name(endpoint)
        verbs = [verb.upper() for verb in methods or (("GET",) if inspect.isroutine(endpoint) else ANY_METHODS)]
        self.methods = {*verbs, "HEAD"} if "GET" in verbs else set(verbs)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        is_function = inspect.isroutine(self.endpoint) or isinstance(self.endpoint, partial)
        serve = _with_request(self.endpoint) if is_function else _with_app(self.endpoint)
        options: Any = {} if is_function else {"asgi": True}
        return [_request_only(App.make_route(self.path, serve, sorted(self.methods or ()), name=self.name, **options))]


class WebSocketRoute(EndpointRoute):
    """A WebSocket route whose endpoint takes only the WebSocket."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, name: Optional[str] = None) -> None:
        check_callable(endpoint, f"route {path!r}")
        self.path, self.endpoint = path, endpoint
        self.name = name or endpoint_name(endpoint)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        serve = _with_websocket(self.endpoint) if inspect.isroutine(self.endpoint) else _served_by(self.endpoint)
        return [_request_only(App.make_route(self.path, serve, ("WEBSOCKET",), name=self.name))]


def custom_routes(item: Any) -> List[Item]:
    """Return the kernel's routes of an object with a match of its own; no path leads to them, see `CustomMatching`."""
    found = [route for route in item.collected() if isinstance(route, CoreRoute)]
    is_asgi = not found or item.has_own_handle
    if not found:  # it is not made of endpoints: a host, a mount, or a class of the app's author
        path = getattr(item, "path", "") or "/"
        pair = (_with_app(item.handle), ANY_METHODS), (_served_by(item.handle), ("WEBSOCKET",))
        found = [replace(_request_only(App.make_route(path, serve, methods)), name="") for serve, methods in pair]
    elif item.has_own_handle:
        found = [
            replace(route, endpoint=_handling(item, route.endpoint)) if route.is_websocket else route for route in found
        ]
    own = {"unrouted": True, CUSTOM: item}
    if is_asgi:
        own["asgi"] = True
    return [replace(route, options={**route.options, **own}) for route in found]


def _handling(item: BaseRoute, endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Return the endpoint of a WebSocket route that leaves the connection to the route's own `handle`."""

    @wraps(endpoint)
    async def serve(*args: Any, **kwargs: Any) -> None:
        connection: Any = current.get()

        async def call_endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            await endpoint(*args, **kwargs)

        connection.state[_SERVE] = call_endpoint
        await connection.serve_by(item.handle)

    return serve


def around_endpoint(item: BaseRoute) -> Callable[[Any, Any], Any]:
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


def _with_app(app: Any) -> Callable[..., Any]:
    async def serve(request: Any) -> ASGIResponse:
        request.scope["path_params"] = request.path_params
        return ASGIResponse(app)

    return serve


def _request_only(route: CoreRoute) -> CoreRoute:
    return replace(route, paradigm="fastapi", options={**route.options, "include_in_schema": False, REQUEST_ONLY: True})


def _with_request(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if Call.of(endpoint).mode == "async":

        async def serve(request: Any) -> Any:
            return await endpoint(request.facade(Request))

        return serve

    async def serve_in_thread(request: Any) -> Any:
        return await call_either(endpoint, request.facade(Request))

    return serve_in_thread


def _with_websocket(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    async def serve(websocket: Any) -> None:
        await endpoint(websocket.facade(WebSocket))

    return serve


def _served_by(app: ASGIApp) -> Callable[..., Any]:
    async def serve(websocket: Any) -> None:
        await websocket.serve_by(app)

    return serve


class MountBase(BaseRoute):
    """An ASGI app, or routes, under a prefix.

    Args:
        path: The prefix; "" or "/" for everything that no route matches.
        app: The app.
        routes: Routes to mount instead of an app.
        name: The name.
    """

    def __init__(
        self,
        path: str,
        app: Optional[ASGIApp] = None,
        routes: Optional[Sequence[BaseRoute]] = None,
        name: Optional[str] = None,
        **_: Any,
    ) -> None:
        if path and not path.startswith("/"):
            raise AssertionError("Routed paths must start with '/'")
        self.path = path.rstrip("/")
        self.name = name or ""
        self._routes = list(routes or ())
        self.app: Any = self.make_router(self._routes) if app is None else app

    @property
    def routes(self) -> List[Any]:
        """The routes of the mounted app, if it has any."""
        return list(getattr(self.app, "routes", self._routes))

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the path is below the prefix."""
        return (Match.FULL if f"{local_path(scope)}/".startswith(f"{self.path}/") else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app."""
        root = scope.get("root_path") or ""
        await self.app({**scope, "root_path": root + self.path}, receive, send)

    def collected(self) -> List[Item]:
        """Return the kernel's mount."""
        return [CoreMount(self.path, self.app, self.name)]

    def make_router(self, routes: Sequence[BaseRoute]) -> Any:
        """Return the app that serves the routes."""
        raise NotImplementedError


class Host(BaseRoute):
    """An ASGI app that serves all requests to a host.

    Args:
        host: The host; `{name}` matches one part of it.
        app: The app.
        name: The name.
    """

    is_custom = True

    def __init__(self, host: str, app: ASGIApp, name: Optional[str] = None) -> None:
        if host.startswith("/"):
            raise AssertionError("Host must not start with '/'")
        self.host, self.app, self.name = host, app, name or ""
        self._pattern = compile_path(host)[0]

    @property
    def routes(self) -> List[Any]:
        """The routes of the app, if it has any."""
        return list(getattr(self.app, "routes", ()))

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the request's host matches."""
        host = sent_host(scope) if scope["type"] in ("http", "websocket") else None
        found = None if host is None else self._pattern.match((parse_host(host) or ("",))[0].lower())
        if found is None:
            return Match.NONE, {}
        return Match.FULL, {"path_params": {**scope.get("path_params", {}), **found.groupdict()}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app."""
        await self.app(scope, receive, send)


async def serve_compiled(route: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a connection by the route's endpoint: inside of the compiled call, or else by that."""
    connection = current.get(None)
    serve = None if connection is None else connection.state.pop(_SERVE, None)
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
