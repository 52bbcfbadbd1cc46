"""FastAPI's answers to its own errors, for apps that have no handlers for them."""

from __future__ import annotations

from typing import Any, Iterator

from fenrir_core import Build, Call, ExceptionHandler, HTTPError, MethodNotAllowed, NotFound, Response, error_response
from fenrir_core.authoring import report

from .encoders import dumps
from .exceptions import (
    HTTPException,
    RequestValidationError,
    ValidationException,
    WebSocketException,
    WebSocketRequestValidationError,
    context_of,
)
from .middleware.errors import Through
from .starlette.requests import Request
from .starlette.responses import PlainTextResponse
from .starlette.websockets import WebSocket

_BODILESS = frozenset((*range(100, 200), 204, 205, 304))


def place(connection: Any, error: BaseException) -> None:
    """Tell a validation error which endpoint it belongs to."""
    if isinstance(error, ValidationException):
        error.endpoint_ctx = context_of(connection.route, connection.root_path.rstrip("/"))


async def refuse_websocket(connection: Any, error: WebSocketRequestValidationError) -> Response:
    """Close the WebSocket with 1008 and the mistakes."""
    await connection.close(1008, dumps(error.errors()).decode()[:120])
    return Response(b"", 403)


def invalid_input(connection: Any, error: Any) -> Response:
    """Answer 422 with all mistakes."""
    return error_response(connection, error) or Response(
        dumps({"detail": error.errors()}), 422, None, "application/json"
    )


def http_error(connection: Any, error: HTTPError) -> Response:
    """Answer an `HTTPException` with its detail, or without a body where its status has none."""
    status = getattr(error, "status_code", error.status)
    if status in _BODILESS:
        return Response(b"", status, error.headers)
    own = error_response(connection, error)
    return own or Response(dumps({"detail": error.detail}), status, error.headers, "application/json")


def unhandled(connection: Any, error: Exception) -> Response:
    """Answer what nobody handles with a bare 500; where there is middleware, it passes through that first."""
    if connection.scope.get("fenrir.through"):
        raise Through(error)
    place(connection, error)
    report(connection, error)
    return error_response(connection, error) or PlainTextResponse("Internal Server Error", 500)


async def close_websocket(connection: Any, error: WebSocketException) -> Response:
    """Close the WebSocket with the code and reason of the error."""
    await connection.close(error.code, error.reason or "")
    return Response(b"", 403)


def default_handlers(build: Build) -> Iterator[ExceptionHandler]:
    """Return the handlers that any handler of the app's author precedes."""
    yield ExceptionHandler(RequestValidationError, Call.of(invalid_input, nonblocking=True), default=True)
    refuse = Call.of(refuse_websocket if build.app.paradigm == "fastapi" else invalid_input, nonblocking=True)
    yield ExceptionHandler(WebSocketRequestValidationError, refuse, default=True)
    yield ExceptionHandler(WebSocketException, Call.of(close_websocket), default=True)
    if build.app.paradigm == "fastapi":
        yield ExceptionHandler(HTTPException, Call.of(http_error, nonblocking=True), default=True)
        yield ExceptionHandler(Exception, Call.of(unhandled, nonblocking=True), default=True)
        yield ExceptionHandler(HTTPError, Call.of(http_error, nonblocking=True), default=True)


def with_view(handler: Any, reports: bool = False) -> Any:
    """Make a handler of the kernel's connection and error one of FastAPI's request and error.

    Args:
        reports: Whether the error is logged all the same, as one that nobody handles.
    """

    def arguments(connection: Any, error: BaseException) -> Any:
        view = Request if connection.scope["type"] == "http" else WebSocket
        if isinstance(error, (NotFound, MethodNotAllowed)):
            error = HTTPException(error.status, error.detail, error.headers)
        place(connection, error)
        if reports and not isinstance(error, HTTPError):
            report(connection, error)
        return connection.facade(view), error

    if Call.of(handler).mode == "async":

        async def handle(connection: Any, error: BaseException) -> Any:
            return await handler(*arguments(connection, error))

        return handle
    return lambda connection, error: handler(*arguments(connection, error))
