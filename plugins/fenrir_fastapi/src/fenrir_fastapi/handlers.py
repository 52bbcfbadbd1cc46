"""FastAPI's answers to its own errors, for apps that have no handlers for them."""

from __future__ import annotations

from typing import Any, Iterator

from fenrir_core import Call, ExceptionHandler, Response

from .encoders import dumps
from .exceptions import RequestValidationError


def invalid_input(connection: Any, error: RequestValidationError) -> Response:
    """Answer 422 with all mistakes."""
    return Response(dumps({"detail": error.errors()}), 422, None, "application/json")


def default_handlers() -> Iterator[ExceptionHandler]:
    """Give the handlers that any handler of the app's author precedes."""
    yield ExceptionHandler(RequestValidationError, Call.of(invalid_input, quick=True), default=True)
