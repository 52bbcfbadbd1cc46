"""Starlette's authentication middleware; `starlette.middleware.authentication` of code that moves here."""

from __future__ import annotations

from ..starlette.middleware.authentication import AuthenticationMiddleware

__all__ = ["AuthenticationMiddleware"]
