"""From errors to responses: by the app's own exception handlers, and by Sanic's error pages."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Iterable, List, Optional

from fenrir_core import (
    App,
    Build,
    BuildError,
    Call,
    Connection,
    ExceptionHandler,
    HTTPError,
    Response,
    Route,
    error_response,
)
from fenrir_core import MethodNotAllowed as KernelMethodNotAllowed
from fenrir_core import NotFound as KernelNotFound
from fenrir_core.authoring import ClientError, ErrorFunction, get_logger, hand_over, name_of, printable, where_is

from . import exceptions
from .errorpages import render
from .request import request_of
from .state import Handler, State

logger = get_logger("sanic.error")


def register(app: App, function: Callable[..., Any], kinds: Iterable[Any], group: Optional[str] = None) -> None:
    """Register ``handler(request, exception)`` for exception classes; ``handler(exception)`` will do.

    Args:
        app: The app.
        function: The handler, synchronous or not; a synchronous one runs on the event loop.
        kinds: The exception classes.
        group: The name of the blueprint whose routes it covers; None for all routes.

    Raises:
        BuildError: One of `kinds` is not an exception class, or the handler takes other parameters.
    """
    handler = ErrorFunction(function).positional()
    with app.registering(f"the exception handler {name_of(function)}", where_is(function)):
        for kind in kinds:
            if not (inspect.isclass(kind) and issubclass(kind, BaseException)):
                raise BuildError(f"{where_is(function)}: @app.exception takes exception classes, not {kind!r}.")
            app.store(State).handlers.append(Handler(kind, handler, group))


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the app's own handlers, and in Sanic's own app its error pages."""
    found: List[ExceptionHandler] = [_own(item) for item in build.app.store(State).handlers]
    if build.app.paradigm == "sanic":
        # the kernel's errors become Sanic's first, so that handlers of Sanic's classes see them
        for kind in (KernelNotFound, KernelMethodNotAllowed, ClientError):
            found.append(ExceptionHandler(kind, Call.of(_from_kernel)))
        found.append(ExceptionHandler(HTTPError, Call.of(_page), default=True))
        found.append(ExceptionHandler(Exception, Call.of(_unhandled), default=True))
    return found


def _own(item: Handler) -> ExceptionHandler:
    async def handle(connection: Connection, error: BaseException) -> Any:
        value = item.function(request_of(connection), error)
        return await value if inspect.isawaitable(value) else value

    def applies(route: Route) -> bool:
        return item.group in route.group

    if item.group is None:
        return ExceptionHandler(item.matches, Call.of(handle))
    return ExceptionHandler(item.matches, Call.of(handle), level=1, applies=applies)


async def _from_kernel(connection: Connection, error: Any) -> Response:
    request = request_of(connection)
    if isinstance(error, KernelNotFound):
        raise exceptions.NotFound(f"Requested URL {request.path} not found") from error
    if isinstance(error, KernelMethodNotAllowed):
        raise exceptions.MethodNotAllowed(
            f"Method {request.method} not allowed for URL {request.path}",
            method=request.method,
            allowed_methods=error.allowed,
        ) from error
    kind = {400: exceptions.BadRequest, 413: exceptions.PayloadTooLarge}.get(error.status, exceptions.SanicException)
    raise kind(str(error.detail), error.status, headers=error.headers) from error


async def _page(connection: Connection, error: Any) -> Response:
    if not getattr(error, "quiet", error.status < 500):
        logger.error("%s failed", printable(connection.path), exc_info=error)
    return _render(connection, error)


async def _unhandled(connection: Connection, error: Any) -> Response:
    logger.error("Exception occurred while handling uri: %r", request_of(connection).url, exc_info=error)
    connection.unhandled = error
    hand_over(connection, error)
    return _render(connection, error)


def _render(connection: Connection, error: Any) -> Response:
    own = error_response(connection, error)
    if own is not None:
        return own
    app = connection.app
    fallback = getattr(getattr(app, "config", None), "FALLBACK_ERROR_FORMAT", "auto")
    return render(request_of(connection), error, fallback, bool(app.settings["debug"]))
