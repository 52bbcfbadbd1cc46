"""Falcon's errors: one exception class for each HTTP status, and for what a request lacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Iterable, Optional, Union

from fenrir_core import BuildError, WebSocketDisconnect
from fenrir_core.authoring import HeadersInit, format_date

from . import status_codes as status
from .deprecation import deprecated
from .http_error import HTTPError, pairs_of
from .status_codes import Status

RetryAfter = Union[int, datetime, None]


class _StatusError(HTTPError):
    """The base of the errors whose class determines the status."""

    default_status: Status = status.HTTP_500

    def __init__(
        self,
        *,
        title: Optional[str] = None,
        description: Optional[str] = None,
        headers: HeadersInit = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(self.default_status, title=title, description=description, headers=headers, **kwargs)


class HTTPBadRequest(_StatusError):
    """The error for status 400, Bad Request."""

    default_status = status.HTTP_400


class HTTPUnauthorized(_StatusError):
    """The error for status 401, Unauthorized.

    Args:
        challenges: Values of `WWW-Authenticate`, for example ``'Bearer realm="api"'``.
    """

    default_status = status.HTTP_401

    def __init__(
        self, *, headers: HeadersInit = None, challenges: Optional[Iterable[str]] = None, **kwargs: Any
    ) -> None:
        super().__init__(headers=_with(headers, "WWW-Authenticate", ", ".join(challenges or ())), **kwargs)


class HTTPForbidden(_StatusError):
    """The error for status 403, Forbidden."""

    default_status = status.HTTP_403


class HTTPNotFound(_StatusError):
    """The error for status 404, Not Found."""

    default_status = status.HTTP_404


class HTTPRouteNotFound(HTTPNotFound):
    """The error for a path that no route matches: 404."""


class HTTPMethodNotAllowed(_StatusError):
    """The error for status 405, Method Not Allowed, with the header `Allow`.

    Args:
        allowed_methods: The methods that the path supports.
    """

    default_status = status.HTTP_405

    def __init__(self, allowed_methods: Iterable[str], *, headers: HeadersInit = None, **kwargs: Any) -> None:
        super().__init__(headers=_with(headers, "Allow", ", ".join(allowed_methods), always=True), **kwargs)


class HTTPNotAcceptable(_StatusError):
    """The error for status 406, Not Acceptable."""

    default_status = status.HTTP_406


class HTTPConflict(_StatusError):
    """The error for status 409, Conflict."""

    default_status = status.HTTP_409


class HTTPGone(_StatusError):
    """The error for status 410, Gone."""

    default_status = status.HTTP_410


class HTTPLengthRequired(_StatusError):
    """The error for status 411, Length Required."""

    default_status = status.HTTP_411


class HTTPPreconditionFailed(_StatusError):
    """The error for status 412, Precondition Failed."""

    default_status = status.HTTP_412


class _RetryableError(_StatusError):
    """The base of the errors that can have the header `Retry-After`.

    Args:
        retry_after: Seconds, or a point in time (UTC).
    """

    def __init__(self, *, headers: HeadersInit = None, retry_after: RetryAfter = None, **kwargs: Any) -> None:
        text = ""
        if isinstance(retry_after, datetime):
            text = format_date(retry_after)
        elif retry_after is not None:
            text = str(retry_after)
        super().__init__(headers=_with(headers, "Retry-After", text), **kwargs)


class HTTPContentTooLarge(_RetryableError):
    """The error for status 413, Content Too Large."""

    default_status = status.HTTP_413


class HTTPPayloadTooLarge(HTTPContentTooLarge):
    """The former name of `HTTPContentTooLarge`."""

    @deprecated("Use HTTPContentTooLarge instead.", method_name="HTTPPayloadTooLarge")
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)


class HTTPUriTooLong(_StatusError):
    """The error for status 414, URI Too Long."""

    default_status = status.HTTP_414


class HTTPUnsupportedMediaType(_StatusError):
    """The error for status 415, Unsupported Media Type."""

    default_status = status.HTTP_415


class HTTPRangeNotSatisfiable(_StatusError):
    """The error for status 416, Range Not Satisfiable, with the size of the representation in `Content-Range`.

    Args:
        resource_length: The size in bytes.
    """

    default_status = status.HTTP_416

    def __init__(self, resource_length: int, *, headers: HeadersInit = None, **kwargs: Any) -> None:
        super().__init__(headers=_with(headers, "Content-Range", f"bytes */{resource_length}"), **kwargs)


class HTTPUnprocessableEntity(_StatusError):
    """The error for status 422, Unprocessable Entity."""

    default_status = status.HTTP_422


class HTTPLocked(_StatusError):
    """The error for status 423, Locked."""

    default_status = status.HTTP_423


class HTTPFailedDependency(_StatusError):
    """The error for status 424, Failed Dependency."""

    default_status = status.HTTP_424


class HTTPPreconditionRequired(_StatusError):
    """The error for status 428, Precondition Required."""

    default_status = status.HTTP_428


class HTTPTooManyRequests(_RetryableError):
    """The error for status 429, Too Many Requests."""

    default_status = status.HTTP_429


class HTTPRequestHeaderFieldsTooLarge(_StatusError):
    """The error for status 431, Request Header Fields Too Large."""

    default_status = status.HTTP_431


class HTTPUnavailableForLegalReasons(_StatusError):
    """The error for status 451, Unavailable For Legal Reasons."""

    default_status = status.HTTP_451


class HTTPInternalServerError(_StatusError):
    """The error for status 500, Internal Server Error."""

    default_status = status.HTTP_500


class HTTPNotImplemented(_StatusError):
    """The error for status 501, Not Implemented."""

    default_status = status.HTTP_501


class HTTPBadGateway(_StatusError):
    """The error for status 502, Bad Gateway."""

    default_status = status.HTTP_502


class HTTPServiceUnavailable(_RetryableError):
    """The error for status 503, Service Unavailable."""

    default_status = status.HTTP_503


class HTTPGatewayTimeout(_StatusError):
    """The error for status 504, Gateway Timeout."""

    default_status = status.HTTP_504


class HTTPVersionNotSupported(_StatusError):
    """The error for status 505, HTTP Version Not Supported."""

    default_status = status.HTTP_505


class HTTPInsufficientStorage(_StatusError):
    """The error for status 507, Insufficient Storage."""

    default_status = status.HTTP_507


class HTTPLoopDetected(_StatusError):
    """The error for status 508, Loop Detected."""

    default_status = status.HTTP_508


class HTTPNetworkAuthenticationRequired(_StatusError):
    """The error for status 511, Network Authentication Required."""

    default_status = status.HTTP_511


class HTTPInvalidHeader(HTTPBadRequest):
    """The error for an invalid value of the header `header_name`: 400."""

    def __init__(self, msg: str, header_name: str, **kwargs: Any) -> None:
        text = f'The value provided for the "{header_name}" header is invalid. {msg}'
        super().__init__(title="Invalid header value", description=text, **kwargs)


class HTTPMissingHeader(HTTPBadRequest):
    """The error for a missing header `header_name`: 400."""

    def __init__(self, header_name: str, **kwargs: Any) -> None:
        super().__init__(title="Missing header value", description=f'The "{header_name}" header is required.', **kwargs)


class HTTPInvalidParam(HTTPBadRequest):
    """The error for an invalid value of the parameter `param_name`: 400."""

    def __init__(self, msg: str, param_name: str, **kwargs: Any) -> None:
        text = f'The "{param_name}" parameter is invalid. {msg}'
        super().__init__(title="Invalid parameter", description=text, **kwargs)


class HTTPMissingParam(HTTPBadRequest):
    """The error for a missing parameter `param_name`: 400."""

    def __init__(self, param_name: str, **kwargs: Any) -> None:
        super().__init__(title="Missing parameter", description=f'The "{param_name}" parameter is required.', **kwargs)


class MediaNotFoundError(HTTPBadRequest):
    """The error for an empty body where media of the type `media_type` is required: 400."""

    def __init__(self, media_type: str, **kwargs: Any) -> None:
        title, text = f"Invalid {media_type}", f"Could not parse an empty {media_type} body"
        super().__init__(title=title, description=text, **kwargs)


#: What the kernel's message begins with, and this error's title says already.
_PREFIX = "Invalid JSON: "


class MediaMalformedError(HTTPBadRequest):
    """The error for a body that can't be parsed as `media_type`: 400; `__cause__` is the parser's exception."""

    def __init__(self, media_type: str, **kwargs: Any) -> None:
        title, self._text = f"Invalid {media_type}", f"Could not parse {media_type} body"
        super().__init__(title=title, **kwargs)

    @property
    def description(self) -> Optional[str]:
        """What the client should know, with the parser's own message."""
        if self.__cause__ is None:
            return self._text
        detail = str(getattr(self.__cause__, "detail", self.__cause__))  # the kernel's errors have a `detail`
        return f"{self._text} - {detail[len(_PREFIX) :] if detail.startswith(_PREFIX) else detail}"

    @description.setter
    def description(self, value: Optional[str]) -> None:
        self._text = self._text if value is None else value


