"""Starlette's middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware import Middleware, _MiddlewareFactory

__all__ = ["Middleware", "_MiddlewareFactory"]
