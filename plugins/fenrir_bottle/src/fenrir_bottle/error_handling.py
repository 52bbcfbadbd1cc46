"""Responses to exceptions that left a route, by Bottle's rules."""

from __future__ import annotations

import traceback
from typing import Iterable

from fenrir_core import Build, Call, Connection, ExceptionHandler, Response
from fenrir_core import HTTPError as KernelError
from fenrir_core.authoring import report

from .exceptions import HTTPError, HTTPResponse
from .hooks import finish, run_before
from .response import LocalResponse
from .return_values import to_response


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return the handler of `HTTPResponse`, and in Bottle's own apps those of all errors."""
    handler = Call(handle_error, "thread")
    yield ExceptionHandler(HTTPResponse, handler, default=True)
    if build.app.paradigm == "bottle":
        yield ExceptionHandler(KernelError, handler, default=True)
        yield ExceptionHandler(Exception, handler, default=True)


def handle_error(connection: Connection, error: BaseException) -> Response:
    """Return the response to an exception that left a route, or to the kernel's own 404 or 405."""
    if isinstance(error, HTTPResponse):
        return finish(connection, error)
    if connection.route.fallback:
        return finish(connection, run_before(connection) or _translated(connection, error))
    if connection.route.mount is not None:
        return finish(connection, _translated(connection, error))
    local, translated = connection.facade(LocalResponse), _translated(connection, error)
    for name, value in translated.headers.allitems():
        local.headers[name] = value
    local.copy_to(translated)
    return to_response(connection, local, translated)


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
