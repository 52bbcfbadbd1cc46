"""Sanic's exceptions: each of them ends the request with a status."""

from __future__ import annotations

from asyncio import CancelledError
from typing import Any, Dict, Iterable, Mapping, Optional

from fenrir_core import FenrirError, HTTPError

from .helpers import STATUS_CODES
from .values import Values


class RequestCancelled(CancelledError):
    """Raised when the client has gone while its request was served."""

    quiet = True


class ServerKilled(Exception):
    """Raised when the server is told to stop at once."""

    quiet = True


class SanicException(HTTPError):
    """An error that ends the request with a status and a message.

    Args:
        message: What to tell the client; the class's own, or the status's phrase, by default.
        status_code: The status; the class's own by default, else 500.
        quiet: Whether it is left out of the log; true for every status but 500.
        context: Further facts for the client.
        extra: Further facts that are sent in debug mode only.
        headers: Extra response headers.
    """

    message: str = ""
    status_code: int = 500
    quiet: Optional[bool] = False
    headers: Any = {}

    def __init__(
        self,
        message: Any = None,
        status_code: Optional[int] = None,
        *,
        quiet: Optional[bool] = None,
        context: Optional[Values] = None,
        extra: Optional[Values] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> None:
        # first, for a subclass may make its message of them
        self.context, self.extra = context, extra
        self.status_code = int(status_code or type(self).status_code)
        if message is None:
            message = self.message or STATUS_CODES.get(self.status_code, b"").decode()
        elif isinstance(message, bytes):
            message = message.decode()
        kind: Any = type(self)
        super().__init__(self.status_code, message, dict(headers or kind.headers or {}))
        self.args = (message,)  # libraries read it, and a copy is made of it
        self.quiet = kind.quiet if quiet is None else quiet
        if not isinstance(kind.message, property):
            self.message = message

    def __str__(self) -> str:
        return str(self.message)


class HTTPException(SanicException):
    """The base of the exceptions that have a status of their own."""


class NotFound(HTTPException):
    """Status 404."""

    status_code = 404
    quiet = True


class BadRequest(HTTPException):
    """Status 400."""

    status_code = 400
    quiet = True


InvalidUsage = BadRequest


BadURL = BadRequest


class MethodNotAllowed(HTTPException):
    """Status 405 with `Allow`.

    Args:
        message: What to tell the client.
        method: The method of the request.
        allowed_methods: The methods that the path has.
    """

    status_code = 405
    quiet = True

    def __init__(
        self, message: Any = None, method: str = "", allowed_methods: Optional[Iterable[str]] = None, **kwargs: Any
    ) -> None:
        allowed = ", ".join(allowed_methods or ())
        headers = {**(kwargs.pop("headers", None) or {}), **({"Allow": allowed} if allowed else {})}
        super().__init__(message, headers=headers, **kwargs)
        self.method, self.allowed_methods = method, allowed_methods


MethodNotSupported = MethodNotAllowed


class ServerError(HTTPException):
    """Status 500."""

    status_code = 500


InternalServerError = ServerError


class ServiceUnavailable(HTTPException):
    """Status 503."""

    status_code = 503
    quiet = True


class Unauthorized(HTTPException):
    """Status 401 with `WWW-Authenticate`.

    Args:
        message: What to tell the client.
        scheme: The scheme of the challenge, for example ``"Basic"``.
        **challenges: Its parameters, for example `realm`.
    """

    status_code = 401
    quiet = True

    def __init__(
        self,
        message: Any = None,
        status_code: Optional[int] = None,
        scheme: Optional[str] = None,
        *,
        quiet: Optional[bool] = None,
        context: Optional[Values] = None,
        extra: Optional[Values] = None,
        headers: Optional[Mapping[str, str]] = None,
        **challenges: Any,
    ) -> None:
        found = dict(headers or {})
        if scheme is not None:
            values = ", ".join(f'{key}="{value}"' for key, value in challenges.items())
            found["WWW-Authenticate"] = f"{scheme} {values}".rstrip()
        super().__init__(message, status_code, quiet=quiet, context=context, extra=extra, headers=found)


class Forbidden(HTTPException):
    """Status 403."""

    status_code = 403
    quiet = True


class FileNotFound(NotFound):
    """Status 404: a file does not exist."""

    def __init__(
        self, message: Any = None, path: Any = None, relative_url: Optional[str] = None, **kwargs: Any
    ) -> None:
        super().__init__(message, **kwargs)
        self.path, self.relative_url = path, relative_url


class RequestTimeout(HTTPException):
    """Status 408."""

    status_code = 408
    quiet = True


class PayloadTooLarge(HTTPException):
    """Status 413."""

    status_code = 413
    quiet = True


class URITooLong(HTTPException):
    """Status 414."""

    status_code = 414
    quiet = True


class HeaderNotFound(BadRequest):
    """Status 400: a header is missing."""


class InvalidHeader(BadRequest):
    """Status 400: a header is not valid."""


class RangeNotSatisfiable(HTTPException):
    """Status 416 with the size of the representation.

    Args:
        message: What to tell the client.
        content_range: An object whose `total` is the size in bytes.
    """

    status_code = 416
    quiet = True

    def __init__(self, message: Any = None, content_range: Any = None, **kwargs: Any) -> None:
        headers = {**(kwargs.pop("headers", None) or {})}
        if content_range is not None:
            headers["Content-Range"] = f"bytes */{content_range.total}"
        super().__init__(message, headers=headers, **kwargs)


ContentRangeError = RangeNotSatisfiable


class InvalidRangeType(RangeNotSatisfiable):
    """Status 416: the unit of the range is unknown."""


class ExpectationFailed(HTTPException):
    """Status 417."""

    status_code = 417
    quiet = True


HeaderExpectationFailed = ExpectationFailed


class URLBuildError(ServerError):
    """Raised when no URL can be built from a name and values."""


class LoadFileException(SanicException):
    """Raised when a file of configuration can't be found."""


class PyFileError(SanicException):
    """Raised when a file of configuration is no valid Python.

    Args:
        file: Its path.
        **options: As of `SanicException`.
    """

    def __init__(
        self,
        file: Any,
        status_code: Optional[int] = None,
        *,
        quiet: Optional[bool] = None,
        context: Optional[Values] = None,
        extra: Optional[Values] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> None:
        super().__init__(
            f"could not execute config file {file}",
            status_code,
            quiet=quiet,
            context=context,
            extra=extra,
            headers=headers,
        )


class InvalidSignal(SanicException):
    """Raised for a signal whose name is not valid."""


class WebsocketClosed(SanicException):
    """Raised when the client has closed the WebSocket."""

    quiet = True
    message = "Client has closed the websocket connection"


class TaskNotFound(SanicException, LookupError):
    """Raised when no task has the name."""


class ListenerFailed(FenrirError):
    """Raised when a listener fails and so ends the start-up; the message names it."""


def abort(status_code: int, message: Any = None) -> None:
    """End the request with a status.

    Raises:
        SanicException: Of the class that the status has, where there is one.
    """
    raise _BY_STATUS.get(status_code, SanicException)(message, status_code)


_BY_STATUS: Dict[int, Any] = {
    item.status_code: item for item in (NotFound, BadRequest, Forbidden, ServerError, ServiceUnavailable)
}
