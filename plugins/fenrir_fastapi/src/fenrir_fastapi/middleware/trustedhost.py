"""Starlette's check of the `Host` header, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.trustedhost import TrustedHostMiddleware

__all__ = ["TrustedHostMiddleware"]
