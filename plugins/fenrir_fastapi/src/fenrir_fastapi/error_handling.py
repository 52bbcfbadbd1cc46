"""FastAPI's responses to its own errors, and the way of unhandled errors through the app's middleware."""

from __future__ import annotations

from typing import Any, Awaitable, Iterator

from fenrir_core import (
    Build,
    Call,
    Connection,
    ExceptionHandler,
    HTTPError,
    MethodNotAllowed,
    NotFound,
    Response,
    error_response,
)
from fenrir_core.authoring import (
    BODILESS,
    ASGIApp,
    ErrorFunction,
    Message,
    Receive,
    Scope,
    Send,
    find_ahead,
    record,
    report,
)

from .encoders import dumps, jsonable_encoder
from .exceptions import (
    HTTPException,
    RequestValidationError,
    ValidationException,
    WebSocketException,
    WebSocketRequestValidationError,
    endpoint_context,
)
from .request import facade_of
from .starlette import responses
from .starlette.included import INCLUDED, tell_included
from .starlette.routing import ORIGIN

#: The scope key that says that unhandled errors are to pass through the app's middleware.
_PROPAGATE = "fenrir_fastapi.propagate"
_INTERNAL = "Internal Server Error"


# ---------------------------------------------------------------- default handlers


def default_handlers(build: Build) -> Iterator[ExceptionHandler]:
    """Return the default handlers; those of the app's author take precedence."""
    yield ExceptionHandler(RequestValidationError, Call.of(invalid_input, nonblocking=True), default=True)
    refuse = Call.of(refuse_websocket if build.app.paradigm == "fastapi" else invalid_input, nonblocking=True)
    yield ExceptionHandler(WebSocketRequestValidationError, refuse, default=True)
    yield ExceptionHandler(WebSocketException, Call.of(close_websocket), default=True)
    if build.app.paradigm == "fastapi":
        yield ExceptionHandler(HTTPException, Call.of(http_error, nonblocking=True), default=True)
        yield ExceptionHandler(Exception, Call.of(unhandled, nonblocking=True), default=True)
        yield ExceptionHandler(HTTPError, Call.of(http_error, nonblocking=True), default=True)


def invalid_input(connection: Any, error: Any) -> Response:
    """Return a 422 response that lists all errors."""
    own = error_response(connection, error)
    return own or Response(dumps({"detail": error.errors()}), 422, None, "application/json")


def http_error(connection: Any, error: HTTPError) -> Response:
    """Return the response to an `HTTPException`: its detail, or no body if its status has none."""
    status = getattr(error, "status_code", error.status)
    if status in BODILESS:
        return Response(b"", status, error.headers)
    own = error_response(connection, error)
    return own or Response(dumps({"detail": error.detail}), status, error.headers, "application/json")


def unhandled(connection: Any, error: Exception) -> Response:
    """Return a plain 500 response; in an app with middleware, raise the error through it first."""
    if connection.scope.get(_PROPAGATE):
        raise UnhandledError(error)
    _add_endpoint(connection, error)
    report(connection, error)
    return error_response(connection, error) or responses.PlainTextResponse(_INTERNAL, 500)


async def refuse_websocket(connection: Any, error: WebSocketRequestValidationError) -> Response:
    """Close the WebSocket with code 1008 and the errors as the reason."""
    await connection.close(1008, dumps(error.errors()).decode()[:120])
    return Response(b"", 403)


async def close_websocket(connection: Any, error: WebSocketException) -> Response:
    """Close the WebSocket with the code and reason of the error."""
    await connection.close(error.code, error.reason or "")
    return Response(b"", 403)


def _add_endpoint(connection: Any, error: BaseException) -> None:
    """Set the endpoint of a validation error."""
    if isinstance(error, ValidationException):
        error.endpoint_ctx = endpoint_context(connection.route, connection.root_path.rstrip("/"))


# ---------------------------------------------------------------- handlers of the app's author


def adapt_handler(handler: Any, reports: bool = False) -> Any:
    """Return a handler of the kernel's connection for one of FastAPI's request.

    Args:
        handler: Called with the `Request` or `WebSocket` and the error; or with the error alone, or with nothing.
        reports: Whether to log the error all the same, like an unhandled one.
    """
    handler = ErrorFunction(handler).positional()

    def arguments(connection: Any, error: BaseException) -> Any:
        if isinstance(error, (NotFound, MethodNotAllowed)):
            error = HTTPException(error.status, error.detail, error.headers)
        _add_endpoint(connection, error)
        if reports and not isinstance(error, HTTPError):
            report(connection, error)
        return facade_of(connection), error

    if Call.of(handler).mode == "async":

        async def handle(connection: Any, error: BaseException) -> Any:
            return await handler(*arguments(connection, error))

        return handle
    return lambda connection, error: handler(*arguments(connection, error))


# ---------------------------------------------------------------- handlers to call from others


async def http_exception_handler(request: Any, exc: Any) -> responses.Response:
    """Return the response to an `HTTPException`: its detail, or no body if its status has none."""
    headers = getattr(exc, "headers", None)
    if exc.status_code in BODILESS:
        return responses.Response(status_code=exc.status_code, headers=headers)
    return responses.JSONResponse({"detail": exc.detail}, status_code=exc.status_code, headers=headers)


async def request_validation_exception_handler(request: Any, exc: Any) -> responses.JSONResponse:
    """Return a 422 response that lists all errors."""
    return responses.JSONResponse({"detail": jsonable_encoder(exc.errors())}, status_code=422)


async def websocket_request_validation_exception_handler(websocket: Any, exc: Any) -> None:
    """Close the WebSocket with code 1008 and the errors as the reason."""
    await websocket.close(code=1008, reason=str(jsonable_encoder(exc.errors()))[:120])


# ---------------------------------------------------------------- unhandled errors and middleware


class UnhandledError(BaseException):
    """An error that no handler takes, on its way out of the kernel; a BaseException, so that nothing answers it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class RaiseUnhandled:
    """The innermost ASGI layer: it raises unhandled errors to the middleware around it, and tells it the route.

    Args:
        app: The ASGI app.
        owner: The app as users know it.
    """

    def __init__(self, app: ASGIApp, owner: Any) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        scope[_PROPAGATE] = True
        found = find_ahead(self.owner, scope)
        if found.target is not None:
            target: Any = found.target
            route = target.route
            scope["route"], scope["endpoint"] = route.option(ORIGIN) or route, route.endpoint
            scope["path_params"] = found.params
            if INCLUDED in route.options:
                tell_included(scope, route)
        if "router" not in scope:
            scope["router"] = self.owner.router
        try:
            await self.app(scope, receive, send)
        except UnhandledError as carrier:
            error = carrier.error
        else:
            return
        raise error  # outside of the block, so that the carrier is not its context


class AnswerUnhandled:
    """The outermost ASGI layer: it answers errors that passed through all middleware, and raises them to the server.

    Args:
        app: The ASGI app.
        owner: The app as users know it.
    """

    def __init__(self, app: ASGIApp, owner: Any) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        started = False

        def watched(message: Message) -> Awaitable[None]:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            return send(message)

        scope["app"] = self.owner
        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            record(scope, error)
            if scope["type"] == "http" and not started:
                own = error_response(Connection(scope, receive, send, {}, self.owner.fallback_route), error)
                response = own or responses.PlainTextResponse(_INTERNAL, 500)
                head = response.head(len(response.body))
                await send({"type": "http.response.start", "status": 500, "headers": head})
                await send({"type": "http.response.body", "body": response.body})
            raise
