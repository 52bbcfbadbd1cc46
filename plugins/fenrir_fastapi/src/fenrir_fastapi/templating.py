"""Starlette's templates, at FastAPI's import path."""

from __future__ import annotations

from .starlette.templating import Jinja2Templates

__all__ = ["Jinja2Templates"]
