"""Starlette's static files, at FastAPI's import path."""

from __future__ import annotations

from .starlette.staticfiles import (
    NotModifiedResponse,
    StaticFiles,
)

__all__ = [
    "NotModifiedResponse",
    "StaticFiles",
]
