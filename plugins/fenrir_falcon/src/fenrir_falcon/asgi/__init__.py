"""Falcon's asynchronous names: the same classes as in `fenrir_falcon`, which serves ASGI throughout."""

from __future__ import annotations

from ..app import App
from ..request import BodyStream as BoundedStream
from ..request import Request
from ..response import Response, SSEvent
from ..websocket import WebSocket

__all__ = ["App", "BoundedStream", "Request", "Response", "SSEvent", "WebSocket"]
