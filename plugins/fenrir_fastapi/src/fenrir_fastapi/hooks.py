"""What runs around requests: handlers of custom route classes, custom matching, and the root path."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List

from fenrir_core import Request as CoreRequest
from fenrir_core import Route, RouteHook, current
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

from .starlette.requests import Request
from .starlette.routing import Match

#: The route option with the `get_route_handler` of a custom route class.
ROUTE_HANDLER = "get_route_handler"
_CALL_NEXT = "fenrir_fastapi.call_next"


def route_hooks(route: Route) -> Iterator[RouteHook]:
    """Return the hook that runs the handler of a custom route class around the endpoint of its route."""
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
    if type(request).body is not Request.body:
        connection.give_body(await request.body())
    try:
        return await outer.state[_CALL_NEXT](connection)
    finally:
        if connection is not outer:
            outer.adopt_cleanups(connection)


class CustomMatching:
    """The ASGI layer that asks routes with a match of their own before the app's table of routes.

    Args:
        app: The ASGI app that has the table.
        owner: The app as users know it.
        routes: The routes, in order.
    """

    def __init__(self, app: ASGIApp, owner: Any, routes: List[Any]) -> None:
        self.app, self.owner, self.routes = app, owner, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] in ("http", "websocket"):
            scope["app"] = self.owner
            for route in self.routes:
                match, child = route.matches(scope)
                if getattr(match, "value", match) == Match.FULL.value:
                    await route.handle({**scope, **child}, receive, send)
                    return
        await self.app(scope, receive, send)


class RootPath:
    """The ASGI layer that puts the app's `root_path` into the scope."""

    def __init__(self, app: ASGIApp, owner: Any) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        scope["root_path"] = self.owner.root_path
        await self.app(scope, receive, send)
