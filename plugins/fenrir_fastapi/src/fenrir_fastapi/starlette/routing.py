"""Starlette's routes and routers: objects that users may look at, change and subclass."""

from __future__ import annotations

import inspect
import traceback
import warnings
from contextlib import asynccontextmanager, contextmanager
from typing import Any, AsyncContextManager, AsyncIterator, Callable, Iterable, List, Optional, Sequence

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, local_path

from .datastructures import URL, URLPath
from .exceptions import HTTPException, StarletteDeprecationWarning
from .kernel_routes import (
    CUSTOM,
    ORIGIN,
    REQUEST_ONLY,
    Item,
    around_endpoint,
    custom_routes,
    parsed_params,
    serve_compiled,
)
from .middleware import Middleware, wrapped
from .mounts import Host, MountBase
from .path_patterns import compile_path, replace_params
from .responses import PlainTextResponse, RedirectResponse
from .routes import (
    BaseRoute,
    EndpointRoute,
    Match,
    NoMatchFound,
    Route,
    WebSocketRoute,
    find_path,
    get_name,
    request_response,
    websocket_session,
)
from .types import AnyCallable
from .websockets import WebSocketClose

__all__ = [
    "BaseRoute", "CUSTOM", "EndpointRoute", "Host", "Item", "Match", "Mount", "MountBase", "NoMatchFound", "ORIGIN",
    "REQUEST_ONLY", "Route", "Router", "WebSocketRoute", "around_endpoint", "compile_path", "custom_routes", "get_name",
    "parsed_params", "replace_params", "request_response", "serve_compiled", "websocket_session",
]  # fmt: skip


@asynccontextmanager
async def _no_lifespan(app: object) -> AsyncIterator[None]:
    yield


def lifespan_of(lifespan: Optional[Callable[[Any], Any]]) -> Callable[[Any], AsyncContextManager[Any]]:
    """Return a lifespan as a function to an async context manager; generator functions are deprecated."""
    if lifespan is None:
        return _no_lifespan
    is_async = inspect.isasyncgenfunction(lifespan)
    if not is_async and not inspect.isgeneratorfunction(lifespan):
        return lifespan
    kind = "async generator" if is_async else "generator"
    warnings.warn(
        f"{kind} function lifespans are deprecated, use an @contextlib.asynccontextmanager function instead",
        StarletteDeprecationWarning,
        stacklevel=3,
    )
    if is_async:
        return asynccontextmanager(lifespan)
    enter = contextmanager(lifespan)

    @asynccontextmanager
    async def entered(app: Any) -> AsyncIterator[Any]:
        with enter(app) as state:
            yield state

    return entered


class Mount(MountBase):
    """An ASGI app, or routes, under a prefix."""

    def make_router(self, routes: Sequence[BaseRoute]) -> ASGIApp:
        """Return the router that serves the routes."""
        return Router(routes)


class Router:
    """An ASGI app that serves a connection by the first of its routes that matches.

    Args:
        routes: The routes; the list may be changed at any time.
        redirect_slashes: Whether a path is redirected where a slash is missing or too much.
        default: The app for what no route matches; a 404 response by default.
        lifespan: A function of the app that returns an async context manager. A mapping that it yields becomes the
            state of the requests.
        middleware: `Middleware` objects around the routes, outermost first.
        max_body_size: The most bytes of a request body; 413 beyond that.
    """

    def __init__(
        self,
        routes: Optional[Sequence[BaseRoute]] = None,
        redirect_slashes: bool = True,
        default: Optional[ASGIApp] = None,
        lifespan: Optional[Callable[[Any], Any]] = None,
        *,
        middleware: Optional[Sequence[Middleware]] = None,
        max_body_size: Optional[int] = None,
    ) -> None:
        self.routes: List[Any] = list(routes or ())
        self.redirect_slashes = redirect_slashes
        self.default: ASGIApp = self.not_found if default is None else default
        self.lifespan_context = lifespan_of(lifespan)
        self.middleware_stack: ASGIApp = wrapped(self.app, middleware, max_body_size)
        self.is_plain = default is None and lifespan is None and self.middleware_stack == self.app

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404, or close a WebSocket; inside of an app raise `HTTPException`, for its handlers.

        Raises:
            HTTPException: 404.
        """
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        elif "app" in scope:
            raise HTTPException(404)
        else:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of a route by its name.

        Raises:
            NoMatchFound: No route has the name and exactly these parameters.
        """
        found = find_path(self.routes, name, path_params)
        if found is None:
            raise NoMatchFound(name, path_params)
        return found

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a server's start and stop: run the lifespan between them."""
        started = False
        await receive()
        try:
            async with self.lifespan_context(scope.get("app")) as state:
                if state is not None:
                    if "state" not in scope:
                        raise RuntimeError('The server does not support "state" in the lifespan scope.')
                    scope["state"].update(state)
                await send({"type": "lifespan.startup.complete"})
                started = True
                await receive()
        except BaseException:
            event = "shutdown" if started else "startup"
            await send({"type": f"lifespan.{event}.failed", "message": traceback.format_exc()})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection or the lifespan."""
        await self.middleware_stack(scope, receive, send)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection inside of the middleware."""
        kind = scope["type"]
        assert kind in ("http", "websocket", "lifespan")
        scope.setdefault("router", self)
        if kind == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        partly = None
        for route in self.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                break
            if match is Match.PARTIAL and partly is None:
                partly = route, child
        else:
            if partly is None:
                await self._unmatched(scope, receive, send)
                return
            route, child = partly
        scope["route"] = route
        scope.update(child)
        await route.handle(scope, receive, send)

    async def _unmatched(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = local_path(scope)
        if scope["type"] == "http" and self.redirect_slashes and path != "/":
            whole = scope["path"]
            other = {**scope, "path": whole.rstrip("/") if path.endswith("/") else f"{whole}/"}
            if any(route.matches(other)[0] is not Match.NONE for route in self.routes):
                await RedirectResponse(URL(scope=other))(scope, receive, send)
                return
        await self.default(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Router) and self.routes == other.routes

    __hash__ = object.__hash__

    def collected(self) -> List[Item]:
        """Return the kernel's routes of these routes, where a FastAPI app serves them."""
        return [
            item for route in self.routes for item in (custom_routes(route) if route.is_custom else route.collected())
        ]

    def mount(self, path: str, app: ASGIApp, name: Optional[str] = None) -> None:
        """Mount an ASGI app under a prefix."""
        self.routes.append(Mount(path, app=app, name=name))

    def host(self, host: str, app: ASGIApp, name: Optional[str] = None) -> None:
        """Serve all requests to a host by an ASGI app."""
        self.routes.append(Host(host, app=app, name=name))

    def add_route(
        self,
        path: str,
        endpoint: AnyCallable,
        methods: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add a function that takes the request and returns a response."""
        self.routes.append(Route(path, endpoint, methods=methods, name=name, include_in_schema=include_in_schema))

    def add_websocket_route(self, path: str, endpoint: AnyCallable, name: Optional[str] = None) -> None:
        """Add a coroutine function that takes the WebSocket."""
        self.routes.append(WebSocketRoute(path, endpoint, name=name))
