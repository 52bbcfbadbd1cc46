"""Starlette's check of the `Host` header, at FastAPI's import path.

Names that are imported `as` themselves are here because code takes them from Starlette's module, which imports them.
"""

from __future__ import annotations

from ..starlette.middleware.trustedhost import TrustedHostMiddleware
from ..starlette.types import ASGIApp as ASGIApp
from ..starlette.types import Message as Message
from ..starlette.types import Receive as Receive
from ..starlette.types import Scope as Scope
from ..starlette.types import Send as Send

__all__ = ["TrustedHostMiddleware"]
