"""Helpers of responses, at the place where Falcon has them."""

from __future__ import annotations

from .streaming import chunks

__all__ = ["chunks"]
