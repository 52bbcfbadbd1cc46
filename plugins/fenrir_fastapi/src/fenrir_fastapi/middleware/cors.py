"""Starlette's CORS middleware, at FastAPI's import path."""

from __future__ import annotations

from ..starlette.middleware.cors import CORSMiddleware

__all__ = ["CORSMiddleware"]
