"""Starlette's session middleware; `starlette.middleware.sessions` of code that moves here."""

from __future__ import annotations

from ..starlette.middleware.sessions import SessionMiddleware

__all__ = ["SessionMiddleware"]
