"""What answers errors: the handlers of an app, and the page where it has none."""

from __future__ import annotations

from typing import Any, Callable, Optional

from fenrir_core import HTTPError as KernelError

from ._flags import flags
from .exceptions import HTTPError
from .proxies import request
from .state import State
from .texts import html_escape

#: The template of error pages; `fenrir_bottle.error_pages.error_page` writes them.
ERROR_PAGE_TEMPLATE = "% from fenrir_bottle.error_pages import error_page\n{{!error_page(e)}}"


def default_error_handler(app: Any, res: HTTPError) -> str:
    """Return the page of an error that has no handler; as a method, of `Bottle`."""
    return error_page(res, request.path, bool(app.settings["debug"]))


def error_handler_of(app: Any, status: int) -> Optional[Callable[[HTTPError], Any]]:
    """Return the function of the app's author that answers errors of a status; None where the page does."""
    handler: Optional[Callable[[HTTPError], Any]] = app.store(State).error_handlers.get(status)
    if handler is None:
        # COMPAT: Bottle 0.13.4, a subclass overrides it, or an app is given another one
        own = getattr(app, "default_error_handler", None)
        handler = None if getattr(own, "__func__", None) is default_error_handler else own
    return handler


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
