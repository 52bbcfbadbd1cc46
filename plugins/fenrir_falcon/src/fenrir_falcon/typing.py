"""Types for annotations in Falcon's apps."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict

from .media.base import AsyncReadableIO, BaseHandler, ReadableIO

__all__ = [
    "AsyncReadableIO",
    "ReadableIO",
    "AsgiReceive",
    "AsgiResponderMethod",
    "AsgiSend",
    "BaseHandler",
    "ErrorHandler",
    "Resource",
    "ResponderMethod",
]

#: Any object with responders.
Resource = object
ResponderMethod = Callable[..., None]
AsgiResponderMethod = Callable[..., Awaitable[None]]
ErrorHandler = Callable[..., Any]
AsgiReceive = Callable[[], Awaitable[Dict[str, Any]]]
AsgiSend = Callable[[Dict[str, Any]], Awaitable[None]]
