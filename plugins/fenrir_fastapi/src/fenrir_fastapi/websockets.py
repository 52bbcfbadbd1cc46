"""Starlette's WebSockets, at FastAPI's import path."""

from __future__ import annotations

from .starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

__all__ = ["WebSocket", "WebSocketDisconnect", "WebSocketState"]
