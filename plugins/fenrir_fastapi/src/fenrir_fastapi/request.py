"""The request classes of the paradigm: facades of the kernel's connections."""

from __future__ import annotations

from typing import Any, Union

from .starlette.requests import HTTPConnection, Request
from .starlette.websockets import WebSocket

__all__ = ["HTTPConnection", "Request", "WebSocket", "facade_of"]


def facade_of(connection: Any) -> Union[Request, WebSocket]:
    """Return the `Request` or `WebSocket` of a kernel's connection; the same object each time."""
    found: Union[Request, WebSocket] = connection.facade(Request if connection.scope["type"] == "http" else WebSocket)
    return found
