"""Starlette's static files, at FastAPI's import path."""

from __future__ import annotations

from .starlette.staticfiles import StaticFiles

__all__ = ["StaticFiles"]
