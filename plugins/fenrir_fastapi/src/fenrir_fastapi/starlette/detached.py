"""Connections that no app serves, such as those of ASGI middleware and of tests."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, AsyncIterator, Awaitable, Callable, Optional

from fenrir_core import App, Request, Route, WebSocket
from fenrir_core.authoring import EncodersLike, Limits, Message, Receive


class DetachedRoute:
    """What a connection has as its compiled route when no app has matched one.

    Args:
        app: The app whose settings hold, or None.
    """

    route = Route("", lambda: None)
    max_body: Optional[int] = None
    limits = Limits(max_body=None)
    form_limits = limits.form
    encoders: Optional[EncodersLike] = None
    media_types: Any = None

    def __init__(self, app: Any = None) -> None:
        self.app = app
        if app is not None:
            self.encoders = app.encoders if app.encoders.by_type else None


@lru_cache(maxsize=None)
def stand_in() -> App:
    """Return the app of responses that are sent where there is none; made once, since that reads entry points.

    It has no state but a pool of threads, so all of a process's responses can share it.
    """
    return App(paradigms=(), autoload=False)


class DetachedRequest(Request):
    """An HTTP request that was made of an ASGI scope by the app's author, as Starlette reads it.

    Several readers may share its stream, and none reads what another one has read.
    """

    _size = 0
    #: Whether the client is known to have disconnected.
    is_gone = False
    _is_passed_on = _is_told = False

    async def stream(self) -> AsyncIterator[bytes]:
        """Iterate the body as it arrives; the last chunk is empty.

        Raises:
            ClientDisconnect: The client disconnected before the end.
            RuntimeError: The body was read already, and not kept.
        """
        if self._body is not None:
            yield self._body
            yield b""
            return
        if self.body_complete:
            raise RuntimeError("Stream consumed")
        while not self.is_complete():
            chunk = self._chunk_of(await self.receive(), self._size)
            self._size += len(chunk)
            if chunk:
                yield chunk
        yield b""

    def is_complete(self) -> bool:
        """Return whether all of the body was received, by whichever reader."""
        return self.body_complete

    async def body(self) -> bytes:
        """Read the whole body and keep it; raises as `stream`."""
        if self._body is None:
            self._body = b"".join([chunk async for chunk in self.stream()])
        return self._body

    async def pass_on(self, then: Callable[[Receive], Awaitable[Message]]) -> Message:
        """Return the next message for an app that is called with this request after its author has read it or not.

        A body that was read and kept comes again, one that was streamed is empty.

        Args:
            then: Called with `receive` to receive what follows the body: the disconnect.
        """
        if self._is_passed_on and self.is_gone:
            self._is_told = True
        if self._is_told:
            return {"type": "http.disconnect"}
        if self._is_passed_on:
            message = await then(self.receive)
            self.is_gone = self._is_told = message["type"] == "http.disconnect"
            return message
        if self._body is not None or self.body_complete:
            self._is_passed_on = True
            return {"type": "http.request", "body": self._body or b"", "more_body": False}
        message = await self.receive()
        if message["type"] == "http.disconnect":
            self.is_gone = self._is_told = True
        else:
            self._is_passed_on = self.body_complete = not message.get("more_body", False)
        return message


class DetachedWebSocket(WebSocket):
    """A WebSocket that was made of an ASGI scope by the app's author."""
