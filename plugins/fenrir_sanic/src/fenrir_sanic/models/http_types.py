"""Values of requests."""

from __future__ import annotations

from ..request.content import Credentials

__all__ = ("Credentials",)
