"""Bodies that are sent piece by piece: server-sent events, iterables and files."""

from __future__ import annotations

import inspect
from typing import Any, Optional

from fenrir_core import ServerSentEvent

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
        self.data, self.text, self.json = data, text, json
        self.event, self.event_id, self.retry, self.comment = event, event_id, retry, comment

    def to_kernel(self) -> ServerSentEvent:
        """Return the kernel's event."""
        payload = self.data if self.data is not None else self.text if self.text is not None else self.json
        return ServerSentEvent(payload, self.event, self.event_id, self.retry, self.comment)


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
    return stream


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
