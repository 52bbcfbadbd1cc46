"""How errors become responses: those that the app's author handles, and Sanic's own pages."""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, List, Optional, Type

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
from fenrir_core.authoring import ClientError, name_of, where_is

from . import exceptions
from .errorpages import render
from .views import request_of

logger = logging.getLogger("sanic.error")


@dataclass(frozen=True)
class Handler:
    """A registered exception handler; `group` is its blueprint's name, or None for the app."""

    matches: Type[BaseException]
    function: Callable[..., Any]
    group: Optional[str] = None


@dataclass
class Handlers:
    """Hold one app's exception handlers."""

    items: List[Handler] = field(default_factory=list)


def register(app: App, function: Callable[..., Any], kinds: Iterable[Any], group: Optional[str] = None) -> None:
    """Answer exception classes with ``handler(request, exception)``.

    Raises:
        BuildError: Something is no exception class, or the app is built already.
    """
    if app.is_built:
        raise BuildError(f"{where_is(function)}: the handler {name_of(function)} comes too late: the app is built.")
    for kind in kinds:
        if not (inspect.isclass(kind) and issubclass(kind, BaseException)):
            raise BuildError(f"{where_is(function)}: @app.exception takes exception classes, not {kind!r}.")
        app.store(Handlers).items.append(Handler(kind, function, group))


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the author's handlers; in Sanic's own app its pages too."""
    found = [_users(item) for item in build.app.store(Handlers).items]
    if build.app.paradigm == "sanic":
        # what the kernel raises becomes Sanic's error first, so that handlers of its classes see it
        for kind in (KernelNotFound, KernelMethodNotAllowed, ClientError):
            found.append(ExceptionHandler(kind, Call.of(_from_kernel)))
        found.append(ExceptionHandler(HTTPError, Call.of(_page), default=True))
        found.append(ExceptionHandler(Exception, Call.of(_unexpected), default=True))
    return found


def _users(item: Handler) -> ExceptionHandler:
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
        logger.error("%s failed", connection.scope["path"], exc_info=error)
    return _render(connection, error)


async def _unexpected(connection: Connection, error: Any) -> Response:
    logger.error("Exception occurred while handling uri: %r", request_of(connection).url, exc_info=error)
    return _render(connection, error)


def _render(connection: Connection, error: Any) -> Response:
    own = error_response(connection, error)
    if own is not None:
        return own
    app = connection.app
    fallback = getattr(getattr(app, "config", None), "FALLBACK_ERROR_FORMAT", "auto")
    return render(request_of(connection), error, fallback, bool(app.settings["debug"]))
