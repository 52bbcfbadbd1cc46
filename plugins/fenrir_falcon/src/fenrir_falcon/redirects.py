"""Ends of a request that are no errors: a status with a body, and redirects."""

from __future__ import annotations

from typing import Iterable, Mapping, Optional, Tuple, Union

from . import status_codes
from .status_codes import Status, http_status_to_code


class HTTPStatus(Exception):
    """End the request with a status, headers and text, whatever else was set."""

    def __init__(
        self,
        status: Status,
        headers: Union[Mapping[str, str], Iterable[Tuple[str, str]], None] = None,
        text: Optional[str] = None,
    ) -> None:
        super().__init__(status)
        self.status, self.headers, self.text = status, headers, text

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return http_status_to_code(self.status)


class _Redirect(HTTPStatus):
    default_status = status_codes.HTTP_302

    def __init__(self, location: str, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(self.default_status, {**(headers or {}), "location": location})


class HTTPMovedPermanently(_Redirect):
    """Redirect with 301."""

    default_status = status_codes.HTTP_301


class HTTPFound(_Redirect):
    """Redirect with 302."""


class HTTPSeeOther(_Redirect):
    """Redirect with 303: the client uses GET."""

    default_status = status_codes.HTTP_303


class HTTPTemporaryRedirect(_Redirect):
    """Redirect with 307: the client keeps its method."""

    default_status = status_codes.HTTP_307


class HTTPPermanentRedirect(_Redirect):
    """Redirect with 308: the client keeps its method."""

    default_status = status_codes.HTTP_308
