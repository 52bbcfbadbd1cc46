"""Starlette's base class of middleware; `starlette.middleware.base` of code that moves here."""

from __future__ import annotations

from ..starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

__all__ = ["BaseHTTPMiddleware", "RequestResponseEndpoint"]
