"""One ASGI connection in process, message by message."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Dict, Iterator, Optional, Union

from .._types import ANSWERED, ASGIApp, Message
from ..exceptions import FenrirError, NoRequest
from ..http.connection import Connection, current
from ..http.headers import Headers
from ..http.json import loads
from ..http.websocket import WebSocketDisconnect


class Refused(FenrirError):
    """Raised when the app refused a WebSocket; `answer` is its response (403 if it only closed)."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"The WebSocket was refused with {answer.status}.")
        self.answer = answer


@dataclass
class Answer:
    """A complete response: its status, its headers (case-insensitive, repeats kept), its body."""

    status: int
    headers: Headers
    body: bytes = b""
    #: The connection that the app made for the request; None for an app or a route that makes none.
    connection: Optional[Connection] = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode()

    def json(self) -> Any:
        """Read the body as JSON."""
        return loads(self.body)

    @contextmanager
    def context(self) -> Iterator[Connection]:
        """Make the request current again, so that `request`, `g` and the like show its state after the response.

        Raises:
            NoRequest: The route needed no context, so that there is none.
        """
        if self.connection is None:
            raise NoRequest("The context of this response")
        token = current.set(self.connection)
        try:
            yield self.connection
        finally:
            current.reset(token)


class Talk:
    """One ASGI connection; the app runs in a task of its own, and each wait for it has a time limit."""

    def __init__(self, app: ASGIApp, scope: Dict[str, Any], patience: float) -> None:
        self.patience, self.gone = patience, False
        self.connection: Optional[Connection] = None
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        # of size one: an app that streams waits until its message was taken
        self.outbox: asyncio.Queue[Message] = asyncio.Queue(1)
        self.task = asyncio.ensure_future(app(scope, self.inbox.get, self._send))

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.connection = current.get(None)  # the app's own: this runs in its task
        if self.gone:  # ASGI: sending to a client that has disconnected does nothing
            await asyncio.sleep(0)
        else:
            await self.outbox.put(message)

    async def next(self) -> Message:
        """Return the app's next message; raise the app's exception if it raised instead."""
        getting = asyncio.ensure_future(self.outbox.get())
        try:
            await asyncio.wait({getting, self.task}, timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                await asyncio.sleep(0)  # what was put just before the end arrives one turn later
            if getting.done():
                return getting.result()
        finally:
            getting.cancel()
        if not self.task.done():
            raise TimeoutError(f"The app sent nothing for {self.patience} s.")
        self.task.result()
        raise AssertionError("The app returned before its response was complete.")

    async def leave(self, message: Message) -> None:
        """Disconnect with `message`, then wait until the app has ended."""
        self.gone = True
        self.inbox.put_nowait(message)
        while not self.outbox.empty():
            self.outbox.get_nowait()
        await self.end()

    async def end(self) -> None:
        """Wait until the app has ended; raise its exception if it raised."""
        await asyncio.wait({self.task}, timeout=self.patience)
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
            raise TimeoutError(f"The app did not end within {self.patience} s.")
        error = self.task.exception()
        if error is not None and not getattr(error, ANSWERED, False):  # the client raises an answered one, if it may
            raise error


class Stream:
    """A response that is read as it arrives: iterate it for its chunks (bytes, never empty).

    A chunk is taken from the app only when it is read.
    """

    def __init__(self, talk: Talk, start: Message) -> None:
        self.status: int = start["status"]
        self.headers = Headers(raw=start["headers"])
        self.connection = talk.connection
        self._talk = talk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate the chunks; an exception that the app raises in between is raised here."""
        more = not self._talk.gone
        while more:
            message = await self._talk.next()
            more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]
        await self._talk.end()

    async def disconnect(self) -> None:
        """Disconnect before the end, and wait until the app has ended."""
        await self._talk.leave({"type": "http.disconnect"})


class Session:
    """The client's end of an open WebSocket."""

    def __init__(self, talk: Talk, accepted: Message) -> None:
        self.subprotocol: Optional[str] = accepted.get("subprotocol")
        self.headers = Headers(raw=accepted.get("headers") or [])
        self._talk = talk

    async def send(self, data: Union[str, bytes]) -> None:
        """Send a text or binary message."""
        kind = "text" if isinstance(data, str) else "bytes"
        await self._talk.inbox.put({"type": "websocket.receive", kind: data})

    async def receive(self) -> Union[str, bytes]:
        """Receive the next message.

        Raises:
            WebSocketDisconnect: The app closed the connection; the exception has its code and reason.
        """
        message = await self._talk.next()
        if message["type"] == "websocket.close":
            self._talk.gone = True
            await self._talk.end()
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")
        data: Union[str, bytes] = message["bytes"] if message.get("text") is None else message["text"]
        return data

    async def close(self, code: int = 1000) -> None:
        """Close the connection, and wait until the app has ended; a second call does nothing."""
        if not self._talk.gone:
            await self._talk.leave({"type": "websocket.disconnect", "code": code, "reason": ""})
