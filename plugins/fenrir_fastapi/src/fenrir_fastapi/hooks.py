"""Route classes of users: a handler of their own around ours, or a match of their own before the table of routes."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List

from fenrir_core import Request as CoreRequest
from fenrir_core import Route, RouteHook, current
from fenrir_core.authoring import Receive, Scope, Send

from .starlette.requests import Request

_CALL_NEXT = "fenrir_fastapi.call_next"


def route_hooks(route: Route) -> Iterator[RouteHook]:
    """Run the handler that a user's route class makes around the endpoint of its route."""
    make_handler = route.option("get_route_handler")
    if make_handler is not None:
        yield RouteHook("route class", around=_around(make_handler()), order="inner")


def _around(handler: Callable[[Request], Any]) -> Callable[[Any, Any], Any]:
    async def around(connection: CoreRequest, call_next: Any) -> Any:
        connection.state[_CALL_NEXT] = call_next
        return await handler(connection.facade(Request))

    return around


async def original_handler(request: Request) -> Any:
    """Serve a request by the rules of its route, and return the response."""
    outer = current.get()
    connection = request.connection
    if type(request).body is not Request.body:
        connection.give_body(await request.body())
    try:
        return await outer.state[_CALL_NEXT](connection)
    finally:
        if connection is not outer:
            outer.adopt_cleanups(connection)


async def serve(route: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a connection by a route that is not in the table."""
    original = getattr(route, "original", route)
    for target in scope["app"].compiled_routes:
        if target.route.option("api_route") is original and target.route.path == route.path:
            found = scope.get("path_params", {})
            params = {item.name: item.converter.parse(str(found[item.name])) for item in target.template.params}
            await target.call(scope, receive, send, params)
            return
    raise RuntimeError(f"{route!r} belongs to no app that is built.")


class OwnRoutes:
    """Ask routes with a match of their own before the app's table of routes.

    Args:
        app: The ASGI app that has the table.
        owner: The app as users know it.
        routes: The routes, in order.
    """

    def __init__(self, app: Any, owner: Any, routes: List[Any]) -> None:
        self.app, self.owner, self.routes = app, owner, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] in ("http", "websocket"):
            scope["app"] = self.owner
            for route in self.routes:
                match, child = route.matches(scope)
                if getattr(match, "value", match) == 2:
                    await route.handle({**scope, **child}, receive, send)
                    return
        await self.app(scope, receive, send)
