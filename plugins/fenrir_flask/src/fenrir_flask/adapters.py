"""Adapters for objects of Werkzeug, and of the real Flask and Quart, which need not be installed.

Flask's classes are Werkzeug's or subclasses of these.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, AsyncIterator, Union

from werkzeug.wrappers import Response as WerkzeugResponse

from fenrir_core import Connection, HTTPError, Response, StreamingResponse
from fenrir_core.authoring import Adapter

from .conversion import to_kernel
from .exceptions import kernel_error


def from_response(connection: Connection, value: Any) -> Response:
    """Return our response; what is to be called at the close is called after the last byte."""
    if isinstance(value, WerkzeugResponse):
        return to_kernel(connection, value)
    response = Response(b"", value.status_code)  # a "sans-IO" response has no body
    for name, text in value.headers.items():
        response.headers.add(name, text)
    return response


def from_quart_response(connection: Connection, value: Any) -> Response:
    """Return our response, whose body is read while it is sent."""

    async def content() -> AsyncIterator[bytes]:
        async with value.response as body:
            async for chunk in body:
                yield chunk

    response = StreamingResponse(content(), value.status_code)
    for name, text in value.headers.items():
        response.headers.add(name, text)
    return response


def from_error(connection: Connection, error: Any) -> Union[HTTPError, Response, None]:
    """Return our error of the same status; its response if it has one of its own, or is a redirect."""
    if error.response is not None:
        return from_response(connection, error.response)
    if error.code is None:
        return None
    if error.code < 400 or _has_own_body(error.__class__):
        return from_response(connection, error.get_response())
    return kernel_error(error)


@lru_cache(maxsize=256)
def _has_own_body(kind: type) -> bool:
    """Return whether a class of the app's author writes its page itself."""
    for name in ("get_response", "get_body"):
        owner = next(base for base in kind.__mro__ if name in vars(base))
        if not owner.__module__.startswith("werkzeug."):
            return True
    return False


werkzeug = Adapter(
    errors={"werkzeug.exceptions.HTTPException": from_error},
    responses={"werkzeug.sansio.response.Response": from_response},
)
flask = Adapter(apps=("flask.app.Flask",))
quart = Adapter(responses={"quart.wrappers.response.Response": from_quart_response}, apps=("quart.app.Quart",))
