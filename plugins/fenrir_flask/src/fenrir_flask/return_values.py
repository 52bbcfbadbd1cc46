"""Return values: Flask's rules for what a view may return."""

from __future__ import annotations

import inspect
from typing import Any, Mapping, Optional

import fenrir_core
from fenrir_core import BodyEncoder, Connection, ReturnHandler, Route
from fenrir_core.authoring import BODILESS, RawResponse, encoder_of, foreign_response, parse_status, replace_headers

from .json.provider import provider_of
from .response import Response, Status

_HTML = BodyEncoder(str.encode, b"text/html; charset=utf-8")


def make_return_handler(route: Route) -> ReturnHandler:
    """Return the handler that converts the return values of a route by Flask's rules."""
    status = int(route.option("status", 200))

    def convert(connection: Connection, value: Any) -> Response:
        if isinstance(value, Response):
            return value
        made = to_flask(connection, value)
        if status != 200 and made is not value and not isinstance(value, tuple):
            made.status_code = status
        return made

    def render_raw(connection: Connection, value: Any) -> Optional[RawResponse]:
        if type(value) is str:
            body = value.encode()
            return status, [(b"content-type", _HTML.content_type), (b"content-length", b"%d" % len(body))], body
        if not isinstance(value, (Response, dict, list)):
            return None
        return convert(connection, value).render_raw()

    return ReturnHandler(convert, {str: _HTML}, status, render_raw=None if status in BODILESS else render_raw)


def to_flask(connection: Connection, value: Any) -> Response:
    """Return a response made of what a view returned.

    str and bytes are HTML, dict, list and what a plugin's encoder writes are JSON, an iterator is streamed, a tuple is
    `(body, status)`, `(body, headers)` or `(body, status, headers)`.

    Raises:
        TypeError: The value is None or none of these; the message names the view.
    """
    status = headers = None
    if isinstance(value, tuple):
        body, status, headers = _split(connection, value)
    else:
        body = value
    made = _body(connection, body)
    if status is not None:
        if parse_status(status) is None:
            raise _wrong(connection, f"returned the status {status!r}")
        made.status = Status(status)
    if headers is not None:
        if not isinstance(headers, (Mapping, list, tuple)):
            raise _wrong(connection, f"returned the headers {headers!r}")
        replace_headers(made, headers)
    return made


def _body(connection: Connection, value: Any) -> Response:
    kind = getattr(connection.app, "response_class", Response)
    if isinstance(value, fenrir_core.Response):
        return Response.force_type(value)
    if isinstance(value, (str, bytes, bytearray)):
        return kind(value)
    if isinstance(value, (dict, list)) or encoder_of(type(value)) is not None:
        return provider_of(connection.app).response(value)
    if inspect.isgenerator(value) or hasattr(value, "__next__") or hasattr(value, "__aiter__"):
        return kind(value)
    foreign = foreign_response(connection, value)
    if foreign is not None:
        return Response.force_type(foreign)
    raise _wrong(connection, f"returned {'None' if value is None else type(value).__name__}")


def _split(connection: Connection, value: Any) -> Any:
    if len(value) == 3:
        return value
    if len(value) == 2:
        body, second = value
        is_headers = isinstance(second, (Mapping, list, tuple))
        return (body, None, second) if is_headers else (body, second, None)
    raise _wrong(connection, f"returned a tuple of {len(value)} items")


def _wrong(connection: Connection, what: str) -> TypeError:
    route = connection.route
    name = getattr(route.endpoint, "__qualname__", repr(route.endpoint))
    return TypeError(
        f"{route.where}: the view {name}() of the endpoint {route.name!r} {what}, which is not a response. Return a "
        "str, bytes, dict, list, generator, response, or (body, status), (body, headers), (body, status, headers); a "
        'status is a number from 100 to 999 or text such as "404 NOT FOUND".'
    )
