"""Requests that the kernel's router does not match: templates that only Falcon has, routers of an app's own, new paths.

The kernel compiles the routes that it can express. A template with a converter's arguments, with several fields in one
segment or with a converter of the app, and every route of an app with a router of its own, is found here instead, by
`find(path, req)`; so is the route of a request whose path a middleware component has changed.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, Optional

from fenrir_core import App, Connection, Route
from fenrir_core import Request as KernelRequest
from fenrir_core import Response as KernelResponse
from fenrir_core.authoring import Gates, name_of

from .decorators import is_synchronous
from .request import request_of
from .responders import bad_request_async
from .response import response_of
from .return_values import call, render
from .state import State


async def dispatch(connection: Connection) -> Optional[KernelResponse]:
    """Return the response of the resource that the app's router finds; None where it finds none."""
    state = connection.app.store(State)
    request = request_of(connection)
    found = state.router.find(request.path, req=request)
    if found is None:
        return None
    resource, method_map, params = found[:3]
    if method_map is None:
        return None
    request.uri_template = found[3] if len(found) > 3 else None
    responder = method_map.get(request.method, bad_request_async)
    response = response_of(connection)
    request.resource, request.is_served = resource, True
    connection.path_params = params = dict(params)
    await check_gates(connection, responder, request.uri_template)
    for step in state.component_methods("process_resource") if resource is not None else ():
        await call(step, request, response, resource, params)
        if response.complete:
            return render(connection)
    await respond(connection, responder, params)
    return render(connection)


async def check_gates(connection: Connection, handler: Callable[..., Any], place: Optional[str]) -> None:
    """Run the guards that are set on a responder or sink itself.

    Args:
        connection: The request or WebSocket.
        handler: The responder or sink.
        place: Its template or pattern; None where its router does not tell.
    """
    gates = connection.app.store(Gates)
    key = (handler, place)
    if gates.are_open(key):
        return

    def make_route() -> Route:
        method = "WEBSOCKET" if connection.scope["type"] == "websocket" else connection.scope["method"]
        return App.make_route(place or f"/<{name_of(handler)}>", handler, (method,), paradigm="falcon")

    await gates.check(connection, key, make_route)


async def respond(connection: Connection, responder: Callable[..., Any], params: Dict[str, Any]) -> None:
    """Call a responder, asynchronous or not."""
    request, response = request_of(connection), response_of(connection)
    if is_synchronous(responder):
        assert isinstance(connection, KernelRequest)
        request.is_sync = True
        if not connection.app.store(State).is_direct:
            await request.load()
    if inspect.iscoroutinefunction(responder):
        await responder(request, response, **params)
    else:
        await connection.run_in_thread(responder, request, response, **params)
