"""Starlette's routes: objects that users may look at, change and subclass."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any, Callable, Iterable, List, Mapping, Optional, Pattern, Sequence, Set, Tuple, Union

from fenrir_core import App, ASGIResponse, Call, CannotBuildURL
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import ANY_METHODS, ASGIApp, Receive, Scope, Send, parse_host, sent_host

from .concurrency import call_either
from .requests import Request
from .websockets import WebSocket

__all__ = [
    "BaseRoute", "EndpointRoute", "Host", "Item", "Match", "MountBase", "NoMatchFound", "ORIGIN", "REQUEST_ONLY",
    "Route", "WebSocketRoute", "compile_path", "endpoint_name",
]  # fmt: skip

#: What a kernel's table of routes is made of.
Item = Union[CoreRoute, CoreMount]
#: The route option that leads from the kernel's route to the object that users know.
ORIGIN = "api_route"
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
        kind = type(self)
        own: Any = next(base for base in kind.__mro__ if base.__module__.partition(".")[0] == _PACKAGE)
        return kind.matches is not own.matches or kind.handle is not own.handle


def endpoint_name(endpoint: Any) -> str:
    """Return the default name of a route with this endpoint."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))


_PARAM = re.compile(r"{([^{}:]+)(?::([^{}]+))?}")
_PATTERNS = {"int": "[0-9]+", "float": r"[0-9]+(\.[0-9]+)?", "path": ".*", "uuid": "[0-9a-fA-F-]{36}"}


def compile_path(path: str) -> Tuple[Pattern[str], str]:
    """Return the pattern of the paths that a path template matches, and the template without converters."""
    parts: List[str] = []
    end = 0
    for found in _PARAM.finditer(path):
        pattern = _PATTERNS.get(found.group(2) or "", "[^/]+")
        name = re.sub(r"\W", "_", found.group(1))
        parts.append(f"{re.escape(path[end : found.start()])}(?P<{name}>{pattern})")
        end = found.end()
    parts.append(re.escape(path[end:]))
    return re.compile(f"^{''.join(parts)}$"), _PARAM.sub(r"{\1}", path)


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
        root = (scope.get("root_path") or "").rstrip("/")
        path = scope["path"][len(root) :] if root and scope["path"].startswith(root + "/") else scope["path"]
        found = self.path_regex.match(path)
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
        self.path, self.endpoint, self.include_in_schema = path, endpoint, include_in_schema
        self.name = name or endpoint_name(endpoint)
        verbs = [verb.upper() for verb in methods or (("GET",) if inspect.isroutine(endpoint) else ANY_METHODS)]
        self.methods = {*verbs, "HEAD"} if "GET" in verbs else set(verbs)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        if not inspect.isroutine(self.endpoint) and not isinstance(self.endpoint, partial):  # an ASGI app, or a class
            route = App.make_route(self.path, _with_app(self.endpoint), sorted(self.methods or ()), name=self.name)
            return [_request_only(route)]
        route = App.make_route(self.path, _with_request(self.endpoint), sorted(self.methods or ()), name=self.name)
        return [_request_only(route)]


class WebSocketRoute(EndpointRoute):
    """A WebSocket route whose endpoint takes only the WebSocket."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, name: Optional[str] = None) -> None:
        self.path, self.endpoint = path, endpoint
        self.name = name or endpoint_name(endpoint)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        endpoint: Any = self.endpoint

        async def serve(websocket: Any) -> None:
            if not inspect.isroutine(endpoint):
                await endpoint(websocket.scope, websocket.receive, websocket.send)
            else:
                await endpoint(websocket.facade(WebSocket))

        return [_request_only(App.make_route(self.path, serve, ("WEBSOCKET",), name=self.name))]


def _with_app(app: Any) -> Callable[..., Any]:
    async def serve(request: Any) -> ASGIResponse:
        request.scope["path_params"] = request.path_params
        return ASGIResponse(app)

    return serve


def _request_only(route: CoreRoute) -> CoreRoute:
    return replace(route, paradigm="fastapi", options={"include_in_schema": False, REQUEST_ONLY: True})


def _with_request(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if Call.of(endpoint).mode == "async":

        async def serve(request: Any) -> Any:
            return await endpoint(request.facade(Request))

        return serve

    async def serve_in_thread(request: Any) -> Any:
        return await call_either(endpoint, request.facade(Request))

    return serve_in_thread


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
        self.app: Any = app
        if app is None:
            self.app = self.make_router(self._routes)

    @property
    def routes(self) -> List[Any]:
        """The routes of the mounted app, if it has any."""
        return list(getattr(self.app, "routes", self._routes))

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the path is below the prefix."""
        path = scope["path"]
        fits = path == self.path or path.startswith(self.path + "/")
        return (Match.FULL if fits else Match.NONE), {}

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
    """Serve a connection by the compiled call of a route that the kernel's table does not have."""
    original = getattr(route, "original", route)
    for compiled in scope["app"].compiled_routes:
        if compiled.route.option(ORIGIN) is original and compiled.route.path == route.path:
            found = scope.get("path_params", {})
            params = {item.name: item.converter.parse(str(found[item.name])) for item in compiled.template.params}
            await compiled.call(scope, receive, send, params)
            return
    raise RuntimeError(f"{route!r} belongs to no app that has been built.")
