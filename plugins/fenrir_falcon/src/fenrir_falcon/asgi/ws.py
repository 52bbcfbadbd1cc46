"""WebSockets, and their options."""

from __future__ import annotations

from ..options import WebSocketOptions
from ..websocket import WebSocket

__all__ = ["WebSocket", "WebSocketOptions"]
