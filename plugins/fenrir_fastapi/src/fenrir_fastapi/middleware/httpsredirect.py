"""Starlette's redirect to HTTPS, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.httpsredirect import HTTPSRedirectMiddleware

__all__ = ["HTTPSRedirectMiddleware"]
