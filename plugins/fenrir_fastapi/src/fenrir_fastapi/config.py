"""Starlette's settings, at FastAPI's import path."""

from __future__ import annotations

from .starlette.config import (
    Config,
    Environ,
    EnvironError,
    environ,
    undefined,
)

__all__ = [
    "Config",
    "Environ",
    "EnvironError",
    "environ",
    "undefined",
]
