"""The adapter for objects of the real Bottle, which need not be installed."""

from __future__ import annotations

from typing import Any, Union

from fenrir_core import Connection, Response, StreamingResponse
from fenrir_core import HTTPError as KernelError
from fenrir_core.authoring import Adapter, dumps

from .casting import chunks_of_file
from .exceptions import HTTPError, HTTPResponse


def from_raised(connection: Connection, error: Any) -> Union[HTTPResponse, Response]:
    """Return our `HTTPResponse`; in an app without this paradigm, which has no handler of it, the kernel's response."""
    if "bottle" in connection.app.plugins.order:
        return HTTPResponse(error.body, error.status_line, error.headerlist)
    return from_response(connection, error)


def from_error(connection: Connection, error: Any) -> Union[HTTPError, KernelError]:
    """Return our `HTTPError`; in an app without this paradigm the kernel's."""
    pairs = [pair for pair in error.headerlist if pair[0].lower() != "content-type"]
    if "bottle" not in connection.app.plugins.order:
        return KernelError(error.status_code, str(error.body) if error.body else None, dict(pairs))
    made = HTTPError(error.status_line, error.body, error.exception, error.traceback)
    for name, value in pairs:
        made.add_header(name, value)
    return made


def from_response(connection: Connection, value: Any) -> Response:
    """Return the kernel's response."""
    body, response = value.body, Response(b"", value.status_code)
    if isinstance(body, dict):
        value.content_type, body = "application/json", dumps(body)
    if isinstance(body, str):
        response.body = body.encode(value.charset)
    elif isinstance(body, (bytes, bytearray)):
        response.body = bytes(body)
    elif body:
        response = StreamingResponse(chunks_of_file(body) if hasattr(body, "read") else body, value.status_code)
    for name, text in value.headerlist:
        response.headers.add(name, text)
    return response


bottle = Adapter(
    errors={"bottle.HTTPError": from_error, "bottle.HTTPResponse": from_raised},
    responses={"bottle.BaseResponse": from_response},
    apps=("bottle.Bottle",),
)
