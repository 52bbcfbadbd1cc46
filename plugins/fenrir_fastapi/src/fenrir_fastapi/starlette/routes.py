"""Starlette's routes of one path: objects that users may look at, change and subclass."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from copy import copy
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Pattern, Sequence, Set, Tuple, TypeVar

from fenrir_core import CannotBuildURL
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, check_callable, local_path

from .concurrency import call_either
from .convertors import Convertor
from .exceptions import HTTPException
from .handled import wrap_app_handling_exceptions
from .kernel_routes import Item, http_route, serve_compiled, serving, websocket_route
from .middleware import Middleware, wrapped
from .path_patterns import compile_path, replace_params
from .requests import Request
from .responses import PlainTextResponse
from .types import AnyCallable, NamedValues
from .urls import URLPath
from .websockets import WebSocket, WebSocketClose

__all__ = [
    "BaseRoute", "EndpointRoute", "Match", "NoMatchFound", "Route", "WebSocketRoute", "find_path", "get_name",
    "request_response", "websocket_session",
]  # fmt: skip

_PACKAGE = __name__.partition(".")[0]


class Match(Enum):
    """How a route matches a request: not at all, by its path but not its method, or fully."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class NoMatchFound(CannotBuildURL):
    """Raised when no route has the name and path parameters of a URL that is built."""

    def __init__(self, name: str, path_params: NamedValues) -> None:
        given = ", ".join(path_params)
        super().__init__(f'No route exists for name "{name}" and params "{given}".')


def find_path(routes: Iterable[Any], name: str, path_params: NamedValues) -> Optional[URLPath]:
    """Return the path of the first of some routes that has a name and exactly these parameters; None without one."""
    for route in routes:
        try:
            found: URLPath = route.url_path_for(name, **path_params)
        except NoMatchFound:
            continue
        return found
    return None


def get_name(endpoint: Any) -> str:
    """Return the default name of a route with this endpoint."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))


def request_response(func: Callable[[Request], Any]) -> ASGIApp:
    """Return the ASGI app of a function, sync or async, from request to response."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await call_either(func, request)
            await response(scope, receive, send)

        await wrap_app_handling_exceptions(answer, request)(scope, receive, send)

    return app


def websocket_session(func: Callable[[WebSocket], Any]) -> ASGIApp:
    """Return the ASGI app of a coroutine function that takes a WebSocket."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        session = WebSocket(scope, receive, send)

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await func(session)

        await wrap_app_handling_exceptions(serve, session)(scope, receive, send)

    return app


def is_function(endpoint: Any) -> bool:
    """Return whether an endpoint takes the request, not the ASGI arguments: a function, also of a partial."""
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    return inspect.isroutine(endpoint)


class BaseRoute:
    """The base of everything that a router holds."""

    def collected(self) -> List[Item]:
        """Return the routes and mounts of the kernel that serve this."""
        return []

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the route matches a connection, and what to add to its scope then."""
        raise NotImplementedError

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the route if it has this name and exactly these parameters.

        Raises:
            NoMatchFound: It does not.
        """
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection that matches."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, as an app of its own: 404 if the route does not match it."""
        match, child = self.matches(scope)
        if match is not Match.NONE:
            scope.update(child)
            await self.handle(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)

    @property
    def is_custom(self) -> bool:
        """Whether a subclass overrides `matches` or `handle`, so that the kernel's table of routes can't serve it."""
        kind: Any = type(self)
        return _has_own(kind, "matches", "handle")

    @property
    def has_own_handle(self) -> bool:
        """Whether a subclass overrides `handle`."""
        kind: Any = type(self)
        return _has_own(kind, "handle")


@lru_cache(maxsize=256)
def _has_own(kind: type, *names: str) -> bool:
    """Return whether a class has one of these methods of its own where this package's class has another."""
    own: Any = next(base for base in kind.__mro__ if base.__module__.partition(".")[0] == _PACKAGE)
    return any(getattr(kind, name) is not getattr(own, name) for name in names)


