"""Types for annotations in Falcon's apps."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, Optional

from .media.base import BaseHandler

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


class ReadableIO:
    """The interface of what media handlers read from."""

    def read(self, n: Optional[int] = None, /) -> bytes:
        """Read up to `n` bytes."""
        raise NotImplementedError()


class AsyncReadableIO:
    """The interface of what asynchronous media handlers read from."""

    async def read(self, n: Optional[int] = None, /) -> bytes:
        """Read up to `n` bytes."""
        raise NotImplementedError()
