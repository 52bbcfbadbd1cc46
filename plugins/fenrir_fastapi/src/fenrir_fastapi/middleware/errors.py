"""Starlette's outermost middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.errors import (
    ServerErrorMiddleware,
)

__all__ = [
    "ServerErrorMiddleware",
]
