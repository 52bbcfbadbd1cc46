"""Adapters for objects of the real Starlette and FastAPI, which need not be installed."""

from __future__ import annotations

from typing import Any

from fenrir_core import ASGIResponse, Connection, Response, StreamingResponse
from fenrir_core.authoring import Adapter, full_name

from .exceptions import HTTPException, RequestValidationError, WebSocketException

_RESPONSE, _STREAM = "starlette.responses.Response", "starlette.responses.StreamingResponse"


def _sends_as(value: Any, name: str) -> bool:
    """Return whether a response is sent as one of the class `name` is: its own class has no other way to do it."""
    base: Any = next(kind for kind in type(value).__mro__ if full_name(kind) == name)
    return type(value).__call__ is base.__call__


def _filled(response: Response, value: Any) -> Response:
    response.raw_headers.extend(value.raw_headers)
    response.background = value.background
    return response


def from_response(connection: Connection, value: Any) -> Response:
    """Return our response for one with a body in memory; a subclass with a `__call__` of its own sends itself."""
    if not _sends_as(value, _RESPONSE):
        return ASGIResponse(value)
    return _filled(Response(bytes(value.body), value.status_code), value)


def from_stream(connection: Connection, value: Any) -> Response:
    """Return our streaming response; a subclass with a `__call__` of its own sends itself."""
    if not _sends_as(value, _STREAM):
        return ASGIResponse(value)
    return _filled(StreamingResponse(value.body_iterator, value.status_code), value)


def from_http_error(connection: Connection, error: Any) -> HTTPException:
    """Return our `HTTPException`."""
    return HTTPException(error.status_code, error.detail, error.headers)


def from_websocket_error(connection: Connection, error: Any) -> WebSocketException:
    """Return our `WebSocketException`."""
    return WebSocketException(error.code, error.reason)


def from_validation_error(connection: Connection, error: Any) -> RequestValidationError:
    """Return our `RequestValidationError`."""
    return RequestValidationError(list(error.errors()), body=error.body)


starlette = Adapter(
    errors={
        "starlette.exceptions.HTTPException": from_http_error,
        "starlette.exceptions.WebSocketException": from_websocket_error,
    },
    responses={_RESPONSE: from_response, _STREAM: from_stream},
    apps=(
        "starlette.applications.Starlette",
        "starlette.routing.BaseRoute",
        "starlette.routing.Router",
        "starlette.staticfiles.StaticFiles",
    ),
)
#: What FastAPI adds; its other classes are subclasses of Starlette's.
fastapi = Adapter(errors={"fastapi.exceptions.RequestValidationError": from_validation_error})
#: The apps of this package that are no `fenrir_core.App`.
own = Adapter(
    apps=(
        "fenrir_fastapi.starlette.applications.Starlette",
        "fenrir_fastapi.starlette.routes.BaseRoute",
        "fenrir_fastapi.starlette.routing.Router",
        "fenrir_fastapi.starlette.staticfiles.StaticFiles",
    ),
)
