"""Starlette's session middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.sessions import (
    Session,
    SessionMiddleware,
)

__all__ = [
    "Session",
    "SessionMiddleware",
]
