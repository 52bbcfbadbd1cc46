"""The parameters of responders: the request, the response, and the path parameters."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Optional

from fenrir_core import App, Build, Connection, Param, PathValue, Resolver, Route
from fenrir_core.authoring import BODY_METHODS

from .decorators import is_synchronous
from .request import Request, request_reader
from .response import Response, response_reader
from .state import State
from .websocket import websocket_of

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def sync_request_reader(app: App) -> Callable[[Connection], Request]:
    """Return what reads the request for a synchronous responder, whose `get_media` and `stream` are so, too."""
    read = request_reader(app)

    def read_sync(connection: Connection) -> Request:
        request = read(connection)
        request.is_sync = True
        return request

    return read_sync


def _late(name: str) -> Resolver:
    """Return what reads a parameter that middleware or a hook puts among those of the path."""

    def read(connection: Connection) -> Any:
        try:
            return connection.path_params[name]
        except KeyError:
            raise TypeError(
                f"{connection.route.where}: the responder takes {name!r}, which is neither in the path nor put into "
                "`params` by middleware or a hook."
            ) from None

    return Resolver(read)


def make_resolver(param: Param, route: Route, build: Build) -> Optional[Any]:
    """Return what fills a parameter, or None if it is not Falcon's.

    In a responder the first two parameters are the request and the response, and path parameters
    are filled by name. Elsewhere Falcon's `Request` and `Response` are recognised by annotation.
    """
    if route.paradigm != "falcon" or param.function is not route.endpoint or route.fallback:
        return _by_annotation(param, route, build)
    if param.kind in _POSITIONAL and param.index < 2:
        if param.index == 1:
            return Resolver(websocket_of if route.is_websocket else response_reader(build.app))
        return _request(route, build)
    if param.in_path:
        return PathValue(param.name)
    found = _by_annotation(param, route, build)
    if found is None and build.app.paradigm == "falcon" and param.default is inspect.Parameter.empty:
        return _late(param.name)
    return found


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
    state = build.app.store(State)
    needs = frozenset({"load" if state.req_options.media_handlers.leaves_forms else "body"})
    if is_synchronous(route.endpoint):
        return (
            Resolver(request_reader(build.app))
            if state.is_direct
            else Resolver(sync_request_reader(build.app), needs=needs)
        )
    # In Falcon's own app the responder reads the body, by `await req.get_media()` or `req.stream`
    preload = build.app.paradigm is None and BODY_METHODS.intersection(route.methods)
    return Resolver(request_reader(build.app), needs=needs if preload else frozenset())
