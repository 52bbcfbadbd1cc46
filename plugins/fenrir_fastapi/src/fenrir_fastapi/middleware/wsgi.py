"""Starlette's WSGI middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.wsgi import WSGIMiddleware

__all__ = ["WSGIMiddleware"]
