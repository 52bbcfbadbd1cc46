"""One ASGI conversation in process: what an app sends, message by message."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Dict, Iterator, Optional, Union

from .._types import ASGIApp, Message
from ..exceptions import FenrirError, NoRequest
from ..http.connection import Connection, current
from ..http.headers import Headers
from ..http.json import loads
from ..http.websocket import WebSocketDisconnect


class Refused(FenrirError):
    """Say that the app refused a WebSocket; `answer` is what it answered (403 for a bare close)."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"The WebSocket was refused with {answer.status}.")
        self.answer = answer


@dataclass
class Answer:
    """A whole answer: its status, its headers (case-insensitive, repeats kept), its body."""

    status: int
    headers: Headers
    body: bytes = b""
    #: The connection that the app made of the request; None for an app or a route that makes none.
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
        """Make the request current once more, so that `request`, `g` and their kin tell what it left behind.

        Raises:
            NoRequest: The route needed no context, so that there is none to look at.
        """
        if self.connection is None:
            raise NoRequest("The context of this answer")
        token = current.set(self.connection)
        try:
            yield self.connection
        finally:
            current.reset(token)


class Talk:
    """One ASGI conversation: the app runs in a task of its own and is waited for with patience."""

    def __init__(self, app: ASGIApp, scope: Dict[str, Any], patience: float) -> None:
        self.patience, self.gone = patience, False
        self.connection: Optional[Connection] = None
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        # one place only: an app that streams is held back until its message was taken
        self.outbox: asyncio.Queue[Message] = asyncio.Queue(1)
        self.task = asyncio.ensure_future(app(scope, self.inbox.get, self._send))

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.connection = current.get(None)  # the app's own: this runs in its task
        if self.gone:  # ASGI: sending to a client that left does nothing
            await asyncio.sleep(0)
        else:
            await self.outbox.put(message)

    async def next(self) -> Message:
        """Return the app's next message; its own exception if it raised instead."""
        getting = asyncio.ensure_future(self.outbox.get())
        try:
            await asyncio.wait({getting, self.task}, timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                await asyncio.sleep(0)  # what was put just before the end is there after one more turn
            if getting.done():
                return getting.result()
        finally:
            getting.cancel()
        if not self.task.done():
            raise TimeoutError(f"The app sent nothing for {self.patience} s.")
        self.task.result()
        raise AssertionError("The app returned in the middle of its answer.")

    async def leave(self, message: Message) -> None:
        """Go away with `message`, then wait until the app has noticed and ended."""
        self.gone = True
        self.inbox.put_nowait(message)
        while not self.outbox.empty():
            self.outbox.get_nowait()
        await self.end()

    async def end(self) -> None:
        """Wait until the app has ended; raise what it raised."""
        await asyncio.wait({self.task}, timeout=self.patience)
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
            raise TimeoutError(f"The app did not end for {self.patience} s.")
        self.task.result()


class Stream:
    """An answer that is read as it comes: iterate it for its chunks (bytes, never empty).

    A chunk is taken from the app only when it is asked for.
    """

    def __init__(self, talk: Talk, start: Message) -> None:
        self.status: int = start["status"]
        self.headers = Headers(raw=start["headers"])
        self.connection = talk.connection
        self._talk = talk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate the chunks; what the app raises in the middle is raised here."""
        more = not self._talk.gone
        while more:
            message = await self._talk.next()
            more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]
        await self._talk.end()

    async def disconnect(self) -> None:
        """Leave in the middle, and wait until the app has ended."""
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
            WebSocketDisconnect: The app closed the connection; it has the code and the reason.
        """
        message = await self._talk.next()
        if message["type"] == "websocket.close":
            self._talk.gone = True
            await self._talk.end()
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")
        return message["bytes"] if message.get("text") is None else message["text"]  # type: ignore[no-any-return]

    async def close(self, code: int = 1000) -> None:
        """Close the connection, and wait until the app has ended; a second call does nothing."""
        if not self._talk.gone:
            await self._talk.leave({"type": "websocket.disconnect", "code": code, "reason": ""})
