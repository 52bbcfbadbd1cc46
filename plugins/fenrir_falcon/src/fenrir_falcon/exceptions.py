"""Falcon's errors: an exception for each HTTP status, and for what a request lacks."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union
from xml.sax.saxutils import escape

from fenrir_core import HTTPError as KernelHTTPError
from fenrir_core.authoring import dumps

from . import status_codes as status
from .status_codes import Status, code_to_http_status, http_status_to_code

HeadersInit = Union[Mapping[str, str], Iterable[Tuple[str, str]], None]
RetryAfter = Union[int, datetime, None]


class HTTPError(KernelHTTPError):
    """End the request with an error that is written as JSON (or XML).

    Args:
        status: A code, an `HTTPStatus` or a status line.
        title: A short text; the status line by default.
        description: What the client should know.
        headers: Extra response headers.
        href, href_text: A link to more, and its text.
        code: A code of your own.
    """

    status: Any

    def __init__(
        self,
        status: Status,
        *,
        title: Optional[str] = None,
        description: Optional[str] = None,
        headers: HeadersInit = None,
        href: Optional[str] = None,
        href_text: Optional[str] = None,
        code: Optional[int] = None,
    ) -> None:
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers or ())
        line = title or code_to_http_status(status)
        super().__init__(http_status_to_code(status), description or line, dict(pairs))
        self.status = status
        self.header_pairs: List[Tuple[str, str]] = pairs
        self.title, self.description, self.code = line, description, code
        self.link: Optional[Dict[str, str]] = None
        if href:
            text = href_text or "Documentation related to this error"
            self.link = {"text": text, "href": href, "rel": "help"}

    def __str__(self) -> str:
        return f"{type(self).__name__}: {self.title}" + (f" - {self.description}" if self.description else "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.status}>"

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return http_status_to_code(self.status)

    def to_dict(self, obj_type: Any = dict) -> Any:
        """Return the parts that are set, as a mapping of `obj_type`."""
        found = obj_type()
        found["title"] = self.title
        if self.description is not None:
            found["description"] = self.description
        if self.code is not None:
            found["code"] = self.code
        if self.link is not None:
            found["link"] = self.link
        return found

    def to_json(self, handler: Any = None) -> bytes:
        """Return the error as JSON."""
        if handler is not None:
            return bytes(handler.serialize(self.to_dict(), "application/json"))
        return dumps(self.to_dict())

    def to_xml(self) -> bytes:
        """Return the error as XML."""
        parts = [f"<title>{escape(self.title)}</title>"]
        if self.description is not None:
            parts.append(f"<description>{escape(self.description)}</description>")
        if self.code is not None:
            parts.append(f"<code>{self.code}</code>")
        if self.link is not None:
            inner = "".join(f"<{key}>{escape(self.link[key])}</{key}>" for key in ("text", "href", "rel"))
            parts.append(f"<link>{inner}</link>")
        return ('<?xml version="1.0" encoding="UTF-8"?><error>' + "".join(parts) + "</error>").encode()


class _Plain(HTTPError):
    """The base of the errors whose status is their class's."""

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


class HTTPBadRequest(_Plain):
    """Answer 400."""

    default_status = status.HTTP_400


class HTTPUnauthorized(_Plain):
    """Answer 401.

    Args:
        challenges: Values of `WWW-Authenticate`, for example ``'Bearer realm="api"'``.
    """

    default_status = status.HTTP_401

    def __init__(
        self, *, headers: HeadersInit = None, challenges: Optional[Iterable[str]] = None, **kwargs: Any
    ) -> None:
        super().__init__(headers=_with(headers, "WWW-Authenticate", ", ".join(challenges or ())), **kwargs)


class HTTPForbidden(_Plain):
    """Answer 403."""

    default_status = status.HTTP_403


class HTTPNotFound(_Plain):
    """Answer 404."""

    default_status = status.HTTP_404


class HTTPRouteNotFound(HTTPNotFound):
    """Answer 404: no route has the path."""


class HTTPMethodNotAllowed(_Plain):
    """Answer 405 with `Allow`.

    Args:
        allowed_methods: What the path answers.
    """

    default_status = status.HTTP_405

    def __init__(self, allowed_methods: Iterable[str], *, headers: HeadersInit = None, **kwargs: Any) -> None:
        super().__init__(headers=_with(headers, "Allow", ", ".join(allowed_methods), always=True), **kwargs)


class HTTPNotAcceptable(_Plain):
    """Answer 406."""

    default_status = status.HTTP_406


class HTTPConflict(_Plain):
    """Answer 409."""

    default_status = status.HTTP_409


class HTTPGone(_Plain):
    """Answer 410."""

    default_status = status.HTTP_410


class HTTPLengthRequired(_Plain):
    """Answer 411."""

    default_status = status.HTTP_411


class HTTPPreconditionFailed(_Plain):
    """Answer 412."""

    default_status = status.HTTP_412


class _Retry(_Plain):
    """The base of the errors that can say when to come back.

    Args:
        retry_after: Seconds, or a point in time (UTC).
    """

    def __init__(self, *, headers: HeadersInit = None, retry_after: RetryAfter = None, **kwargs: Any) -> None:
        text = ""
        if isinstance(retry_after, datetime):
            text = format_datetime(retry_after, usegmt=True) if retry_after.tzinfo else _naive_date(retry_after)
        elif retry_after is not None:
            text = str(retry_after)
        super().__init__(headers=_with(headers, "Retry-After", text), **kwargs)


