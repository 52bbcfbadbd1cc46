"""The parameters of handlers: the request first, then the path's values."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Optional
from urllib.parse import quote

from fenrir_core import App, Build, Connection, Param, PathValue, Resolver, Route
from fenrir_core.authoring import ParameterSource, name_of, parameter_names, parse_template

from .ext.injection import resolver_of
from .request import Request, needs_of, request_reader
from .state import State
from .websocket import Websocket

#: What is sent as it is, and the types of path parameters whose values are no text.
_AS_SENT, _NO_TEXT = ":@!$&'()*+,;=~", frozenset({"int", "float", "uuid", "ymd"})
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


async def read_websocket(connection: Connection) -> Websocket:
    """Return Sanic's WebSocket of a connection, accepted."""
    found = connection.facade(Websocket)
    await found.accept(connection.route.option("subprotocols") or ())
    return found


def make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Fill the parameters of Sanic's handlers, and elsewhere those that are annotated with its request."""
    if route.fallback or route.option("host_dispatcher"):
        return None
    if inspect.isclass(param.annotation) and issubclass(param.annotation, Request):
        return _request(route, build)
    if route.paradigm == "sanic" and param.function is route.endpoint and route.path:
        if param.kind in _POSITIONAL and param.index == 0:
            return _request(route, build)
        if route.is_websocket and param.kind in _POSITIONAL and param.index == 1:
            return Resolver(read_websocket, is_async=True)
        found = resolver_of(param, build.app.__dict__.get("_ext"))
        if found is not None:
            return found
        if param.in_path:
            return PathValue(param.name)
        return _injected(param) if _may_be_injected(param, build.app) else None
    return None


def _may_be_injected(param: Param, app: App) -> bool:
    """Return whether a handler of a signal, or middleware, could put the value into `request.match_info`."""
    if app.paradigm != "sanic" or param.kind not in _NAMED:
        return False
    if inspect.isclass(param.annotation) and issubclass(param.annotation, (App, Connection)):
        return False
    own: Any = app
    return bool(app.store(State).middleware or own.signal_router.groups)


def _injected(param: Param) -> Resolver:
    name, default = param.name, param.default

    def read(connection: Connection) -> Any:
        found = connection.path_params.get(name, default)
        if found is inspect.Parameter.empty:
            raise TypeError(
                f"{connection.route.where}: {name_of(connection.route.endpoint)}() has a parameter {name!r} that is "
                "not in the path, and neither middleware nor a signal has put it into request.match_info."
            )
        return found

    return Resolver(read)


def encoder_of_values(route: Route, build: Build) -> Optional[Callable[[Connection], None]]:
    """Return what makes the text values of a route's path as they were sent, percent-encoded.

    COMPAT: Sanic hands them on so unless the route has `unquote=True`, to handlers, middleware and signals alike.

    Returns:
        A function for the connection, or None where there is nothing to do.
    """
    if build.app.paradigm != "sanic" or route.fallback or not route.path.startswith("/"):
        return None
    if route.option("unquote") or route.option("static"):
        return None
    template = parse_template(route.path, build.converters, parameter_names(route.endpoint), route.where)
    safe = {
        param.name: _AS_SENT + "/" * param.converter.multi_segment
        for param in template.params
        if param.converter.name.partition("(")[0] not in _NO_TEXT
    }
    if not safe:
        return None

    def encode(connection: Connection) -> None:
        values: Any = connection.path_params
        for name, kept in safe.items():
            value = values[name]
            if type(value) is str and not (value.isalnum() and value.isascii()):
                values[name] = quote(value, kept)

    return encode


def _request(route: Route, build: Build) -> Resolver:
    reader = request_reader(build.app)
    needs = needs_of(route, build.app.paradigm == "sanic")
    kind: Any = build.app.store(State).request_class or Request
    if not needs or kind.receive_body is Request.receive_body:
        return Resolver(reader, needs=needs)

    async def read(connection: Connection) -> Request:
        request = reader(connection)
        await request.receive_body()
        return request

    return Resolver(read, is_async=True)
