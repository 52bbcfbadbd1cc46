"""Starlette's WebSockets, at FastAPI's import path.

Names that are imported `as` themselves are here because code takes them from Starlette's module, which imports them.
"""

from __future__ import annotations

from .starlette.requests import HTTPConnection as HTTPConnection
from .starlette.responses import Response as Response
from .starlette.types import Message as Message
from .starlette.types import Receive as Receive
from .starlette.types import Scope as Scope
from .starlette.types import Send as Send
from .starlette.websockets import (
    WebSocket,
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

__all__ = [
    "WebSocket",
    "WebSocketClose",
    "WebSocketDisconnect",
    "WebSocketDisconnected",
    "WebSocketState",
]