class MediaValidationError(HTTPBadRequest):
    """The error for media that do not match their schema: 400."""

    def __init__(self, *, title: Optional[str] = None, description: Optional[str] = None, **kwargs: Any) -> None:
        super().__init__(title=title or "Invalid media", description=description, **kwargs)


class MultipartParseError(MediaMalformedError):
    """The error for a malformed multipart form: 400."""

    def __init__(self, *, description: Optional[str] = None, **kwargs: Any) -> None:
        HTTPBadRequest.__init__(self, title="Malformed multipart/form-data request media", description=description)

    @property
    def description(self) -> Optional[str]:
        """What the client should know."""
        return self._text

    @description.setter
    def description(self, value: Optional[str]) -> None:
        self._text = value or ""


class HeaderNotSupported(ValueError):
    """Raised when a header is set by name that has methods of its own."""


class InvalidRegistration(BuildError, ValueError):
    """Raised when something is registered with arguments that don't fit."""


class InvalidMiddleware(BuildError, TypeError):
    """Raised when something is added as middleware that is none."""


class InvalidErrorHandler(BuildError, TypeError):
    """Raised when an error handler is registered for something that is no exception class."""


class MissingHandler(BuildError, AttributeError):
    """Raised when an object that is registered has none of the methods that it must have."""


