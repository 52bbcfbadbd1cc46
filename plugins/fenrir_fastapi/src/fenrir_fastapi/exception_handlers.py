"""FastAPI's exception handlers, to be called from those of the app's author, at FastAPI's import path."""

from __future__ import annotations

from .error_handling import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)

__all__ = [
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]
