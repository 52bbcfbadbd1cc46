"""Responses to errors that the app has no handler for."""

from __future__ import annotations

from typing import Any, Optional

from fenrir_core import Connection, Response, error_response
from fenrir_core import HTTPError as KernelError

from ._flags import flags
from .exceptions import HTTPError
from .response import BaseResponse
from .return_values import sent
from .texts import html_escape

#: The template of error pages; `fenrir_bottle.error_pages.error_page` writes them.
ERROR_PAGE_TEMPLATE = "% from fenrir_bottle.error_pages import error_page\n{{!error_page(e)}}"


def unhandled_error(connection: Connection, local: BaseResponse, error: HTTPError) -> Response:
    """Return the response to an error that the app does not handle: in its error format, or as Bottle's page."""
    cause: Any = error.exception
    if not isinstance(cause, KernelError) and (cause is None or error.status_code != 500):
        cause = KernelError(error.status_code, None if error.body is None else str(error.body))
    own = error_response(connection, cause)
    if own is None:
        page = error_page(error, connection.path, bool(connection.app.settings["debug"]))
        return sent(local, page.encode())
    for name, value in own.headers.items():
        if name not in ("set-cookie", "content-length"):
            local.set_header(name, value)
    return sent(local, own.body)


def error_page(error: HTTPError, path: str = "", debug: bool = False) -> str:
    """Return the HTML page of an error.

    Args:
        error: The error.
        path: The path of the request.
        debug: Whether to show the exception and its traceback; also if the process is in debug mode.
    """
    line, text = html_escape(error.status_line), "" if error.body is None else html_escape(str(error.body))
    where = f"<p>The request for <code>{html_escape(path)}</code> failed:</p>" if path else ""
    details = _details(error.exception, error.traceback) if debug or flags.debug else ""
    return (
        f"<!DOCTYPE html><html><head><title>Error: {line}</title></head><body><h1>Error: {line}</h1>"
        f"{where}<pre>{text}</pre>{details}</body></html>"
    )


def _details(exception: Optional[BaseException], traceback: Optional[str]) -> str:
    if exception is None or isinstance(exception, KernelError):
        return ""
    try:
        name = repr(exception)
    except Exception:
        name = f"<unprintable {type(exception).__name__}>"
    trace = f"<h2>Traceback:</h2><pre>{html_escape(traceback)}</pre>" if traceback else ""
    return f"<h2>Exception:</h2><pre>{html_escape(name)}</pre>{trace}"
