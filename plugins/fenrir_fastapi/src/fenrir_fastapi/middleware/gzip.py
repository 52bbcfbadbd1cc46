"""Starlette's gzip middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.gzip import GZipMiddleware

__all__ = ["GZipMiddleware"]
