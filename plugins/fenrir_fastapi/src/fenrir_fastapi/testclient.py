"""Starlette's test client, at FastAPI's import path."""

from __future__ import annotations

from .starlette.testclient import (
    ASGI2App,
    ASGI3App,
    ASGIInstance,
    TestClient,
    WebSocketDenialResponse,
    WebSocketTestSession,
)

__all__ = ["ASGI2App", "ASGI3App", "ASGIInstance", "TestClient", "WebSocketDenialResponse", "WebSocketTestSession"]
