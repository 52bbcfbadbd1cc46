"""The parameters of handlers: the request first, then the path's values."""

from __future__ import annotations

import inspect
from typing import Optional

from fenrir_core import Build, Connection, Param, PathValue, Resolver, Route
from fenrir_core.authoring import ParameterSource

from .request import Request, needs_of, request_reader
from .websocket import Websocket

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


async def read_websocket(connection: Connection) -> Websocket:
    """Return Sanic's WebSocket of a connection, accepted."""
    found = connection.facade(Websocket)
    await found.accept(connection.route.option("subprotocols") or ())
    return found


def make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Fill the parameters of Sanic's handlers, and elsewhere those that are annotated with its request."""
    if route.fallback:
        return None
    if inspect.isclass(param.annotation) and issubclass(param.annotation, Request):
        return _request(route, build)
    if route.paradigm == "sanic" and param.function is route.endpoint and route.path:
        if param.kind in _POSITIONAL and param.index == 0:
            return _request(route, build)
        if route.is_websocket and param.kind in _POSITIONAL and param.index == 1:
            return Resolver(read_websocket, is_async=True)
        return PathValue(param.name) if param.in_path else None
    return None


def _request(route: Route, build: Build) -> Resolver:
    return Resolver(request_reader(build.app), needs=needs_of(route))
