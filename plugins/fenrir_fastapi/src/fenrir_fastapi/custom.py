"""Route classes of users: a handler of their own around ours, or a match of their own before the table of routes."""

from __future__ import annotations

from typing import Any, Callable, List

from fenrir_core import Request as CoreRequest
from fenrir_core import current
from fenrir_core._types import Receive, Scope, Send
from fenrir_core.build.compiler import call_source
from fenrir_core.runtime.dependencies import finish
from fenrir_core.runtime.error_handling import handle_error, respond

from .requests import Request


class Handlers:
    """Keep the compiled endpoints of routes that have a handler of their own, one object an app."""

    def __init__(self) -> None:
        self.calls: Any = {}

    def of(self, target: Any) -> Any:
        """Give `async call(connection)` of a route's endpoint, compiled at its first use."""
        found = self.calls.get(id(target.plan))
        if found is None:
            source = call_source(target.plan.root, ())
            function = target.app.built.compiler.function(source, f"handler of {target.route}")
            found = self.calls[id(target.plan)] = (target.plan, function)
        return found[1]


async def original_handler(request: Request) -> Any:
    """Serve a request by the rules of its route, and give the response."""
    outer = current.get()
    connection = request.connection
    target: Any = connection.compiled_route
    if type(request).body is not Request.body:
        connection.give_body(await request.body())
    for need in sorted(target.plan.root.needs):
        await getattr(connection, need)()
    try:
        value = await target.app.store(Handlers).of(target)(connection)
        response = target.plan.return_handler.convert(connection, value)
        return await response if target.plan.return_handler.is_async else response
    finally:
        if connection is not outer and connection.cleanups:
            for close in connection.cleanups:
                outer.add_cleanup(close)
            connection.cleanups = None


def wrap_call(make_handler: Callable[[], Callable[[Request], Any]]) -> Callable[[Any], Any]:
    """Give what makes of a compiled route the coroutine function that serves it by the user's own handler."""

    def wrap(target: Any) -> Any:
        handler = make_handler()

        async def call(scope: Scope, receive: Receive, send: Send, params: Any) -> None:
            connection = CoreRequest(scope, receive, send, params, target)
            token = current.set(connection)
            try:
                try:
                    response = await handler(connection.facade(Request))
                except Exception as error:
                    response = await handle_error(connection, error)
                await respond(connection, response)
                await finish(connection, None)
            except BaseException as error:
                await finish(connection, error)
                raise
            finally:
                current.reset(token)

        return call

    return wrap


def wrap_asgi(endpoint: Any) -> Callable[[Any], Any]:
    """Give what serves a route by an ASGI app, or a class whose objects are awaited; errors are answered as usual."""

    def wrap(target: Any) -> Any:
        async def call(scope: Scope, receive: Receive, send: Send, params: Any) -> None:
            connection = CoreRequest(scope, receive, send, params, target)
            token = current.set(connection)
            scope["path_params"] = params
            try:
                await endpoint(scope, receive, send)
            except Exception as error:
                await respond(connection, await handle_error(connection, error))
            finally:
                await finish(connection, None)
                current.reset(token)

        return call

    return wrap


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
