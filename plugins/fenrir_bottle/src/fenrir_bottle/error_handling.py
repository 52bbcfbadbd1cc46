"""Responses to exceptions that left a route, by Bottle's rules."""

from __future__ import annotations

import traceback
from typing import Any, Dict, Iterable, Tuple

from fenrir_core import Build, Call, Connection, ExceptionHandler, MethodNotAllowed, NotFound, Response
from fenrir_core import HTTPError as KernelError
from fenrir_core.authoring import has_error_format, report

from .error_pages import error_handler_of, error_page
from .exceptions import HTTPError, HTTPResponse
from .hooks import finish, run_before
from .proxies import fresh_response
from .registration import serve_again
from .response import STATUS_LINES
from .return_values import sent, to_response
from .state import State
from .texts import html_escape

_NOT_ALLOWED = "Method not allowed."


def _parts(status: int) -> Tuple[str, str, str]:
    """Return the page of an error: up to the path, from there up to the text, and from there on."""
    head, middle, end = error_page(HTTPError(status, "\0"), "\0").split("\0")
    return head, middle, end


#: The errors of paths and methods that no route has.
_UNKNOWN: Dict[type, Tuple[str, str, str]] = {NotFound: _parts(404), MethodNotAllowed: _parts(405)}


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the handler of `HTTPResponse`, and in Bottle's own apps those of all errors."""
    handler = Call(handle_error, "async")
    yield ExceptionHandler(HTTPResponse, handler, default=True)
    if build.app.paradigm == "bottle":
        yield ExceptionHandler(KernelError, handler, default=True)
        yield ExceptionHandler(Exception, handler, default=True)


async def handle_error(connection: Connection, error: BaseException) -> Response:
    """Return the response to an exception that left a route, or to the kernel's own 404 or 405.

    It is made in a thread where code of the app's author takes part, or something that may block.
    """
    app, is_fallback = connection.app, bool(connection.route.fallback)
    hooks = app.store(State).hooks
    runs_hooks = is_fallback and (hooks["before_request"] or hooks["after_request"])
    status: Any = getattr(error, "status_code", None) or getattr(error, "status", 500)
    is_plain = not isinstance(error, HTTPResponse) or isinstance(error, HTTPError)
    # PERF: Bottle's own page needs no thread, 100 -> 12 us
    if is_plain and not runs_hooks and error_handler_of(app, status) is None:
        if is_fallback and not connection.has_facades and type(error) in _UNKNOWN and not has_error_format(app):
            return _unknown(connection, error)
        return _response(connection, error)
    return await connection.run_in_thread(_response, connection, error)


def _unknown(connection: Connection, error: Any) -> Response:
    """Return what `_response` does for a 404 or 405 of which no code of the app's author hears.

    PERF: its page is written at once, 404 from 32 to 14 us.
    """
    local = connection.facade(fresh_response)
    local._status_code = status = error.status
    local._status_line = STATUS_LINES[status]
    if status == 404:
        local.body = f"Not found: {connection.path!r}"
    else:
        local.body = _NOT_ALLOWED
        for name, value in error.headers.items():
            local.set_header(name, value)
    head, middle, end = _UNKNOWN[type(error)]
    page = f"{head}{html_escape(connection.path)}{middle}{html_escape(local.body)}{end}"
    return sent(local, page.encode())


def _response(connection: Connection, error: BaseException) -> Response:
    if isinstance(error, HTTPResponse):
        return finish(connection, error)
    if connection.route.fallback:
        refused = run_before(connection)
        again = serve_again(connection) if refused is None else None
        return again or finish(connection, refused or _translated(connection, error))
    if connection.route.mount is not None:
        return finish(connection, _translated(connection, error))
    local, translated = connection.facade(fresh_response), _translated(connection, error)
    for name, value in translated.headers.allitems():
        local.set_header(name, value)
    translated._headers, translated._cookies = local._headers, local._cookies
    return to_response(connection, local, translated)


def _translated(connection: Connection, error: BaseException) -> HTTPError:
    """Return Bottle's error for an exception; one that is not an HTTP error is logged."""
    if not isinstance(error, KernelError):
        report(connection, error)
        return HTTPError(500, "Internal Server Error", error, traceback.format_exc())
    is_fallback = bool(connection.route.fallback)
    texts = {405: _NOT_ALLOWED}
    if is_fallback:
        texts[404] = f"Not found: {connection.path!r}"
    body = texts.get(error.status, None if is_fallback else error.detail)
    # COMPAT: Bottle 0.13.4, its own 404 and 405 stand for no exception
    translated = HTTPError(error.status, body, None if is_fallback else error)
    translated._stands_for = error
    for name, value in (error.headers or {}).items():
        translated.set_header(name, value)
    return translated
