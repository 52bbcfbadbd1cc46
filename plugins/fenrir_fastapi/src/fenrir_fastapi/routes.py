"""The routes that apps and routers hold: objects that users may look at, change and subclass."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Pattern, Sequence, Set, Tuple, Union

from fenrir_core import App, ASGIResponse, Call, CannotBuildURL
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

from .declaration_checks import check_declaration
from .hooks import original_handler, serve
from .operation_names import unique_id
from .options import ROUTE_DEFAULTS
from .starlette.concurrency import call_either
from .starlette.requests import Request
from .starlette.websockets import WebSocket

Item = Union[CoreRoute, CoreMount]
#: The option that leads from the kernel's route to the object that users know.
ORIGIN = "api_route"


class Match(Enum):
    """Say how well a route fits a request: not at all, by its path but not its method, or wholly."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class NoMatchFound(CannotBuildURL):
    """Say that no route has the name and parameters that a URL was asked for."""

    def __init__(self, name: str, path_params: Mapping[str, Any]) -> None:
        given = ", ".join(path_params)
        super().__init__(f'No route exists for name "{name}" and params "{given}".')


class BaseRoute:
    """Anything that a router can hold."""

    def collected(self) -> List[Item]:
        """Return what the kernel serves."""
        return []

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Tell how well a connection fits, and give what is added to its scope then."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection that fits."""
        raise NotImplementedError

    @property
    def is_custom(self) -> bool:
        """Whether a subclass decides for itself what fits or what is done, so that the kernel's table can't."""
        kind = type(self)
        ours = kind.__module__.partition(".")[0] == __name__.partition(".")[0]
        own: Any = next(base for base in kind.__mro__ if base.__module__ == __name__)
        return not ours and (kind.matches is not own.matches or kind.handle is not own.handle)


def _name_of(endpoint: Any) -> str:
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))


_PARAM = re.compile(r"{([^{}:]+)(?::([^{}]+))?}")
_PATTERNS = {"int": "[0-9]+", "float": r"[0-9]+(\.[0-9]+)?", "path": ".*", "uuid": "[0-9a-fA-F-]{36}"}


def compile_path(path: str) -> Tuple[Pattern[str], str]:
    """Return for a path template the pattern of the paths that it fits, and the template without converters."""
    parts: List[str] = []
    end = 0
    for found in _PARAM.finditer(path):
        pattern = _PATTERNS.get(found.group(2) or "", "[^/]+")
        name = re.sub(r"\W", "_", found.group(1))
        parts.append(f"{re.escape(path[end : found.start()])}(?P<{name}>{pattern})")
        end = found.end()
    parts.append(re.escape(path[end:]))
    return re.compile(f"^{''.join(parts)}$"), _PARAM.sub(r"{\1}", path)


class _Endpoint(BaseRoute):
    """A route that ends in a callable."""

    path: str
    endpoint: Callable[..., Any]
    name: str
    methods: Optional[Set[str]] = None

    @property
    def path_format(self) -> str:
        """The path without converters."""
        return compile_path(self.path)[1]

    @property
    def path_regex(self) -> Pattern[str]:
        """The pattern of the paths that fit."""
        return compile_path(self.path)[0]

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Tell how well a connection fits by type, path and method."""
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
        """Serve a connection; the scope has what `matches` gave."""
        await serve(self, scope, receive, send)

    def __repr__(self) -> str:
        methods = sorted(self.methods or ())
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r}, methods={methods!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Endpoint) and (self.path, self.endpoint, self.methods) == (
            other.path,
            other.endpoint,
            other.methods,
        )

    __hash__ = object.__hash__


class APIRoute(_Endpoint):
    """A path operation; its options are its attributes and may be changed until the app starts.

    Args:
        path: The template, with the router's prefix.
        endpoint: What is called.
        methods: HTTP methods; GET by default.
        name: The name; the endpoint's by default.
        **options: As the path operation decorators take them.

    Raises:
        BuildError: A parameter or the response model can't be what is declared.
    """

    options: Dict[str, Any]

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        **options: Any,
    ) -> None:
        options.pop("dependency_overrides_provider", None)
        object.__setattr__(self, "options", options)
        self.path, self.endpoint = path, endpoint
        self.core = App.make_route(path, endpoint, methods or ("GET",), name=name, paradigm="fastapi", **options)
        self.name = name or _name_of(endpoint)
        self.methods = set(self.core.methods)
        check_declaration(self.core)

    def __getattr__(self, name: str) -> Any:
        if name not in ROUTE_DEFAULTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = self.__dict__["options"].get(name)
        default = ROUTE_DEFAULTS[name]
        return (list(default) if isinstance(default, list) else default) if found is None else found

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ROUTE_DEFAULTS:
            self.options[name] = value
        else:
            object.__setattr__(self, name, value)

    @property
    def unique_id(self) -> str:
        """The id of the operation."""
        make = self.options.get("generate_unique_id_function")
        return self.operation_id or (make(self) if make else unique_id(self.core, self.path_format))

    @property
    def has_own_handler(self) -> bool:
        """Whether a subclass puts something around the handling of requests."""
        return type(self).get_route_handler is not APIRoute.get_route_handler

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return what turns a request into a response; a subclass may put its own around it."""
        return original_handler

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        options = {**self.options, ORIGIN: self}
        if self.has_own_handler:
            options["get_route_handler"] = self.get_route_handler
        if self.is_custom:
            options["unrouted"] = True
        core = self.core
        methods = tuple(verb for verb in core.methods if verb in (self.methods or ())) or tuple(self.methods or ())
        return [
            CoreRoute(
                self.path, self.endpoint, methods, self.name, "fastapi", options, core.where, namespace=core.namespace
            )
        ]


