"""Falcon's names for ASGI: the same classes as in `fenrir_falcon`, which is ASGI only."""

from __future__ import annotations

from ..app import App
from ..body_stream import BodyStream as BoundedStream
from ..request import Request
from ..response import Response
from ..streaming import SSEvent
from ..websocket import WebSocket

__all__ = ["App", "BoundedStream", "Request", "Response", "SSEvent", "WebSocket"]
