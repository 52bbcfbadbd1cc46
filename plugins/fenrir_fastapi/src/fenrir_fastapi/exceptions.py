"""FastAPI's exceptions, on Starlette's and the kernel's."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Type

from pydantic import BaseModel, create_model
from typing_extensions import TypedDict

from fenrir_core import BuildError, FenrirError, InvalidInput
from fenrir_core.authoring import RouteLike, name_of

from .starlette.exceptions import HTTPException, StarletteDeprecationWarning, WebSocketException
from .starlette.types import NamedValues

__all__ = [
    "DeclarationError", "DependencyScopeError", "EndpointContext", "FastAPIDeprecationWarning", "FastAPIError",
    "HTTPException", "ParameterError", "PydanticV1NotSupportedError", "RequestErrorModel", "RequestValidationError",
    "ResponseValidationError", "StarletteDeprecationWarning", "StarletteHTTPException", "StarletteWebSocketException",
    "ValidationException", "WebSocketErrorModel", "WebSocketException", "WebSocketRequestValidationError",
    "endpoint_context",
]  # fmt: skip

#: The names that FastAPI's module imports Starlette's classes under.
StarletteHTTPException, StarletteWebSocketException = HTTPException, WebSocketException


#: The empty models that older releases of pydantic named in errors.
RequestErrorModel: Type[BaseModel] = create_model("Request")
WebSocketErrorModel: Type[BaseModel] = create_model("WebSocket")


class EndpointContext(TypedDict, total=False):
    """Where an endpoint is."""

    function: str
    path: str
    file: str
    line: int


class FastAPIError(RuntimeError):
    """The base of errors about how FastAPI is used."""


class DependencyScopeError(FastAPIError):
    """Raised when a dependency depends on one that is closed before it."""


class DeclarationError(FastAPIError, BuildError):
    """Raised at the declaration of a route that can't work."""


class ParameterError(BuildError, AssertionError):
    """Raised at the declaration of a parameter that can't work."""


class MiddlewareTooLate(FastAPIError, BuildError):
    """Raised where middleware is added to an app that has started; a RuntimeError, as in FastAPI."""


class PydanticV1NotSupportedError(FastAPIError):
    """Raised for a model of pydantic 1, which is not supported."""


class FastAPIDeprecationWarning(UserWarning):
    """The category of warnings about deprecated names."""


class ValidationException(Exception):
    """The base of validation errors, of input and of responses.

    Attributes:
        endpoint_ctx: Where the endpoint is: `file`, `line`, `function`, `path`; empty until it is known.
        body: The invalid value, as it was read or returned.
    """

    endpoint_ctx: NamedValues = {}
    body: Any = None

    def errors(self) -> List[Any]:
        """Return the errors in the order of declaration."""
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


def endpoint_context(route: RouteLike, prefix: str = "") -> NamedValues:
    """Return where a route's endpoint is, for `ValidationException.endpoint_ctx`."""
    file, _, line = route.where.rpartition(":")
    verb = "WS" if "WEBSOCKET" in route.methods else route.methods[0] if route.methods else ""
    return {"file": file, "line": line, "function": name_of(route.endpoint), "path": f"{verb} {prefix}{route.path}"}


class _RequestErrors(InvalidInput, ValidationException):
    """The base of errors in the input of a request or WebSocket.

    Args:
        errors: Entries in pydantic's shape; `loc` starts with the place: path, query, header, cookie, body.
        body: The body as it was read, for error handlers.
    """

    def __init__(self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: Optional[NamedValues] = None) -> None:
        super().__init__(errors)
        self.body = body
        if endpoint_ctx:
            self.endpoint_ctx = endpoint_ctx

    def errors(self) -> List[Any]:
        """Return the errors in the order of declaration."""
        return self.input_errors

    __str__ = ValidationException.__str__


class RequestValidationError(_RequestErrors):
    """Raised when a request's input is invalid: a 422 that lists every error."""


class WebSocketRequestValidationError(_RequestErrors):
    """Raised when a WebSocket's input is invalid: the handshake is refused."""


class ResponseValidationError(FenrirError, ValidationException):
    """Raised when a handler returns a value that does not fit its response model: a server error.

    Args:
        errors: Entries in pydantic's shape; `loc` starts with ``response``.
        body: The value that was returned.
        endpoint_ctx: Where the handler is.
    """

    def __init__(self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: Optional[NamedValues] = None) -> None:
        self._errors = list(errors)
        self.body, self.endpoint_ctx = body, endpoint_ctx or {}
        super().__init__(self._errors)

    def errors(self) -> List[Any]:
        """Return the errors."""
        return self._errors

    __str__ = ValidationException.__str__
