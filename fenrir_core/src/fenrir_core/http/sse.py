"""Server-sent events over any (async) iterable.

Source: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional

from .json import dumps
from .response import Background, HeadersInit
from .streaming import Chunks, StreamingResponse


@dataclass(frozen=True)
class ServerSentEvent:
    """One event.

    Args:
        data: The payload: str as it is, bytes as UTF-8, any other value as JSON. It is sent as one
            ``data:`` line for each of its lines.
        event: The event's name; ``message`` for a browser when there is none.
        id: What the browser sends as `Last-Event-ID` when it reconnects.
        retry: Milliseconds after which the browser reconnects.
        comment: A comment line, which clients ignore.

    Raises:
        ValueError: `event` or `id` contains a line break or NUL.
    """

    data: Any = None
    event: Optional[str] = None
    id: Optional[str] = None
    retry: Optional[int] = None
    comment: Optional[str] = None

    def __post_init__(self) -> None:
        for name in ("event", "id"):
            value = getattr(self, name)
            if value is not None and any(character in "\r\n\0" for character in value):
                raise ValueError(f"The {name} of a server-sent event can't contain line breaks or NUL: {value!r}")

    def encode(self) -> bytes:
        """Return the event as it is sent, with the empty line that ends it."""
        lines: List[str] = []
        if self.comment is not None:
            lines += [f": {line}" for line in _lines(self.comment)]
        if self.event is not None:
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry is not None:
            lines.append(f"retry: {int(self.retry)}")
        if self.data is not None:
            lines += [f"data: {line}" for line in _lines(_text(self.data))]
        return ("\n".join(lines) + "\n\n").encode()


class EventSourceResponse(StreamingResponse):
    """A response that is a stream of server-sent events.

    Items are `ServerSentEvent`s; any other item becomes the `data` of one. When the iterable
    raises after the headers were sent, an event named ``error`` is sent before the response
    is cut off; no error details are sent.

    Args:
        content: A sync or async iterable of events.
        status: As in `Response`.
        headers: As in `Response`.
        heartbeat: Seconds without an event after which a comment is sent, so that proxies do not
            close the connection; None for never.
        background: As in `Response`.
    """

    media_type = "text/event-stream"
    heartbeat_chunk = b": keep-alive\n\n"
    resumes = True

    def __init__(
        self,
        content: Chunks,
        status: int = 200,
        headers: HeadersInit = None,
        heartbeat: Optional[float] = 15.0,
        background: Optional[Background] = None,
    ) -> None:
        super().__init__(content, status, headers, None, background)
        self.heartbeat = heartbeat
        self.headers.setdefault("cache-control", "no-cache")
        self.headers.setdefault("x-accel-buffering", "no")

    def encode(self, item: Any) -> bytes:
        """Return one item as the bytes of an event."""
        return (item if isinstance(item, ServerSentEvent) else ServerSentEvent(item)).encode()

    def last_chunk(self, error: BaseException) -> Optional[bytes]:
        """Return the ``error`` event that precedes the cut."""
        return ServerSentEvent("The stream failed on the server.", event="error").encode()


def _lines(text: str) -> List[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _text(data: Any) -> str:
    if isinstance(data, str):
        return data
    return (data if isinstance(data, bytes) else dumps(data)).decode()
