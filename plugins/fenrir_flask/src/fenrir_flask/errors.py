"""HTTP errors by status, and what users' error handlers are given."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, Type

import fenrir_core
from fenrir_core import HTTPError
from fenrir_core.errors import reason_phrase


class ResponseError(HTTPError):
    """End the request with a ready response.

    Args:
        response: The response.
    """

    def __init__(self, response: fenrir_core.Response) -> None:
        super().__init__(int(response.status))
        self.response = response


class InternalServerError(HTTPError):
    """Answer 500.

    Args:
        description: What to tell the client.
        headers: Extra headers.
        original_exception: What went wrong.
    """

    status = 500

    def __init__(self, description: Any = None, headers: Any = None, original_exception: Any = None) -> None:
        super().__init__(None, description, headers)
        self.original_exception = original_exception


class _Aborted(HTTPError):
    def __init__(self, description: Any = None, headers: Any = None) -> None:
        super().__init__(None, description, headers)

    @property
    def code(self) -> int:
        return self.status

    @property
    def description(self) -> Any:
        return self.detail


#: COMPAT: Python 3.8 does not know these.
_NEWER = {418: "I'm a Teapot", 425: "Too Early"}
_KNOWN: Dict[int, Type[HTTPError]] = {
    400: fenrir_core.BadRequest,
    404: fenrir_core.NotFound,
    413: fenrir_core.PayloadTooLarge,
    415: fenrir_core.UnsupportedMediaType,
    500: InternalServerError,
}


def error_class(status: int) -> Any:
    """Give the exception class of a status; it is called with a description and headers.

    Raises:
        LookupError: The status is no error's.
    """
    if status in _KNOWN:
        return _KNOWN[status]
    phrase = _phrase(status)
    if status < 400 or not phrase:
        raise LookupError(f"There is no HTTP error {status}; for other answers return a response.")
    return type(phrase.replace(" ", "").replace("-", "").replace("'", ""), (_Aborted,), {"status": status})


def _phrase(status: int) -> str:
    return reason_phrase(status) or _NEWER.get(status, "")


def error_page(error: HTTPError) -> str:
    """Give the HTML page of an HTTP error; its detail is escaped."""
    reason = _phrase(error.status) or "Error"
    title = f"{error.status} {reason}"
    text = "" if error.detail in (None, reason) else f"<p>{escape(str(error.detail))}</p>\n"
    return f"<!doctype html>\n<html lang=en>\n<title>{escape(title)}</title>\n<h1>{escape(reason)}</h1>\n{text}"
