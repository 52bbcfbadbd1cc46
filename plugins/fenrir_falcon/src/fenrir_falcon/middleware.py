"""Falcon's own middleware components."""

from __future__ import annotations

from .cors import CORSMiddleware

__all__ = ["CORSMiddleware"]
