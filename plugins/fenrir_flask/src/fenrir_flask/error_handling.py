"""Error handling: the registered error handlers, and HTML pages for errors without one."""

from __future__ import annotations

import functools
import inspect
from html import escape
from typing import Any, Callable, Iterator, List, Optional, Tuple

import fenrir_core
from fenrir_core import Build, Call, Connection, ExceptionHandler, HTTPError, Route, error_response
from fenrir_core.authoring import report

from .exceptions import InternalServerError, ResponseError, phrase, with_flasks_names
from .response import Response
from .state import State

#: Key in `Connection.state` of an unhandled error, which teardown functions receive.
ERROR = "fenrir_flask.error"
_REQUEST_NAMES = ("request", "req")


def exception_handlers(build: Build) -> Iterator[ExceptionHandler]:
    """Return the registered error handlers, and the paradigm's own for errors without one."""
    state: State = build.app.store(State)
    yield ExceptionHandler(ResponseError, Call(lambda connection, error: error.response, "inline"), level=100)
    crash: List[Tuple[Optional[str], Any]] = []
    for matches, function, scope in reversed(state.handlers):  # of two for the same exception the later one wins
        handle = handler_call(build, function)
        level = 0 if scope is None else 1 + scope.count(".")
        yield ExceptionHandler(matches, Call(handle, "async"), level, _covers(scope))
        if matches == 500:
            crash.append((scope, handle))
    # innermost blueprint first: within a level the first handler wins
    for scope, handle in sorted(crash, key=lambda pair: -len(pair[0] or "")):
        yield ExceptionHandler(Exception, Call(_crashed(handle), "async"), default=True, applies=_covers(scope))
    if build.app.paradigm == "flask":
        yield ExceptionHandler(HTTPError, Call(_page, "inline"), default=True)
        yield ExceptionHandler(Exception, Call(_crash_page, "inline"), default=True)


def _covers(scope: Optional[str]) -> Optional[Callable[[Route], bool]]:
    return None if scope is None else lambda route: scope in route.group


def _crashed(handle: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(connection: Connection, error: BaseException) -> Any:
        if isinstance(error, HTTPError):
            raise error
        _crash(connection, error)
        return await handle(connection, InternalServerError(original_exception=error))

    return answer


def _crash(connection: Connection, error: BaseException) -> None:
    report(connection, error)
    connection.state[ERROR] = error  # teardown functions receive it


def _page(connection: Connection, error: HTTPError) -> fenrir_core.Response:
    return error_response(connection, error) or Response(error_page(error), error.status, error.headers)


def _crash_page(connection: Connection, error: BaseException) -> fenrir_core.Response:
    _crash(connection, error)
    return error_response(connection, error) or Response(error_page(InternalServerError()), 500)


def handler_call(build: Build, function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile an error handler to `async call(connection, error)`.

    The handler takes the error, or the request and the error; its other parameters are filled
    as an endpoint's are.
    """
    parameters = list(inspect.signature(function).parameters.values())
    free = [
        item
        for item in parameters
        if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD) and item.default is item.empty
    ]
    if not free:
        return _named(build.inject(function, None, ()), given=False)
    if len(free) > 1 and _is_request(free[0]):
        function = _error_first(function, parameters)
    return _named(build.inject(function, None, ("error",)))


def _named(call: Callable[..., Any], given: bool = True) -> Callable[..., Any]:
    def handle(connection: Connection, error: BaseException) -> Any:
        error = with_flasks_names(error)
        return call(connection, error) if given else call(connection)

    return handle


def _is_request(parameter: inspect.Parameter) -> bool:
    if parameter.name in _REQUEST_NAMES:
        return True
    name = parameter.annotation if isinstance(parameter.annotation, str) else ""
    name = name or getattr(parameter.annotation, "__name__", "")
    return name.rpartition(".")[2] == "Request"


def _error_first(function: Callable[..., Any], parameters: List[inspect.Parameter]) -> Callable[..., Any]:
    """Return the handler with its first two parameters swapped, so that the error comes first."""

    def call(error: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        return function(request, error, *args, **kwargs)

    async def call_async(error: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        return await function(request, error, *args, **kwargs)

    made = functools.wraps(function)(call_async if inspect.iscoroutinefunction(function) else call)
    request, error, *rest = [
        item.replace(kind=item.POSITIONAL_OR_KEYWORD) if item.kind is item.POSITIONAL_ONLY else item
        for item in parameters
    ]
    made.__signature__ = inspect.Signature([error, request, *rest])  # type: ignore[attr-defined]
    return made


def error_page(error: HTTPError) -> str:
    """Return the HTML page of an HTTP error; its detail is escaped."""
    reason = phrase(error.status) or "Error"
    title = f"{error.status} {reason}"
    text = "" if error.detail in (None, reason) else f"<p>{escape(str(error.detail))}</p>\n"
    return f"<!doctype html>\n<html lang=en>\n<title>{escape(title)}</title>\n<h1>{escape(reason)}</h1>\n{text}"
