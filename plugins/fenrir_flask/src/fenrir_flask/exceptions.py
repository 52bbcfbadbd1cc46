"""HTTP errors by name: what `abort` raises and what error handlers are registered for."""

from __future__ import annotations

from typing import Any, Dict, Optional, Type

import fenrir_core
from fenrir_core import BadRequest, BuildError, HTTPError, MethodNotAllowed, NotFound, UnsupportedMediaType
from fenrir_core import PayloadTooLarge as RequestEntityTooLarge
from fenrir_core import RangeNotSatisfiable as RequestedRangeNotSatisfiable
from fenrir_core.authoring import ClientError, reason_phrase

from .structures import BadRequestKeyError as BadRequestKeyError

HTTPException = HTTPError


class SetupFinished(BuildError, AssertionError):
    """Raised where something is registered in an app that has handled a request; an AssertionError, as in Flask."""


class InternalServerError(HTTPError):
    """500 Internal Server Error.

    Args:
        description: The text for the client.
        headers: Extra headers.
        original_exception: The unhandled exception behind it, or None.
    """

    status = 500

    def __init__(self, description: Any = None, headers: Any = None, original_exception: Any = None) -> None:
        super().__init__(None, description, headers)
        self.original_exception = original_exception


class ResponseError(HTTPError):
    """Raised to end the request with a response, as `abort(response)` does.

    Args:
        response: The response to send.
    """

    def __init__(self, response: fenrir_core.Response) -> None:
        super().__init__(int(response.status))
        self.response = response


class UnprocessableEntity(ClientError):
    """422 Unprocessable Entity."""

    status = 422


class Unauthorized(ClientError):
    """401 Unauthorized."""

    status = 401


class PaymentRequired(ClientError):
    """402 Payment Required."""

    status = 402


class Forbidden(ClientError):
    """403 Forbidden."""

    status = 403


class NotAcceptable(ClientError):
    """406 Not Acceptable."""

    status = 406


class ProxyAuthenticationRequired(ClientError):
    """407 Proxy Authentication Required."""

    status = 407


class RequestTimeout(ClientError):
    """408 Request Timeout."""

    status = 408


class Conflict(ClientError):
    """409 Conflict."""

    status = 409


class Gone(ClientError):
    """410 Gone."""

    status = 410


class LengthRequired(ClientError):
    """411 Length Required."""

    status = 411


class PreconditionFailed(ClientError):
    """412 Precondition Failed."""

    status = 412


class RequestURITooLarge(ClientError):
    """414 Request-URI Too Long."""

    status = 414


class ExpectationFailed(ClientError):
    """417 Expectation Failed."""

    status = 417


class ImATeapot(ClientError):
    """418 I'm a Teapot."""

    status = 418


class MisdirectedRequest(ClientError):
    """421 Misdirected Request."""

    status = 421


class Locked(ClientError):
    """423 Locked."""

    status = 423


class FailedDependency(ClientError):
    """424 Failed Dependency."""

    status = 424


class PreconditionRequired(ClientError):
    """428 Precondition Required."""

    status = 428


class TooManyRequests(ClientError):
    """429 Too Many Requests."""

    status = 429


class RequestHeaderFieldsTooLarge(ClientError):
    """431 Request Header Fields Too Large."""

    status = 431


class UnavailableForLegalReasons(ClientError):
    """451 Unavailable For Legal Reasons."""

    status = 451


class NotImplemented(ClientError):
    """501 Not Implemented."""

    status = 501


class BadGateway(ClientError):
    """502 Bad Gateway."""

    status = 502


class ServiceUnavailable(ClientError):
    """503 Service Unavailable."""

    status = 503


class GatewayTimeout(ClientError):
    """504 Gateway Timeout."""

    status = 504


class HTTPVersionNotSupported(ClientError):
    """505 HTTP Version Not Supported."""

    status = 505


class _NotAllowed(MethodNotAllowed):
    def __init__(self, description: Any = None, headers: Any = None) -> None:
        HTTPError.__init__(self, None, description, headers)
        self.allowed = ()


class _NotSatisfiable(RequestedRangeNotSatisfiable):
    def __init__(self, description: Any = None, headers: Any = None) -> None:
        HTTPError.__init__(self, None, description, headers)


#: COMPAT: Python 3.8 has no phrases for these.
_NEWER = {418: "I'm a Teapot", 425: "Too Early"}
_CLASSES = (
    BadRequest,
    NotFound,
    _NotAllowed,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    _NotSatisfiable,
    InternalServerError,
    UnprocessableEntity,
    Unauthorized,
    PaymentRequired,
    Forbidden,
    NotAcceptable,
    ProxyAuthenticationRequired,
    RequestTimeout,
    Conflict,
    Gone,
    LengthRequired,
    PreconditionFailed,
    RequestURITooLarge,
    ExpectationFailed,
    ImATeapot,
    MisdirectedRequest,
    Locked,
    FailedDependency,
    PreconditionRequired,
    TooManyRequests,
    RequestHeaderFieldsTooLarge,
    UnavailableForLegalReasons,
    NotImplemented,
    BadGateway,
    ServiceUnavailable,
    GatewayTimeout,
    HTTPVersionNotSupported,
)
_BY_STATUS: Dict[int, Any] = {kind.status: kind for kind in _CLASSES}


def http_error(status: int, description: Any = None, headers: Any = None) -> HTTPError:
    """Return an error for a status, of the class named after it.

    Raises:
        LookupError: The status is not an error status.
    """
    kind: Optional[Type[HTTPError]] = _BY_STATUS.get(status)
    if kind is not None:
        return kind(description, headers)
    if status < 400 or not phrase(status):
        raise LookupError(f"There is no HTTP error {status}; for other statuses return a response.")
    return HTTPError(status, description, headers)


def phrase(status: int) -> str:
    """Return the reason phrase of a status, or ``""``."""
    return reason_phrase(status) or _NEWER.get(status, "")


def with_flasks_names(error: BaseException) -> BaseException:
    """Return the error; an HTTP error gets the attributes of Flask's: `code`, `name`, `description`."""
    if isinstance(error, HTTPError):
        named: Any = error
        named.code, named.name, named.description = error.status, phrase(error.status), error.detail
    return error
