"""Bottle's exceptions, and the responses that a handler raises or returns."""

from __future__ import annotations

from typing import Any, Optional, Union

from .response import BaseResponse, Headers
from .structures import HeaderValue


class BottleException(Exception):
    """An error of Bottle's own; the base of the others."""


class RouteError(BottleException):
    """An error of a route."""


class RouteReset(BottleException):
    """Raised by a plugin to have the route's plugins applied again; Bottle 0.13 has it and never catches it."""


class RouterUnknownModeError(RouteError):
    """A rule names a filter that does not exist."""


class RouteSyntaxError(RouteError):
    """A rule that the router can't read."""


class RouteBuildError(RouteError):
    """A URL that can't be built: there is no such route, or a value is missing."""


class PluginError(BottleException):
    """An error of a plugin."""


class TemplateError(BottleException):
    """A template that does not exist or can't be read."""


class StplSyntaxError(TemplateError):
    """A template whose syntax is wrong."""


class HTTPResponse(BaseResponse, BottleException):
    """A response that is returned or raised; it replaces the current response, and no error handler is called."""

    def __init__(
        self, body: Any = "", status: Union[int, str, None] = None, headers: Headers = None, **more_headers: HeaderValue
    ) -> None:
        BaseResponse.__init__(self, body, status, headers, **more_headers)
        BottleException.__init__(self, self._status_line)

    def apply(self, other: BaseResponse) -> None:
        """Copy status, headers, cookies and body to `other`."""
        self._copy_head(other)  # one object may be returned for many requests, each with hooks that change it
        other.body = self.body


class HTTPError(HTTPResponse):
    """An error; the handler of its status (`app.error`) may make a response to it.

    Args:
        status: A number or a status line.
        body: The message for the client.
        exception: The exception that it stands for.
        traceback: The exception's traceback as text.
        **more_headers: Headers with underscores for dashes.
    """

    default_status = 500
    #: The kernel's error that it was made of, where Bottle itself would have raised this one.
    _stands_for: Optional[BaseException] = None

    def __init__(
        self,
        status: Union[int, str, None] = None,
        body: Any = None,
        exception: Optional[BaseException] = None,
        traceback: Optional[str] = None,
        **more_headers: HeaderValue,
    ) -> None:
        self.exception, self.traceback = exception, traceback
        super().__init__(body, status, None, **more_headers)


class MultipartError(HTTPError):
    """A multipart form that can't be read (400)."""

    def __init__(self, msg: str) -> None:
        super().__init__(400, f"MultipartError: {msg}")
