"""Starlette's class-based endpoints; `starlette.endpoints` of code that moves here."""

from __future__ import annotations

from .starlette.endpoints import HTTPEndpoint, WebSocketEndpoint

__all__ = ["HTTPEndpoint", "WebSocketEndpoint"]
