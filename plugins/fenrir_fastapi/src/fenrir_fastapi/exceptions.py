"""FastAPI's errors, on the kernel's."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence

from fenrir_core import BuildError, FenrirError, HTTPError, Route
from fenrir_core import InvalidInput as _InvalidInput
from fenrir_core.authoring import name_of, reason_phrase


class HTTPException(HTTPError):
    """End the request with a status.

    Args:
        status_code: The status.
        detail: What to tell the client, anything JSON can hold; the reason phrase by default.
        headers: Extra response headers.
    """

    def __init__(self, status_code: int, detail: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(status_code, reason_phrase(status_code) if detail is None else detail, headers)

    @property
    def status_code(self) -> int:
        """The status."""
        return self.status

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status_code={self.status!r}, detail={self.detail!r})"


class WebSocketException(FenrirError):
    """Close the WebSocket.

    Args:
        code: The close code (RFC 6455, section 7.4).
        reason: What to tell the client.
    """

    def __init__(self, code: int, reason: Optional[str] = None) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason or ""


class FastAPIError(RuntimeError):
    """The base of FastAPI's own complaints about how it is used."""


class DependencyScopeError(FastAPIError):
    """Say that a dependency depends on one that is closed before it."""


class DeclarationError(FastAPIError, BuildError):
    """Say at its declaration what a route can't be."""


class ParameterError(BuildError, AssertionError):
    """Say at its declaration what a parameter can't be."""


class PydanticV1NotSupportedError(FastAPIError):
    """Say that a model is one of pydantic 1, which is not supported."""


class FastAPIDeprecationWarning(UserWarning):
    """Warn of what will go away."""


class ValidationException(Exception):
    """The base of what does not fit its declaration: input or answer.

    Attributes:
        endpoint_ctx: Where the endpoint is: `file`, `line`, `function`, `path`; empty while nobody knows.
        body: What did not fit, as it was read or returned.
    """

    endpoint_ctx: Mapping[str, Any] = {}
    body: Any = None

    def errors(self) -> List[Any]:
        """Return the mistakes in the order of declaration."""
        raise NotImplementedError

    def __str__(self) -> str:
        found = self.errors()
        lines = [f"{len(found)} validation error{'' if len(found) == 1 else 's'}:", *(f"  {item}" for item in found)]
        place = self.endpoint_ctx
        if all(place.get(key) for key in ("file", "line", "function")):
            lines.append(f'\n  File "{place["file"]}", line {place["line"]}, in {place["function"]}')
            if place.get("path"):
                lines.append(f"    {place['path']}")
        elif place.get("path"):
            lines.append(f"\n  Endpoint: {place['path']}")
        return "\n".join(lines)


def context_of(route: Route, prefix: str = "") -> Mapping[str, Any]:
    """Say where a route's endpoint is, as `ValidationException.endpoint_ctx`."""
    file, _, line = route.where.rpartition(":")
    verb = "WS" if route.is_websocket else route.methods[0] if route.methods else ""
    return {"file": file, "line": line, "function": name_of(route.endpoint), "path": f"{verb} {prefix}{route.path}"}


class _RequestErrors(_InvalidInput, ValidationException):
    """Carry every mistake in the input of a request or WebSocket.

    Args:
        errors: Entries in pydantic's shape; `loc` starts with the place: path, query, header, cookie, body.
        body: The body as it was read, for error handlers.
    """

    def __init__(
        self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: Optional[Mapping[str, Any]] = None
    ) -> None:
        super().__init__(errors)
        self.body = body
        if endpoint_ctx:
            self.endpoint_ctx = endpoint_ctx

    def errors(self) -> List[Any]:
        """Return the mistakes in the order of declaration."""
        return self.input_errors

    __str__ = ValidationException.__str__


class RequestValidationError(_RequestErrors):
    """Answer 422 with every mistake in the input; takes the errors, and the `body` as it was read."""


class WebSocketRequestValidationError(_RequestErrors):
    """Refuse a WebSocket whose input does not fit; as `RequestValidationError`."""


class ResponseValidationError(FenrirError, ValidationException):
    """Say that a handler returned what does not fit its response model: a fault of the server.

    Args:
        errors: Entries in pydantic's shape; `loc` starts with ``response``.
        body: What was returned.
        endpoint_ctx: Where the handler is.
    """

    def __init__(
        self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: Optional[Mapping[str, Any]] = None
    ) -> None:
        self._errors = list(errors)
        self.body, self.endpoint_ctx = body, endpoint_ctx or {}
        super().__init__(self._errors)

    def errors(self) -> List[Any]:
        """Return the mistakes."""
        return self._errors

    __str__ = ValidationException.__str__
