"""Starlette's status codes, at FastAPI's import path."""

from __future__ import annotations

from .starlette.status import *  # noqa: F403
