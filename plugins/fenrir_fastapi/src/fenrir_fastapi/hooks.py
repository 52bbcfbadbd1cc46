"""What runs around requests: handlers of custom route classes, custom matching, and the root path."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List, Tuple

from fenrir_core import App, Build, Middleware, Route, RouteHook, current
from fenrir_core import Request as CoreRequest
from fenrir_core.authoring import ASGIApp, CompiledRoute, Receive, Scope, Send, find_ahead, record

from .frontend import serve_frontends
from .starlette.requests import Request
from .starlette.routing import CUSTOM, BaseRoute, EndpointRoute, Match, around_endpoint, parsed_params
from .state import State

#: The route option with the `get_route_handler` of a custom route class.
ROUTE_HANDLER = "get_route_handler"
_CALL_NEXT = "fenrir_fastapi.call_next"


def route_hooks(route: Route, build: Build) -> Iterator[RouteHook]:
    """Return the hooks that run what a custom route class has of its own, and those that serve frontends."""
    frontends = [item for item in build.routes if item.option("frontend")] if route.fallback == 404 else []
    if frontends:
        yield RouteHook("frontends", around=serve_frontends(frontends, build), order="inner")
    custom = route.option(CUSTOM)
    if isinstance(custom, EndpointRoute) and custom.has_own_handle:
        yield RouteHook("route's handle", around=around_endpoint(custom), order="inner")
    make_handler = route.option(ROUTE_HANDLER)
    if make_handler is not None:
        yield RouteHook("route class", around=_around(make_handler()), order="inner")


def _around(handler: Callable[[Request], Any]) -> Callable[[Any, Any], Any]:
    async def around(connection: CoreRequest, call_next: Any) -> Any:
        connection.state[_CALL_NEXT] = call_next
        return await handler(connection.facade(Request))

    return around


async def original_handler(request: Request) -> Any:
    """Return the response of a route: what `APIRoute.get_route_handler` returns, to be wrapped."""
    outer = current.get()
    connection = request.connection
    if type(request) is not Request:  # the endpoint is to get the same object
        connection.set_facade(Request, request)
    if type(request).body is not Request.body:
        connection.give_body(await request.body())
    if connection is not outer:
        connection.join_steps(outer)
    try:
        return await outer.state[_CALL_NEXT](connection)
    finally:
        if connection is not outer:
            outer.adopt_cleanups(connection)


def middleware(build: Build) -> Iterator[Middleware]:
    """Return the layer for routes with a match of their own, if there are any."""
    if any(route.option(CUSTOM) is not None for route in build.routes):
        yield Middleware("custom matching", lambda app: CustomMatching(app, build.app), layer="routing")


class CustomMatching:
    """The ASGI layer that asks routes with a match of their own before the app's table of routes.

    Args:
        app: The ASGI app that has the table.
        owner: The app as users know it.
    """

    def __init__(self, app: ASGIApp, owner: App) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] in ("http", "websocket"):
            scope["app"] = self.owner
            others: List[str] = []
            for matches, compiled in self.owner.store(State).custom_routes:
                if compiled.route.is_websocket is not (scope["type"] == "websocket"):
                    continue
                match, child = matches(scope)
                if getattr(match, "value", match) == Match.FULL.value:
                    record(scope, compiled)
                    found = {**scope, **child}
                    await compiled.call(found, receive, send, parsed_params(compiled, found))
                    return
                if getattr(match, "value", match) == Match.PARTIAL.value:
                    others = others or list(compiled.route.methods)
            if others and scope["type"] == "http":
                rest = find_ahead(self.owner, scope)
                if rest.target is None and rest.mount is None:
                    allowed = tuple(dict.fromkeys((*others, *rest.allowed)))
                    await self.owner.answer(405, scope, receive, send, allowed=allowed)
                    return
        await self.app(scope, receive, send)


def custom_routes(app: App) -> List[Tuple[Callable[[Scope], Any], CompiledRoute]]:
    """Return the routes of an app that have a match of their own, each with that match."""
    return [(_matching(item), item) for item in app.compiled_routes if item.route.option(CUSTOM)]


def _matching(compiled: CompiledRoute) -> Callable[[Scope], Any]:
    """Return the `matches` of a route, for its full path."""
    item: BaseRoute = compiled.route.option(CUSTOM)
    path = compiled.route.path
    if not isinstance(item, EndpointRoute) or item.path == path:
        return item.matches
    own = item

    def matches(scope: Scope) -> Tuple[Match, Scope]:
        with own.matching(path):
            return own.matches(scope)

    return matches


class RootPath:
    """The ASGI layer that puts the app's `root_path` into the scope."""

    def __init__(self, app: ASGIApp, owner: Any) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        scope["root_path"] = self.owner.root_path
        await self.app(scope, receive, send)