class EndpointRoute(BaseRoute):
    """A route whose endpoint is a callable."""

    path: str
    endpoint: AnyCallable
    name: str
    methods: Optional[Set[str]] = None

    def _compiled(self) -> Tuple[Pattern[str], str, Dict[str, Convertor[Any]]]:
        known = self.__dict__.get("_patterns")
        if known is None or known[0] != self.path:
            known = self.__dict__["_patterns"] = self.path, compile_path(self.path)
        found: Tuple[Pattern[str], str, Dict[str, Convertor[Any]]] = known[1]
        return found

    @contextmanager
    def matching(self, path: str) -> Iterator[None]:
        """Match another path inside of the block: the one under which the route is included."""
        outer = self.__dict__.get("_patterns")
        self.__dict__["_patterns"] = self.path, compile_path(path)
        try:
            yield
        finally:
            self.__dict__["_patterns"] = outer

    @property
    def path_regex(self) -> Pattern[str]:
        """The pattern of the paths that match."""
        return self._compiled()[0]

    @property
    def path_format(self) -> str:
        """The path template without convertors."""
        return self._compiled()[1]

    @property
    def param_convertors(self) -> Dict[str, Convertor[Any]]:
        """The convertors of the path's parameters."""
        return self._compiled()[2]

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return how the route matches by type, path and method, and what to add to the scope."""
        kind = "websocket" if isinstance(self, WebSocketRoute) else "http"
        if scope["type"] != kind:
            return Match.NONE, {}
        pattern, _, convertors = self._compiled()
        found = pattern.match(local_path(scope))
        if found is None:
            return Match.NONE, {}
        values = {name: convertors[name].convert(value) for name, value in found.groupdict().items()}
        child = {"endpoint": self.endpoint, "path_params": {**scope.get("path_params", {}), **values}}
        if self.methods and kind == "http" and scope["method"] not in self.methods:
            return Match.PARTIAL, child
        return Match.FULL, child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection that matches, by the route as the kernel compiled it."""
        await serve_compiled(self, scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the route if it has this name and exactly these parameters.

        Raises:
            NoMatchFound: It does not.
        """
        if name != self.name or path_params.keys() != self.param_convertors.keys():
            raise NoMatchFound(name, path_params)
        path, _ = replace_params(self.path_format, self.param_convertors, path_params)
        return URLPath(path, "websocket" if isinstance(self, WebSocketRoute) else "http")

    def __repr__(self) -> str:
        methods = "" if isinstance(self, WebSocketRoute) else f", methods={sorted(self.methods or ())!r}"
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r}{methods})"

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
        include_in_schema: Whether `SchemaGenerator` describes it.
        middleware: `Middleware` objects around the endpoint, outermost first.
        max_body_size: The most bytes of a request body; 413 beyond that.
    """

    def __init__(
        self,
        path: str,
        endpoint: AnyCallable,
        *,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        include_in_schema: bool = True,
        middleware: Optional[Sequence[Middleware]] = None,
        max_body_size: Optional[int] = None,
    ) -> None:
        assert path.startswith("/"), "Routed paths must start with '/'"
        check_callable(endpoint, f"route {path!r}")
        self.path, self.endpoint, self.include_in_schema = path, endpoint, include_in_schema
        self.name = get_name(endpoint) if name is None else name
        takes_request = is_function(endpoint)
        self.is_plain = takes_request and not middleware and max_body_size is None
        inner: ASGIApp = request_response(endpoint) if takes_request else endpoint
        self.app: ASGIApp = wrapped(inner, middleware, max_body_size)
        if methods is None and takes_request:
            methods = ("GET",)
        self.methods = None if methods is None else {method.upper() for method in methods}
        if self.methods is not None and "GET" in self.methods:
            self.methods.add("HEAD")
        self._compiled()  # so that a wrong path is found here

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection whose scope has what `matches` returned."""
        if self.methods and scope["method"] not in self.methods:
            headers = {"Allow": ", ".join(sorted(self.methods))}
            if "app" in scope:
                raise HTTPException(405, headers=headers)
            await PlainTextResponse("Method Not Allowed", 405, headers)(scope, receive, send)
        else:
            await (serving(scope) or self.app)(scope, receive, send)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        return [http_route(self, self.is_plain)]


W = TypeVar("W", bound="WebSocketRoute")


class WebSocketRoute(EndpointRoute):
    """A WebSocket route whose endpoint takes only the WebSocket.

    Args:
        path: The path template.
        endpoint: A coroutine function of the WebSocket, or an ASGI app or a class of one.
        name: The name.
        middleware: `Middleware` objects around the endpoint, outermost first.
    """

    def __init__(
        self,
        path: str,
        endpoint: AnyCallable,
        *,
        name: Optional[str] = None,
        middleware: Optional[Sequence[Middleware]] = None,
    ) -> None:
        assert path.startswith("/"), "Routed paths must start with '/'"
        check_callable(endpoint, f"route {path!r}")
        self.path, self.endpoint = path, endpoint
        self.name = get_name(endpoint) if name is None else name
        takes_websocket = is_function(endpoint)
        self.is_plain = takes_websocket and not middleware
        self.app: ASGIApp = wrapped(websocket_session(endpoint) if takes_websocket else endpoint, middleware)
        self._compiled()

    def under(self: W, path: str) -> W:
        """Return the route with its whole path, as it is in the scope where its router is included; always the same."""
        known: Dict[str, W] = self.__dict__.setdefault("_served", {})
        if path not in known:
            known[path] = copy(self)
            known[path].path = path
        return known[path]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection whose scope has what `matches` returned."""
        await (serving(scope) or self.app)(scope, receive, send)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        return [websocket_route(self, self.is_plain)]
