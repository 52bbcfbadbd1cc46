"""The application classes, at FastAPI's and Starlette's import path."""

from __future__ import annotations

from .app import FastAPI
from .starlette.applications import Starlette

__all__ = ["FastAPI", "Starlette"]
