"""Falcon's names for ASGI servers."""

from __future__ import annotations

from ..body_stream import BoundedStream
from ..options import WebSocketOptions
from ..streaming import SSEvent
from ..websocket import WebSocket
from .app import App
from .request import Request
from .response import Response

__all__ = ["App", "BoundedStream", "Request", "Response", "SSEvent", "WebSocket", "WebSocketOptions"]