class SuffixedMethodNotFoundError(BuildError):
    """Raised when a resource has no responder with the suffix."""


class UnsupportedError(RuntimeError):
    """Raised for a method or operation that is not supported."""


class UnsupportedScopeError(RuntimeError):
    """Raised when the server opens a connection of a protocol that is not supported."""


class CompatibilityError(ValueError):
    """Raised when a function can't be used with the kind of application, such as ASGI or WSGI."""


class DelimiterError(OSError):
    """Raised when a stream has no delimiter where one must be."""


class InvalidMediaType(ValueError):
    """Raised for a media type that is malformed."""


class InvalidMediaRange(InvalidMediaType):
    """Raised for a media range, as in `Accept`, that is malformed."""


class OperationNotAllowed(ValueError):
    """Raised when an operation is not possible in the present state of an object."""


class PayloadTypeError(TypeError):
    """Raised when a WebSocket message is text instead of binary, or the other way."""


class WebSocketDisconnected(WebSocketDisconnect, ConnectionError):
    """Raised when a WebSocket is closed already.

    Args:
        code: The close code, 1000 if there is none.
    """

    def __init__(self, code: Optional[int] = None, reason: str = "") -> None:
        super().__init__(code or 1000, reason)


class WebSocketPathNotFound(WebSocketDisconnected):
    """Raised in a test client when no route has the path."""


class WebSocketHandlerNotFound(WebSocketDisconnected):
    """Raised in a test client when the resource has no `on_websocket`."""


class WebSocketServerError(WebSocketDisconnected):
    """Raised in a test client when the server closed the WebSocket because of an error."""


def _with(headers: HeadersInit, name: str, value: str, always: bool = False) -> HeadersInit:
    pairs = pairs_of(headers)
    return [*pairs, (name, value)] if value or always else pairs
