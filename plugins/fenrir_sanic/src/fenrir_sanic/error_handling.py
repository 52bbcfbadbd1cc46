"""From errors to responses: by the app's own exception handlers, and by Sanic's error pages."""

from __future__ import annotations

import inspect
from typing import Any, Iterable, List, Mapping, Optional, Type

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
from fenrir_core.authoring import ErrorFunction, hand_over, name_of, where_is

from . import exceptions
from .log import error_logger
from .ready_pages import ReadyPages
from .request import Request, request_of
from .signals import Event
from .state import Handler, State
from .values import AnyCallable

_BY_STATUS: Mapping[int, Type[exceptions.HTTPException]] = {
    kind.status_code: kind
    for kind in (
        exceptions.BadRequest, exceptions.Unauthorized, exceptions.Forbidden, exceptions.RequestTimeout,
        exceptions.PayloadTooLarge, exceptions.URITooLong, exceptions.RangeNotSatisfiable,
        exceptions.ExpectationFailed, exceptions.ServerError, exceptions.ServiceUnavailable,
    )
}  # fmt: skip


def register(app: App, function: AnyCallable, kinds: Iterable[Any], group: Optional[str] = None) -> None:
    """Register ``handler(request, exception)`` for exception classes; ``handler(exception)`` will do.

    Args:
        app: The app.
        function: The handler, synchronous or not; a synchronous one runs on the event loop.
        kinds: The exception classes.
        group: The name of the blueprint whose routes it covers; None for all routes.

    Raises:
        BuildError: One of `kinds` is not an exception class, the handler takes other parameters, or the app is
            built already.
        ServerError: In Sanic's own app: there is another handler of the class already.
    """
    handler = ErrorFunction(function).positional()
    own: Any = getattr(app, "error_handler", None)
    for kind in kinds:
        if not (inspect.isclass(kind) and issubclass(kind, BaseException)):
            raise BuildError(f"{where_is(function)}: @app.exception takes exception classes, not {kind!r}.")
        if own is not None and group is None:
            own.add(kind, handler)
            continue
        what = f"the exception handler {name_of(function)}"
        with app.registering(what, where_is(function), keeps_routes=True, keeps_error_handlers=False):
            app.store(State).handlers.append(Handler(kind, handler, group))


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the app's own handlers, and in Sanic's own app what answers all other errors."""
    found: List[ExceptionHandler] = [_own(item) for item in build.app.store(State).handlers]
    if build.app.paradigm == "sanic":
        # each class by itself, too: a handler of the real Sanic's class gets the real exception
        app: Any = build.app
        kinds = dict.fromkeys([Exception, *(kind for kind, _ in app.error_handler.cached_handlers)])
        handle = Call.of(_handler(app))
        found += [ExceptionHandler(kind, handle, default=True) for kind in kinds]
    return found


def _handler(app: App) -> AnyCallable:
    ready = ReadyPages(app)

    async def handle(connection: Connection, given: Any) -> Response:
        page = ready.find(connection, given)
        return await _handle(connection, given) if page is None else page

    return handle


def _own(item: Handler) -> ExceptionHandler:
    async def handle(connection: Connection, error: BaseException) -> Any:
        value = item.function(request_of(connection), error)
        return await value if inspect.isawaitable(value) else value

    def applies(route: Route) -> bool:
        return item.group in route.group

    if item.group is None:
        return ExceptionHandler(item.matches, Call.of(handle))
    return ExceptionHandler(item.matches, Call.of(handle), level=1, applies=applies)


def as_sanic(request: Request, error: BaseException) -> BaseException:
    """Return Sanic's exception for one of the kernel's; others as they are."""
    if not isinstance(error, HTTPError) or isinstance(error, exceptions.SanicException):
        return error
    if isinstance(error, KernelNotFound):
        found: exceptions.SanicException = exceptions.NotFound(f"Requested URL {request.path} not found")
    elif isinstance(error, KernelMethodNotAllowed):
        found = exceptions.MethodNotAllowed(
            f"Method {request.method} not allowed for URL {request.path}",
            method=request.method,
            allowed_methods=error.allowed,
        )
    else:
        kind = _BY_STATUS.get(error.status)
        if kind is None:
            quiet = True if error.status < 500 else None  # a client's mistake is no failure of the app
            found = exceptions.SanicException(str(error.detail), error.status, quiet=quiet, headers=error.headers)
        else:
            found = kind(str(error.detail), headers=error.headers)
    found.__cause__ = error
    return found


async def _handle(connection: Connection, given: Any) -> Response:
    app: Any = connection.app
    request = request_of(connection)
    error = as_sanic(request, given)
    if app.signal_router.groups:
        await app.signal_router.report(error)
        if app.signal_router.has(Event.HTTP_LIFECYCLE_EXCEPTION):
            context = {"request": request, "exception": error}
            await app.dispatch(Event.HTTP_LIFECYCLE_EXCEPTION, inline=True, context=context)
    handler = app.error_handler
    handler.debug = app.debug
    found = handler.lookup(error, request.name) if handler.cached_handlers else None
    if found is None:
        if not isinstance(error, HTTPError):
            connection.unhandled = error
            hand_over(connection, error)
        own = error_response(connection, error)
        if own is not None:
            handler.log(request, error)
            return own
    if request.begun is not None and connection.started:
        error_logger.error(
            "The error response will not be sent to the client for the following exception:%s. A previous response "
            "has at least partially been sent.",
            f'"{error}"',
        )
    try:
        value = handler.response(request, error)
        if not isinstance(value, Response):  # PERF: asking whether it is awaitable takes 0.7 us
            value = await value if inspect.isawaitable(value) else value
            value = handler.default(request, error) if value is None else value
    except exceptions.SanicException as second:
        value = handler.default(request, second)
    except Exception:
        value = handler.failed(request, found)
    return value  # type: ignore[no-any-return]