class APIWebSocketRoute(_Endpoint):
    """A WebSocket at a path, whose parameters are filled as a path operation's."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: Optional[str] = None,
        dependencies: Optional[Sequence[Any]] = None,
        **options: Any,
    ) -> None:
        self.path, self.endpoint = path, endpoint
        self.dependencies = list(dependencies or ())
        if self.dependencies:
            options["dependencies"] = self.dependencies
        self.core = App.make_route(path, endpoint, ("WEBSOCKET",), name=name, paradigm="fastapi", **options)
        self.name = self.core.name
        check_declaration(self.core)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        return [self.core]


class Route(_Endpoint):
    """A path whose endpoint is given the request alone and returns a response; no documentation, no checks.

    Args:
        path: The template.
        endpoint: A function of the request, sync or async, or an ASGI app or class of one.
        methods: HTTP methods; GET and HEAD for a function by default, any for an ASGI app.
        name: The name.
        include_in_schema: For compatibility; such routes are never in the document.
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
        self.name = name or _name_of(endpoint)
        verbs = [verb.upper() for verb in methods or (("GET",) if inspect.isroutine(endpoint) else _ANY)]
        self.methods = {*verbs, "HEAD"} if "GET" in verbs else set(verbs)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        if not inspect.isroutine(self.endpoint) and not isinstance(self.endpoint, partial):  # an ASGI app, or a class
            route = App.make_route(self.path, _with_app(self.endpoint), sorted(self.methods or ()), name=self.name)
            return [_plain(route)]
        route = App.make_route(self.path, _with_request(self.endpoint), sorted(self.methods or ()), name=self.name)
        return [_plain(route)]


class WebSocketRoute(_Endpoint):
    """A WebSocket whose endpoint is given the WebSocket alone."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, name: Optional[str] = None) -> None:
        self.path, self.endpoint = path, endpoint
        self.name = name or _name_of(endpoint)

    def collected(self) -> List[Item]:
        """Return the kernel's route."""
        endpoint: Any = self.endpoint

        async def serve(websocket: Any) -> None:
            if not inspect.isroutine(endpoint):
                await endpoint(websocket.scope, websocket.receive, websocket.send)
            else:
                await endpoint(websocket.facade(WebSocket))

        return [_plain(App.make_route(self.path, serve, ("WEBSOCKET",), name=self.name))]


_ANY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def _with_app(app: Any) -> Callable[..., Any]:
    async def serve(request: Any) -> ASGIResponse:
        request.scope["path_params"] = request.path_params
        return ASGIResponse(app)

    return serve


def _plain(route: CoreRoute) -> CoreRoute:
    return replace(route, paradigm="fastapi", options={"include_in_schema": False, "plain": True})


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
        path: The prefix; "" or "/" for everything that no route answers.
        app: The app.
        routes: Routes to put there instead.
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
        """The routes of what is mounted, where it has some."""
        return list(getattr(self.app, "routes", self._routes))

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the path is below the prefix."""
        path = scope["path"]
        fits = path == self.path or path.startswith(self.path + "/")
        return (Match.FULL if fits else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the connection on."""
        root = scope.get("root_path") or ""
        await self.app({**scope, "root_path": root + self.path}, receive, send)

    def collected(self) -> List[Item]:
        """Return the kernel's mount."""
        return [CoreMount(self.path, self.app, self.name)]

    def make_router(self, routes: Sequence[BaseRoute]) -> Any:
        """Return the app that serves the routes."""
        raise NotImplementedError


class Host(BaseRoute):
    """An ASGI app for all requests to a host.

    Args:
        host: The host, `{name}` standing for a part of it.
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
        """The routes of the app, where it has some."""
        return list(getattr(self.app, "routes", ()))

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the request's host fits."""
        headers = dict(scope.get("headers") or ())
        host = headers.get(b"host", b"").decode("latin-1").partition(":")[0]
        found = self._pattern.match(host)
        if scope["type"] not in ("http", "websocket") or found is None:
            return Match.NONE, {}
        return Match.FULL, {"path_params": {**scope.get("path_params", {}), **found.groupdict()}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the connection on."""
        await self.app(scope, receive, send)
