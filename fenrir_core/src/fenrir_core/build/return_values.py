"""The hybrid app's rule for the values that handlers return."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Optional

from .._callsite import return_annotation
from .._types import EncodersLike
from ..http.connection import Connection
from ..http.conversion import check_annotation, to_response
from ..http.json import dump_list, dump_model, dumps
from ..http.media_types import negotiated
from ..http.models import AnyModel
from ..http.request import Request
from ..http.response import Response
from ..plugins.types import BodyEncoder, ReturnHandler, Route

_JSON = BodyEncoder(dumps, b"application/json")

#: Encoders of the values that need no response object, by exact type.
ENCODERS: Mapping[type, BodyEncoder] = {
    **dict.fromkeys((dict, int, float, bool, type(None)), _JSON),
    list: BodyEncoder(dump_list, b"application/json"),
    AnyModel: BodyEncoder(dump_model, b"application/json"),
    str: BodyEncoder(str.encode, b"text/html; charset=utf-8"),
    bytes: BodyEncoder(bytes, b"application/octet-stream"),
}

#: The hybrid app's table, for whatever is not the value of an endpoint.
TABLE = ReturnHandler(to_response)


def hybrid_return_handler(
    route: Route, encoders: Optional[EncodersLike] = None, *, check: bool = True
) -> ReturnHandler:
    """Return the handler of the hybrid app's table; a route's `status` option sets the status.

    Args:
        route: The route.
        encoders: The app's: values of their types are JSON.
        check: Whether the endpoint's return annotation must be a type of the table.

    Raises:
        BuildError: The endpoint is annotated with a return type that can't be answered with.
    """
    if check:
        check_annotation(route, return_annotation(route.endpoint, route.namespace), encoders)
    status = int(route.option("status", 200))
    shortcuts = dict(ENCODERS)
    if encoders is not None and encoders.by_type:
        del shortcuts[AnyModel]
    if status == 200:
        return ReturnHandler(to_response, shortcuts)

    def convert(connection: Connection, value: Any) -> Response:
        response = to_response(connection, value)
        if response is not value and not isinstance(value, tuple):
            response.status = status
        return response

    return ReturnHandler(convert, shortcuts, status)


def handing_on(handler: ReturnHandler, rest: ReturnHandler) -> ReturnHandler:
    """Return a handler whose `rest` converts the values for which `handler.convert` returns `NotImplemented`."""

    def convert(request: Request, value: object) -> object:
        made = handler.convert(request, value)
        return rest.convert(request, value) if made is NotImplemented else made

    async def convert_async(request: Request, value: object) -> object:
        made = await _called(handler, request, value)
        return await _called(rest, request, value) if made is NotImplemented else made

    is_async = handler.is_async or rest.is_async
    return replace(handler, convert=convert_async if is_async else convert, is_async=is_async)


def negotiating(handler: ReturnHandler) -> ReturnHandler:
    """Return a handler that writes what `handler` makes JSON of in the media type that the client prefers."""
    if handler.negotiates:
        return handler

    def convert(request: Request, value: object) -> object:
        return negotiated(request, handler.convert(request, value), value)

    async def convert_async(request: Request, value: object) -> object:
        return negotiated(request, await _called(handler, request, value), value)

    encoders = {kind: item for kind, item in handler.encoders.items() if item.content_type != b"application/json"}
    convert_any = convert_async if handler.is_async else convert
    return replace(handler, convert=convert_any, encoders=encoders, render_raw=None)


async def _called(handler: ReturnHandler, request: Request, value: object) -> Any:
    made = handler.convert(request, value)
    return await made if handler.is_async else made


async def as_response(connection: Connection, value: Any, rule: ReturnHandler) -> Response:
    """Return a response made of what a step around the endpoint or an error handler returned."""
    if isinstance(value, Response):
        return value
    made = await _called(rule, connection, value)  # type: ignore[arg-type]  # the rule of an app takes either connection
    return made  # type: ignore[no-any-return]
