"""The two sides of an ASGI server in a test: the events that an app receives, and those that it sends."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any, Dict, List, Optional, Tuple, Union

from fenrir_core.authoring import Message

from ..asgi_spec import EventType

_LIFESPAN_EVENTS = frozenset((
    EventType.LIFESPAN_STARTUP_COMPLETE,
    EventType.LIFESPAN_STARTUP_FAILED,
    EventType.LIFESPAN_SHUTDOWN_COMPLETE,
    EventType.LIFESPAN_SHUTDOWN_FAILED,
))  # fmt: skip
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class ASGILifespanEventEmitter:
    """What a lifespan receives: the start, and the shutdown when the condition is notified."""

    def __init__(self, shutting_down: asyncio.Condition) -> None:
        self._shutting_down = shutting_down
        self._is_started = self._is_stopped = False

    async def emit(self) -> Dict[str, Any]:
        """Return the next event; wait for the shutdown after the start."""
        if not self._is_started:
            self._is_started = True
            return {"type": EventType.LIFESPAN_STARTUP}
        if self._is_stopped:
            await asyncio.sleep(3600)
        self._is_stopped = True
        async with self._shutting_down:
            await self._shutting_down.wait()
        return {"type": EventType.LIFESPAN_SHUTDOWN}

    __call__ = emit


class ASGIRequestEventEmitter:
    """What an app receives of an HTTP request: the body in chunks, then the disconnect.

    Args:
        body: The whole body; text is encoded as UTF-8.
        chunk_size: The most bytes of an event.
        disconnect_at: The time, in seconds since the epoch, when the client disconnects.
    """

    def __init__(
        self,
        body: Union[str, bytes, memoryview, None] = None,
        chunk_size: Optional[int] = None,
        disconnect_at: Optional[float] = None,
    ) -> None:
        if chunk_size is not None and chunk_size < 1:
            raise ValueError("chunk_size must be at least 1")
        if disconnect_at is not None and disconnect_at < 0:
            raise ValueError("disconnect_at must not be negative")
        data = body.encode() if isinstance(body, str) else body
        self._body: Optional[memoryview] = memoryview(data or b"")
        self._chunk_size = chunk_size or 4096
        self._disconnect_at = time.time() + 30 if disconnect_at is None else disconnect_at
        self._is_disconnected = False
        self._is_exhausting = False
        self._turn = 0

    @property
    def disconnected(self) -> bool:
        """Whether the client has disconnected."""
        return self._is_disconnected or time.time() >= self._disconnect_at

    def disconnect(self, exhaust_body: Optional[bool] = None) -> None:
        """Disconnect the client.

        Args:
            exhaust_body: Whether the app receives the rest of the body first.
        """
        self._is_exhausting = bool(exhaust_body)
        if not self._is_exhausting:
            self._body = None
        self._disconnect_at = 0

    async def emit(self) -> Dict[str, Any]:
        """Return the next event; wait until the client disconnects after the last one of the body."""
        if self._body is None or (self.disconnected and not self._is_exhausting):
            while not self.disconnected:  # noqa: ASYNC110 - what is waited for is a time
                await asyncio.sleep(0.001)
            self._is_disconnected = True
            return {"type": EventType.HTTP_DISCONNECT}
        chunk, rest = bytes(self._body[: self._chunk_size]), self._body[self._chunk_size :]
        self._body = rest if len(rest) else None
        self._turn += 1
        event: Dict[str, Any] = {"type": EventType.HTTP_REQUEST}
        # ASGI: both keys may be left out where they have their default, so every other event leaves them out
        if chunk or self._turn % 2:
            event["body"] = chunk
        if len(rest) or self._turn % 2:
            event["more_body"] = bool(len(rest))
        return event

    __call__ = emit


class ASGIResponseEventCollector:
    """What an app sends: the events, and the parts of the response.

    Attributes:
        events: All events in order.
        headers: The response's headers as pairs of text.
        status: The response's status code.
        body_chunks: The parts of the body.
        more_body: Whether more of the body follows.
    """

    def __init__(self) -> None:
        self.events: List[Message] = []
        self.headers: List[Tuple[str, str]] = []
        self.status: Optional[int] = None
        self.body_chunks: List[bytes] = []
        self.more_body: Optional[bool] = None

    async def collect(self, event: Message) -> None:
        """Check an event and keep it.

        Raises:
            TypeError, ValueError: The event is not one that the ASGI specification allows.
        """
        if self.more_body is False:
            return  # ASGI: what follows the end of the body is ignored
        kind = event["type"]
        if not isinstance(kind, str):
            raise TypeError("ASGI event type must be a Unicode string")
        if kind == EventType.HTTP_RESPONSE_START:
            self._start(event)
        elif kind == EventType.HTTP_RESPONSE_BODY:
            if self.status is None:
                raise ValueError("the body was sent before the start of the response")
            chunk = event.get("body", b"")
            if not isinstance(chunk, bytes):
                raise TypeError("ASGI body content must be a byte string")
            self.body_chunks.append(chunk)
            self.more_body = event.get("more_body", False)
            if not isinstance(self.more_body, bool):
                raise TypeError("ASGI more_body flag must be a bool")
        elif kind not in _LIFESPAN_EVENTS:
            raise ValueError(f"Invalid ASGI event type: {kind}")
        self.events.append(event)

    __call__ = collect

    def _start(self, event: Message) -> None:
        for name, value in event.get("headers", ()):
            if not isinstance(name, bytes) or not isinstance(value, bytes):
                raise TypeError("ASGI header names and values must be byte strings")
            if not _NAME.fullmatch(name):
                raise ValueError(f"Invalid header name (must be in lower case): {name!r}")
            if _BAD_VALUE.search(value):
                raise ValueError(f"Invalid header value: {value!r}")
            self.headers.append((name.decode("latin-1"), value.decode("latin-1")))
        status = event["status"]
        if not isinstance(status, int):
            raise TypeError("ASGI status must be an int")
        self.status = status
