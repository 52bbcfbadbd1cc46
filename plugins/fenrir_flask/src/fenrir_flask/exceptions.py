"""The HTTP errors by name: what `abort` raises and error handlers are registered for."""

from __future__ import annotations

from typing import Any, Dict, Optional, Type

import fenrir_core
from fenrir_core import BadRequest, HTTPError, MethodNotAllowed, NotFound, UnsupportedMediaType
from fenrir_core import PayloadTooLarge as RequestEntityTooLarge
from fenrir_core import RangeNotSatisfiable as RequestedRangeNotSatisfiable
from fenrir_core.authoring import ClientError, reason_phrase

from .structures import BadRequestKeyError as BadRequestKeyError

HTTPException = HTTPError


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


class ResponseError(HTTPError):
    """End the request with a ready response.

    Args:
        response: The response.
    """

    def __init__(self, response: fenrir_core.Response) -> None:
        super().__init__(int(response.status))
        self.response = response


class UnprocessableEntity(ClientError):
    """Answer 422."""

    status = 422


class Unauthorized(ClientError):
    """Answer 401."""

    status = 401


class PaymentRequired(ClientError):
    """Answer 402."""

    status = 402


class Forbidden(ClientError):
    """Answer 403."""

    status = 403


class NotAcceptable(ClientError):
    """Answer 406."""

    status = 406


class ProxyAuthenticationRequired(ClientError):
    """Answer 407."""

    status = 407


class RequestTimeout(ClientError):
    """Answer 408."""

    status = 408


class Conflict(ClientError):
    """Answer 409."""

    status = 409


class Gone(ClientError):
    """Answer 410."""

    status = 410


class LengthRequired(ClientError):
    """Answer 411."""

    status = 411


class PreconditionFailed(ClientError):
    """Answer 412."""

    status = 412


class RequestURITooLarge(ClientError):
    """Answer 414."""

    status = 414


class ExpectationFailed(ClientError):
    """Answer 417."""

    status = 417


class ImATeapot(ClientError):
    """Answer 418."""

    status = 418


class MisdirectedRequest(ClientError):
    """Answer 421."""

    status = 421


class Locked(ClientError):
    """Answer 423."""

    status = 423


class FailedDependency(ClientError):
    """Answer 424."""

    status = 424


class PreconditionRequired(ClientError):
    """Answer 428."""

    status = 428


class TooManyRequests(ClientError):
    """Answer 429."""

    status = 429


class RequestHeaderFieldsTooLarge(ClientError):
    """Answer 431."""

    status = 431


class UnavailableForLegalReasons(ClientError):
    """Answer 451."""

    status = 451


class NotImplemented(ClientError):
    """Answer 501."""

    status = 501


class BadGateway(ClientError):
    """Answer 502."""

    status = 502


class ServiceUnavailable(ClientError):
    """Answer 503."""

    status = 503


class GatewayTimeout(ClientError):
    """Answer 504."""

    status = 504


class HTTPVersionNotSupported(ClientError):
    """Answer 505."""

    status = 505


class _NotAllowed(MethodNotAllowed):
    def __init__(self, description: Any = None, headers: Any = None) -> None:
        HTTPError.__init__(self, None, description, headers)
        self.allowed = ()


class _NotSatisfiable(RequestedRangeNotSatisfiable):
    def __init__(self, description: Any = None, headers: Any = None) -> None:
        HTTPError.__init__(self, None, description, headers)


#: COMPAT: Python 3.8 does not know these phrases.
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
    """Make the error of a status, of the class that has its name.

    Raises:
        LookupError: The status is no error's.
    """
    kind: Optional[Type[HTTPError]] = _BY_STATUS.get(status)
    if kind is not None:
        return kind(description, headers)
    if status < 400 or not phrase(status):
        raise LookupError(f"There is no HTTP error {status}; for other answers return a response.")
    return HTTPError(status, description, headers)


def phrase(status: int) -> str:
    """Return the reason phrase of a status, or ``""``."""
    return reason_phrase(status) or _NEWER.get(status, "")


def with_flasks_names(error: BaseException) -> BaseException:
    """Return an HTTP error the attributes that Flask's handlers read: `code`, `name`, `description`."""
    if isinstance(error, HTTPError):
        named: Any = error
        named.code, named.name, named.description = error.status, phrase(error.status), error.detail
    return error
