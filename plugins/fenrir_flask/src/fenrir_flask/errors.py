"""HTTP errors by status, and what users' error handlers are given."""

from __future__ import annotations

from html import escape

import fenrir_core
from fenrir_core import HTTPError

from .exceptions import phrase


class ResponseError(HTTPError):
    """End the request with a ready response.

    Args:
        response: The response.
    """

    def __init__(self, response: fenrir_core.Response) -> None:
        super().__init__(int(response.status))
        self.response = response


def error_page(error: HTTPError) -> str:
    """Return the HTML page of an HTTP error; its detail is escaped."""
    reason = phrase(error.status) or "Error"
    title = f"{error.status} {reason}"
    text = "" if error.detail in (None, reason) else f"<p>{escape(str(error.detail))}</p>\n"
    return f"<!doctype html>\n<html lang=en>\n<title>{escape(title)}</title>\n<h1>{escape(reason)}</h1>\n{text}"
