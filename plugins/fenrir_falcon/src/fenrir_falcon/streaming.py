"""Bodies that are sent piece by piece: server-sent events, iterables and files."""

from __future__ import annotations

import inspect
from typing import Any, Optional

from fenrir_core import ServerSentEvent
from fenrir_core.authoring import dumps

#: The most bytes that are read from a file at once.
_CHUNK = 65536


class SSEvent:
    """One server-sent event.

    Of `data`, `text` and `json` the first that is set is the event's data.

    Args:
        data: The data as bytes in UTF-8.
        text: The data as text.
        json: The data as a value that is written as JSON.
        event: The event's type.
        event_id: The value of `Last-Event-ID` when the client reconnects.
        retry: Milliseconds that the client waits before it reconnects.
        comment: Text that clients ignore.
    """

    data: Optional[bytes]
    text: Optional[str]
    json: Any
    event: Optional[str]
    event_id: Optional[str]
    retry: Optional[int]
    comment: Optional[str]

    def __init__(
        self,
        data: Optional[bytes] = None,
        text: Optional[str] = None,
        json: Any = None,
        event: Optional[str] = None,
        event_id: Optional[str] = None,
        retry: Optional[int] = None,
        comment: Optional[str] = None,
    ) -> None:
        _check(data, text, event, event_id, retry, comment)
        self.data, self.text, self.json = data, text, json
        self.event, self.event_id, self.retry, self.comment = event, event_id, retry, comment

    def serialize(self, handler: Any = None) -> bytes:
        """Return the event as it is sent.

        Args:
            handler: The media handler that writes `json`; the kernel's JSON by default.
        """
        lines = [f": {self.comment}"] if self.comment is not None else []
        lines += [f"event: {self.event}"] if self.event is not None else []
        lines += [f"id: {self.event_id}"] if self.event_id is not None else []
        lines += [f"retry: {self.retry}"] if self.retry is not None else []
        if self.data is not None:
            lines.append(f"data: {self.data.decode()}")
        elif self.text is not None:
            lines.append(f"data: {self.text}")
        elif self.json is not None:
            body = dumps(self.json) if handler is None else handler.serialize(self.json, "application/json")
            lines.append(f"data: {bytes(body).decode()}")
        return ("\n".join(lines or [": "]) + "\n\n").encode()

    def to_kernel(self) -> ServerSentEvent:
        """Return the kernel's event."""
        payload = self.data if self.data is not None else self.text if self.text is not None else self.json
        return ServerSentEvent(payload, self.event, self.event_id, self.retry, self.comment)


def _check(data: object, text: object, event: object, event_id: object, retry: object, comment: object) -> None:
    if data is not None and not isinstance(data, bytes):
        raise TypeError("data must be bytes: pass text as `text`")
    for name, value in (("text", text), ("event", event), ("event_id", event_id), ("comment", comment)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} must be a str")
    if retry is not None and not isinstance(retry, int):
        raise TypeError("retry must be an int, in milliseconds")


async def events(source: Any) -> Any:
    """Iterate the kernel's events of an async iterable of `SSEvent`; None is sent as a ping."""
    async for item in source:
        if item is None:
            yield ServerSentEvent(comment="ping")
        else:
            yield item.to_kernel() if isinstance(item, SSEvent) else item


def chunks(stream: Any) -> Any:
    """Return the chunks of a stream: an iterable, asynchronous or not, or a file, which is closed at its end."""
    if hasattr(stream, "read"):
        if inspect.iscoroutinefunction(stream.read):
            return _read_async_file(stream)
        return _read_file(stream)
    if hasattr(stream, "close") and not hasattr(stream, "throw") and not hasattr(stream, "aclose"):
        return _iterate_and_close(stream) if hasattr(stream, "__aiter__") else stream
    return stream


async def _iterate_and_close(stream: Any) -> Any:
    try:
        async for chunk in stream:
            yield chunk
    finally:
        closed = stream.close()
        if inspect.isawaitable(closed):
            await closed


def _read_file(file: Any) -> Any:
    try:
        while True:
            chunk = file.read(_CHUNK)
            if not chunk:
                return
            yield chunk
    finally:
        close = getattr(file, "close", None)
        if close is not None:
            close()


async def _read_async_file(file: Any) -> Any:
    try:
        while True:
            chunk = await file.read(_CHUNK)
            if not chunk:
                return
            yield chunk
    finally:
        close = getattr(file, "close", None)
        closed = close() if close is not None else None
        if inspect.isawaitable(closed):
            await closed
