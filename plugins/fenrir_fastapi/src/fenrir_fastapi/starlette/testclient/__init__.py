"""Starlette's test client: synchronous requests, WebSockets and the app's lifespan, on httpx."""

from __future__ import annotations

try:
    import httpx  # noqa: F401
except ImportError as error:  # pragma: no cover - what the message says
    raise ImportError("The test client needs httpx: install it with `pip install httpx`.") from error

from .client import TestClient
from .driving import ASGI2App, ASGI3App, ASGIInstance
from .websocket import WebSocketDenialResponse, WebSocketTestSession

__all__ = ["ASGI2App", "ASGI3App", "ASGIInstance", "TestClient", "WebSocketDenialResponse", "WebSocketTestSession"]
