"""Error handling: the registered error handlers, and HTML pages for errors without one."""

from __future__ import annotations

from html import escape
from typing import Any, Callable, Iterator, List, Optional, Tuple

import fenrir_core
from fenrir_core import Build, Call, Connection, ExceptionHandler, HTTPError, Route, error_response
from fenrir_core.authoring import ErrorForms, ErrorFunction, report

from .exceptions import InternalServerError, ResponseError, phrase, with_flasks_names
from .response import Response
from .state import State

#: Key in `Connection.state` of an unhandled error, which teardown functions receive.
ERROR = "fenrir_flask.error"


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


def handler_call(build: Build, handler: ErrorFunction) -> Callable[..., Any]:
    """Compile an error handler to `async call(connection, error)`; it receives errors with Flask's names."""
    call = handler.compile(build.inject, build.app.store(ErrorForms))
    return lambda connection, error: call(connection, with_flasks_names(error))


def error_page(error: HTTPError) -> str:
    """Return the HTML page of an HTTP error; its detail is escaped."""
    reason = phrase(error.status) or "Error"
    title = f"{error.status} {reason}"
    text = "" if error.detail in (None, reason) else f"<p>{escape(str(error.detail))}</p>\n"
    return f"<!doctype html>\n<html lang=en>\n<title>{escape(title)}</title>\n<h1>{escape(reason)}</h1>\n{text}"
