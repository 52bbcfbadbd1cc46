"""Starlette's background tasks, at FastAPI's import path."""

from __future__ import annotations

from .starlette.background import (
    BackgroundTask,
    BackgroundTasks,
)

__all__ = [
    "BackgroundTask",
    "BackgroundTasks",
]
