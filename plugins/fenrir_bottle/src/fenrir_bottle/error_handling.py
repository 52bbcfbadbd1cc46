"""Responses to exceptions that left a route, by Bottle's rules."""

from __future__ import annotations

import traceback
from typing import Iterable

from fenrir_core import Build, Call, Connection, ExceptionHandler, Response
from fenrir_core import HTTPError as KernelError
from fenrir_core.authoring import report

from .error_pages import unhandled_error
from .exceptions import HTTPError, HTTPResponse
from .hooks import finish, run_before
from .proxies import fresh_response
from .registration import serve_again
from .return_values import to_response
from .state import State


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
    state = connection.app.store(State)
    hooks = state.hooks
    runs_hooks = bool(connection.route.fallback) and (hooks["before_request"] or hooks["after_request"])
    status = getattr(error, "status_code", None) or getattr(error, "status", 500)
    is_plain = not isinstance(error, HTTPResponse) or isinstance(error, HTTPError)
    # PERF: Bottle's own page needs no thread, 100 -> 12 us
    if is_plain and not runs_hooks and status not in state.error_handlers:
        return _response(connection, error)
    return await connection.run_in_thread(_response, connection, error)


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
    return to_response(connection, local, translated, unhandled_error)


def _translated(connection: Connection, error: BaseException) -> HTTPError:
    """Return Bottle's error for an exception; one that is not an HTTP error is logged."""
    if not isinstance(error, KernelError):
        report(connection, error)
        return HTTPError(500, "Internal Server Error", error, traceback.format_exc())
    is_fallback = bool(connection.route.fallback)
    texts = {405: "Method not allowed."}
    if is_fallback:
        texts[404] = f"Not found: {connection.path!r}"
    translated = HTTPError(error.status, texts.get(error.status, None if is_fallback else error.detail), error)
    for name, value in (error.headers or {}).items():
        translated.set_header(name, value)
    return translated
