"""Starlette's status codes, at FastAPI's import path."""

from __future__ import annotations

from .starlette.status import *  # noqa: F403
from .starlette.status import __dir__, __getattr__  # noqa: F401
