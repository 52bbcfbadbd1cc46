"""HTTP errors: Werkzeug's, by the names that they have there, and what stands for the kernel's own."""

from __future__ import annotations

from typing import Any, Dict, Optional

from werkzeug.datastructures import WWWAuthenticate as WWWAuthenticate
from werkzeug.exceptions import BadGateway as BadGateway
from werkzeug.exceptions import BadRequest as BadRequest
from werkzeug.exceptions import BadRequestKeyError as BadRequestKeyError
from werkzeug.exceptions import Conflict as Conflict
from werkzeug.exceptions import ExpectationFailed as ExpectationFailed
from werkzeug.exceptions import FailedDependency as FailedDependency
from werkzeug.exceptions import Forbidden as Forbidden
from werkzeug.exceptions import GatewayTimeout as GatewayTimeout
from werkzeug.exceptions import Gone as Gone
from werkzeug.exceptions import HTTPException as HTTPException
from werkzeug.exceptions import HTTPVersionNotSupported as HTTPVersionNotSupported
from werkzeug.exceptions import ImATeapot as ImATeapot
from werkzeug.exceptions import InternalServerError as InternalServerError
from werkzeug.exceptions import LengthRequired as LengthRequired
from werkzeug.exceptions import Locked as Locked
from werkzeug.exceptions import MethodNotAllowed as MethodNotAllowed
from werkzeug.exceptions import NotAcceptable as NotAcceptable
from werkzeug.exceptions import NotFound as NotFound
from werkzeug.exceptions import NotImplemented as NotImplemented
from werkzeug.exceptions import PreconditionFailed as PreconditionFailed
from werkzeug.exceptions import PreconditionRequired as PreconditionRequired
from werkzeug.exceptions import RequestedRangeNotSatisfiable as RequestedRangeNotSatisfiable
from werkzeug.exceptions import RequestEntityTooLarge as RequestEntityTooLarge
from werkzeug.exceptions import RequestHeaderFieldsTooLarge as RequestHeaderFieldsTooLarge
from werkzeug.exceptions import RequestTimeout as RequestTimeout
from werkzeug.exceptions import RequestURITooLarge as RequestURITooLarge
from werkzeug.exceptions import ServiceUnavailable as ServiceUnavailable
from werkzeug.exceptions import TooManyRequests as TooManyRequests
from werkzeug.exceptions import Unauthorized as Unauthorized
from werkzeug.exceptions import UnavailableForLegalReasons as UnavailableForLegalReasons
from werkzeug.exceptions import UnprocessableEntity as UnprocessableEntity
from werkzeug.exceptions import UnsupportedMediaType as UnsupportedMediaType
from werkzeug.exceptions import default_exceptions as default_exceptions

from fenrir_core import BuildError, HTTPError, TooManyFields
from fenrir_core.authoring import reason_phrase

from ._types import Values


class SetupFinished(BuildError, AssertionError):
    """Raised where something is registered in an app that has handled a request; an AssertionError, as in Flask."""


class RegistrationError(BuildError, ValueError):
    """Raised where a name is wrong or taken; a ValueError, as in Flask."""


def phrase(status: int) -> str:
    """Return the reason phrase of a status, or ``""``."""
    known = default_exceptions.get(status)
    return reason_phrase(status) or (known().name if known is not None else "")


def werkzeug_error(error: HTTPError) -> HTTPException:
    """Return Werkzeug's error for one of the kernel's; the one that it stands for, if there is one.

    What a handler may read of the kernel's error, `status`, `detail` and `headers`, it has too.
    """
    cause = error.__cause__
    if isinstance(cause, HTTPException):
        return cause
    kind = default_exceptions.get(error.status)
    text = None if error.detail in (None, phrase(error.status)) else str(error.detail)
    made: HTTPException
    if kind is MethodNotAllowed:
        made = MethodNotAllowed(getattr(error, "allowed", None) or None, text)
    elif isinstance(error, TooManyFields):
        made = RequestEntityTooLarge(text)
    elif kind is None:
        made = HTTPException(text)
        made.code = error.status
    else:
        made = kind(text)
    made.__cause__ = error
    extra: Values = {"status": error.status, "detail": error.detail, "headers": dict(error.headers or {})}
    vars(made).update(extra)
    return made


def kernel_headers(error: HTTPException) -> Dict[str, str]:
    """Return the headers of Werkzeug's error but for its page's content type; of a repeated name the values joined."""
    found: Dict[str, str] = {}
    for name, text in error.get_headers():
        if name.lower() != "content-type":
            found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def kernel_error(error: HTTPException) -> Optional[HTTPError]:
    """Return the kernel's error of the same status, or None if it has none."""
    if error.code is None:
        return None
    made = HTTPError(error.code, error.description, kernel_headers(error))
    if isinstance(error, MethodNotAllowed):
        made.allowed = tuple(error.valid_methods or ())  # type: ignore[attr-defined]  # as the kernel's own has
    return made


def with_flasks_names(error: BaseException) -> BaseException:
    """Return the error; one of the kernel's gets the attributes of Flask's: `code`, `name`, `description`."""
    if isinstance(error, HTTPError):
        named: Any = error
        named.code, named.name, named.description = error.status, phrase(error.status), error.detail
    return error