class HTTPContentTooLarge(_Retry):
    """Answer 413."""

    default_status = status.HTTP_413


HTTPPayloadTooLarge = HTTPContentTooLarge


class HTTPUriTooLong(_Plain):
    """Answer 414."""

    default_status = status.HTTP_414


class HTTPUnsupportedMediaType(_Plain):
    """Answer 415."""

    default_status = status.HTTP_415


class HTTPRangeNotSatisfiable(_Plain):
    """Answer 416 with the size of the representation.

    Args:
        resource_length: The size in bytes.
    """

    default_status = status.HTTP_416

    def __init__(self, resource_length: int, *, headers: HeadersInit = None, **kwargs: Any) -> None:
        super().__init__(headers=_with(headers, "Content-Range", f"bytes */{resource_length}"), **kwargs)


class HTTPUnprocessableEntity(_Plain):
    """Answer 422."""

    default_status = status.HTTP_422


class HTTPLocked(_Plain):
    """Answer 423."""

    default_status = status.HTTP_423


class HTTPFailedDependency(_Plain):
    """Answer 424."""

    default_status = status.HTTP_424


class HTTPPreconditionRequired(_Plain):
    """Answer 428."""

    default_status = status.HTTP_428


class HTTPTooManyRequests(_Retry):
    """Answer 429."""

    default_status = status.HTTP_429


class HTTPRequestHeaderFieldsTooLarge(_Plain):
    """Answer 431."""

    default_status = status.HTTP_431


class HTTPUnavailableForLegalReasons(_Plain):
    """Answer 451."""

    default_status = status.HTTP_451


class HTTPInternalServerError(_Plain):
    """Answer 500."""

    default_status = status.HTTP_500


class HTTPNotImplemented(_Plain):
    """Answer 501."""

    default_status = status.HTTP_501


class HTTPBadGateway(_Plain):
    """Answer 502."""

    default_status = status.HTTP_502


class HTTPServiceUnavailable(_Retry):
    """Answer 503."""

    default_status = status.HTTP_503


class HTTPGatewayTimeout(_Plain):
    """Answer 504."""

    default_status = status.HTTP_504


class HTTPVersionNotSupported(_Plain):
    """Answer 505."""

    default_status = status.HTTP_505


class HTTPInsufficientStorage(_Plain):
    """Answer 507."""

    default_status = status.HTTP_507


class HTTPLoopDetected(_Plain):
    """Answer 508."""

    default_status = status.HTTP_508


class HTTPNetworkAuthenticationRequired(_Plain):
    """Answer 511."""

    default_status = status.HTTP_511


class HTTPInvalidHeader(HTTPBadRequest):
    """Answer 400: the header `header_name` has a value that can't be used."""

    def __init__(self, msg: str, header_name: str, **kwargs: Any) -> None:
        text = f'The value provided for the "{header_name}" header is invalid. {msg}'
        super().__init__(title="Invalid header value", description=text, **kwargs)


class HTTPMissingHeader(HTTPBadRequest):
    """Answer 400: the header `header_name` is required."""

    def __init__(self, header_name: str, **kwargs: Any) -> None:
        super().__init__(title="Missing header value", description=f'The "{header_name}" header is required.', **kwargs)


class HTTPInvalidParam(HTTPBadRequest):
    """Answer 400: the parameter `param_name` has a value that can't be used."""

    def __init__(self, msg: str, param_name: str, **kwargs: Any) -> None:
        text = f'The "{param_name}" parameter is invalid. {msg}'
        super().__init__(title="Invalid parameter", description=text, **kwargs)


class HTTPMissingParam(HTTPBadRequest):
    """Answer 400: the parameter `param_name` is required."""

    def __init__(self, param_name: str, **kwargs: Any) -> None:
        super().__init__(title="Missing parameter", description=f'The "{param_name}" parameter is required.', **kwargs)


class MediaNotFoundError(HTTPBadRequest):
    """Answer 400: the body is empty where media of `media_type` was due."""

    def __init__(self, media_type: str, **kwargs: Any) -> None:
        title, text = f"Invalid {media_type}", f"Could not parse an empty {media_type} body"
        super().__init__(title=title, description=text, **kwargs)


class MediaMalformedError(HTTPBadRequest):
    """Answer 400: the body is no `media_type`; the cause says why."""

    def __init__(self, media_type: str, **kwargs: Any) -> None:
        title, text = f"Invalid {media_type}", f"Could not parse {media_type} body"
        super().__init__(title=title, description=text, **kwargs)


class MediaValidationError(HTTPBadRequest):
    """Answer 400: the media does not fit its schema."""

    def __init__(self, *, title: Optional[str] = None, description: Optional[str] = None, **kwargs: Any) -> None:
        super().__init__(title=title or "Invalid media", description=description, **kwargs)


class MultipartParseError(MediaMalformedError):
    """Answer 400: the multipart form can't be read."""

    def __init__(self, *, description: Optional[str] = None, **kwargs: Any) -> None:
        HTTPBadRequest.__init__(self, title="Malformed multipart/form-data request media", description=description)


class HeaderNotSupported(ValueError):
    """Say that a header has a method of its own and can't be set by name."""


class UnsupportedScopeError(RuntimeError):
    """Say that the server asked for a protocol that is not served."""


def _with(headers: HeadersInit, name: str, value: str, always: bool = False) -> HeadersInit:
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers or ())
    return [*pairs, (name, value)] if value or always else pairs


def _naive_date(moment: datetime) -> str:
    return format_datetime(moment.replace(tzinfo=timezone.utc), usegmt=True)
