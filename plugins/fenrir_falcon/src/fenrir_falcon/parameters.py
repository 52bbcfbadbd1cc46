"""What fills a responder's parameters: the request, the response, and the path's values."""

from __future__ import annotations

import inspect
from typing import Any, Optional

from fenrir_core import Build, Connection, Param, PathValue, Resolver, Route

from .decorators import is_synchronous
from .request import Request
from .response import Response
from .views import request_of, request_reader, response_reader
from .websocket import WebSocket

#: Methods whose requests have a body, which is read before an asynchronous responder of a hybrid app runs.
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def read_request_sync(connection: Connection) -> Request:
    """Return the request for a synchronous responder, whose `media` and `stream` need no await."""
    request = request_of(connection)
    request.is_sync = True
    return request


def read_websocket(connection: Connection) -> WebSocket:
    """Return the WebSocket as Falcon sees it."""
    return connection.facade(WebSocket)


def make_resolver(param: Param, route: Route, build: Build) -> Optional[Any]:
    """Fill the first two parameters of a responder by position, path values by name.

    Elsewhere a parameter that is annotated with Falcon's `Request` or `Response` gets them.
    """
    if route.paradigm != "falcon" or param.function is not route.endpoint or route.fallback:
        return _by_annotation(param, route, build)
    if param.kind in _POSITIONAL and param.index < 2:
        if param.index == 1:
            return Resolver(read_websocket if route.is_websocket else response_reader(build.app))
        return _request(route, build)
    return PathValue(param.name) if param.in_path else _by_annotation(param, route, build)


def _by_annotation(param: Param, route: Route, build: Build) -> Optional[Resolver]:
    if inspect.isclass(param.annotation):
        if issubclass(param.annotation, Request):
            return _request(route, build)
        if issubclass(param.annotation, Response):
            return Resolver(response_reader(build.app))
    return None


def _request(route: Route, build: Build) -> Resolver:
    if route.is_websocket or route.option("stream"):
        return Resolver(request_reader(build.app))
    if is_synchronous(route.endpoint):
        return Resolver(read_request_sync, needs=frozenset({"load"}))
    # Falcon's own app leaves the body to `await req.get_media()` and `req.stream`
    preload = build.app.paradigm is None and BODY_METHODS.intersection(route.methods)
    return Resolver(request_reader(build.app), needs=frozenset({"load"} if preload else ()))
