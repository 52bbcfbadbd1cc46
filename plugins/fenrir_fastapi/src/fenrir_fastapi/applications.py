"""The application class, at FastAPI's import path."""

from __future__ import annotations

from .app import FastAPI

__all__ = ["FastAPI"]
