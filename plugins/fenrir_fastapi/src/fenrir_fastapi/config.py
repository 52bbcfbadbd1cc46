"""Starlette's configuration; `starlette.config` of code that moves here."""

from __future__ import annotations

from .starlette.config import Config, environ

__all__ = ["Config", "environ"]
