"""The hybrid app's rule for the values that handlers return."""

from __future__ import annotations

from typing import Any, Mapping

from .._callsite import return_annotation
from ..http.connection import Connection
from ..http.conversion import check_annotation, to_response
from ..http.json import dumps
from ..http.response import Response
from ..plugins.types import BodyEncoder, ReturnHandler, Route

_JSON = BodyEncoder(dumps, b"application/json")
_HTML = BodyEncoder(str.encode, b"text/html; charset=utf-8")
_BYTES = BodyEncoder(bytes, b"application/octet-stream")

#: Encoders of the values that need no response object, by exact type.
ENCODERS: Mapping[type, BodyEncoder] = {
    dict: _JSON,
    list: _JSON,
    int: _JSON,
    float: _JSON,
    bool: _JSON,
    type(None): _JSON,
    str: _HTML,
    bytes: _BYTES,
}

#: The hybrid app's table, for whatever is not the value of an endpoint.
TABLE = ReturnHandler(to_response)


def hybrid_return_handler(route: Route) -> ReturnHandler:
    """Return the handler of the hybrid app's table; a route's `status` option sets the status.

    Raises:
        BuildError: The endpoint is annotated with a return type that can't be answered with.
    """
    check_annotation(route, return_annotation(route.endpoint, route.namespace))
    status = int(route.option("status", 200))
    if status == 200:
        return ReturnHandler(to_response, ENCODERS)

    def convert(connection: Connection, value: Any) -> Response:
        response = to_response(connection, value)
        if response is not value and not isinstance(value, tuple):
            response.status = status
        return response

    return ReturnHandler(convert, ENCODERS, status)


async def as_response(connection: Connection, value: Any, rule: ReturnHandler) -> Response:
    """Return a response made of what a step around the endpoint or an error handler returned."""
    if isinstance(value, Response):
        return value
    response = rule.convert(connection, value)  # type: ignore[arg-type]  # the rule of an app takes either connection
    return await response if rule.is_async else response  # type: ignore[no-any-return]
