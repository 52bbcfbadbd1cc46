"""Exceptions that end a request without an error: `HTTPStatus`, and redirects."""

from __future__ import annotations

from typing import Mapping, Optional
from urllib.parse import quote

from fenrir_core.authoring import SAFE_IN_URL, HeadersInit

from . import status_codes
from .status_codes import Status, http_status_to_code


class HTTPStatus(Exception):
    """An exception that ends the request with a status, headers and text.

    Args:
        status: A code, an `http.HTTPStatus` or a status line.
        headers: Additional response headers.
        text: The body, instead of what the responder has set.
    """

    status: Status
    headers: HeadersInit
    text: Optional[str]

    def __init__(
        self,
        status: Status,
        headers: HeadersInit = None,
        text: Optional[str] = None,
    ) -> None:
        super().__init__(status)
        self.status, self.headers, self.text = status, headers, text

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return http_status_to_code(self.status)


class _Redirect(HTTPStatus):
    status: Status = status_codes.HTTP_302
    headers: HeadersInit = None
    text: Optional[str] = None
    default_status = status_codes.HTTP_302

    def __init__(self, location: str, headers: Optional[Mapping[str, str]] = None) -> None:
        target = quote(location, SAFE_IN_URL, errors="replace")
        super().__init__(self.default_status, {**(headers or {}), "location": target})


class HTTPMovedPermanently(_Redirect):
    """A redirect with status 301."""

    default_status = status_codes.HTTP_301


class HTTPFound(_Redirect):
    """A redirect with status 302."""


class HTTPSeeOther(_Redirect):
    """A redirect with status 303: the client uses GET."""

    default_status = status_codes.HTTP_303


class HTTPTemporaryRedirect(_Redirect):
    """A redirect with status 307: the client repeats the request with the same method."""

    default_status = status_codes.HTTP_307


class HTTPPermanentRedirect(_Redirect):
    """A redirect with status 308, permanent: the client repeats the request with the same method."""

    default_status = status_codes.HTTP_308
