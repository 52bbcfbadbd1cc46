"""Responses to errors that the app has no handler for."""

from __future__ import annotations

import html
from typing import Any

from fenrir_core import Connection, Response, error_response
from fenrir_core import HTTPError as KernelError

from .exceptions import HTTPError
from .response import LocalResponse


def unhandled_error(connection: Connection, local: LocalResponse, error: HTTPError) -> Response:
    """Return the response to an error that the app does not handle: in its error format, or as Bottle's page."""
    cause: Any = error.exception
    if not isinstance(cause, KernelError) and (cause is None or error.status_code != 500):
        cause = KernelError(error.status_code, None if error.body is None else str(error.body))
    own = error_response(connection, cause)
    if own is None:
        return local.finish(error_page(connection, error).encode())
    for name, value in own.headers.items():
        if name not in ("set-cookie", "content-length"):
            local.headers[name] = value
    return local.finish(own.body)


def error_page(connection: Connection, error: HTTPError) -> str:
    """Return the HTML page of an error; with its traceback if the app is in debug mode."""
    line, path = html.escape(error.status_line), html.escape(connection.path)
    text = html.escape("" if error.body is None else str(error.body))
    debug = connection.app.settings["debug"] and error.traceback
    trace = f"<h2>Traceback</h2><pre>{html.escape(error.traceback or '')}</pre>" if debug else ""
    return (
        f"<!DOCTYPE html><html><head><title>Error: {line}</title></head><body><h1>Error: {line}</h1>"
        f"<p>The request for <code>{path}</code> failed:</p><pre>{text}</pre>{trace}</body></html>"
    )
