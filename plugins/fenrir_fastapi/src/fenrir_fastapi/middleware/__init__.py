"""Starlette's middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware import Middleware

__all__ = ["Middleware"]
