"""Every error the kernel raises, from build mistakes to HTTP statuses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, List, Mapping, Optional, Sequence, Tuple


class FenrirError(Exception):
    """The base of what Fenrir raises on its own account."""


class BuildError(FenrirError):
    """Say that the app is put together wrongly: where, what, who was asked, what to do.

    Raised while an app is defined or built, never while it serves.
    """


class MissingDependency(FenrirError, ImportError):
    """Say that an optional library is needed here and how to install it."""


class StopTimeout(FenrirError):
    """Raised at the stop by a lifespan with `own_timeout` when something did not end in time.

    Args:
        *names: What is still running, for the log.
    """

    def __init__(self, *names: str) -> None:
        super().__init__(f"These did not stop in time: {', '.join(names)}")
        self.names = names


class DuplicateRoute(FenrirError):
    """Say that a method and path are registered twice; both targets are carried.

    Args:
        method: The HTTP method, or ``"WEBSOCKET"``.
        path: The template as it was written the second time.
        first: The target that was there.
        second: The target that came later.
    """

    def __init__(self, method: str, path: str, first: Any, second: Any) -> None:
        super().__init__(f"{method} {path} is registered twice")
        self.method, self.path, self.first, self.second = method, path, first, second


class CannotBuildURL(FenrirError, LookupError):
    """Say why no URL can be made of a route name and values."""


class NoRequest(FenrirError, RuntimeError):
    """Say that something bound to the current request was used outside of one."""

    def __init__(self, name: str = "the current request") -> None:
        super().__init__(
            f"{name} was used outside a request. It is bound to the request that the running code serves: "
            "use it inside a handler, dependency, middleware, template or task of a request."
        )


class InvalidHeader(FenrirError, ValueError):
    """Say that an outgoing header or cookie holds what RFC 9110 forbids (CR, LF, NUL, a bad name)."""


class ClientDisconnect(FenrirError):
    """Say that the client went away before its request was read or its answer was written."""


class HTTPError(FenrirError):
    """End the request with an HTTP status.

    Args:
        status: The status code, 400 to 599.
        detail: What to tell the client; the reason phrase by default. Any JSON-able value.
        headers: Extra response headers as text.
    """

    status = 500

    def __init__(
        self,
        status: Optional[int] = None,
        detail: Any = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> None:
        if status is not None:
            self.status = status
        self.detail = reason_phrase(self.status) if detail is None else detail
        self.headers = headers
        super().__init__(self.status, self.detail)

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"


class ClientError(HTTPError):
    """The base of the 4xx errors that have a class of their own; the detail comes first."""

    status = 400

    def __init__(self, detail: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(None, detail, headers)


class BadRequest(ClientError):
    """Answer 400: the request can't be understood."""


class TooManyFields(BadRequest):
    """Answer 400: more query pairs, form fields or files than are accepted."""


class InvalidJSON(BadRequest):
    """Answer 400: the body is not JSON.

    Args:
        msg: What is wrong.
        pos: The index of the character (not byte) where reading failed.
    """

    def __init__(self, msg: str, pos: int = 0) -> None:
        super().__init__(f"Invalid JSON: {msg} (at character {pos})")
        self.msg, self.pos = msg, pos


class NotFound(ClientError):
    """Answer 404."""

    status = 404


class MethodNotAllowed(HTTPError):
    """Answer 405 with `Allow` (RFC 9110, section 15.5.6).

    Args:
        allowed: The methods that the path answers.
    """

    status = 405

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        super().__init__(headers={"allow": ", ".join(allowed)})
        self.allowed: Tuple[str, ...] = tuple(allowed)


class PayloadTooLarge(ClientError):
    """Answer 413: the body is over the limit."""

    status = 413


class RangeNotSatisfiable(HTTPError):
    """Answer 416 with the size of the representation (RFC 9110, section 15.5.17).

    Args:
        size: The size in bytes.
    """

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(headers={"content-range": f"bytes */{size}"})


class UnsupportedMediaType(ClientError):
    """Answer 415."""

    status = 415


class InvalidInput(HTTPError):
    """Answer 422: one or more parameters do not fit what the handler declares.

    A paradigm raises its own subclass from a resolver. Where several callables of one
    request fail, the kernel joins their errors into the first exception, so that the
    client reads all of them in one answer.

    Args:
        errors: One entry a mistake, in the paradigm's own shape.
    """

    status = 422

    def __init__(self, errors: Sequence[Any]) -> None:
        self._errors: List[Any] = list(errors)
        super().__init__(detail=self._errors)

    @property
    def input_errors(self) -> List[Any]:
        """The errors, in the order in which they were found."""
        return self._errors

    def after(self, earlier: Optional[InvalidInput]) -> InvalidInput:
        """Return `earlier` with these errors appended, or this one if there is none."""
        if earlier is None:
            return self
        earlier._errors.extend(self._errors)
        return earlier


def reason_phrase(status: int) -> str:
    """Return the standard reason phrase of a status, or an empty string."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
