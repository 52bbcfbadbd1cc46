"""Starlette's middleware for handlers of exceptions, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.exceptions import (
    ExceptionMiddleware,
)

__all__ = [
    "ExceptionMiddleware",
]
