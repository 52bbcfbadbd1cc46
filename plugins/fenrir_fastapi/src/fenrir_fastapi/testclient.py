"""Starlette's test client, at FastAPI's import path."""

from __future__ import annotations

from .starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession

__all__ = ["TestClient", "WebSocketDenialResponse", "WebSocketTestSession"]
