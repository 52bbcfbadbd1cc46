"""The client's side of a WebSocket."""

from __future__ import annotations

import asyncio
import json
import queue
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Dict, List, Optional, Tuple, Type, Union

import httpx

from fenrir_core import FenrirError, WebSocketDisconnect
from fenrir_core.authoring import Message

from .event_loop import Driver


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):  # type: ignore[misc]  # __setstate__
    """The HTTP response with which the app refused a WebSocket."""


class WebSocketTestSession:
    """The client's side of a WebSocket; a context manager that closes it at the end.

    Attributes:
        scope: The ASGI scope of the connection.
        accepted_subprotocol, extra_headers: The subprotocol and headers of the app's accept.
    """

    __test__ = False

    def __init__(self, client: Driver, scope: Dict[str, Any], errors: List[BaseException]) -> None:
        self.scope, self._errors = scope, errors
        self.accepted_subprotocol: Optional[str] = None
        self.extra_headers: Optional[List[Tuple[bytes, bytes]]] = None
        self._client = client
        self._outbox: queue.Queue[Union[Message, BaseException, None]] = queue.Queue()
        self._inbox: Any = None
        self._loop: Any = None
        self._owns_loop = False

    def __enter__(self) -> WebSocketTestSession:
        self._loop, self._owns_loop = self._client.event_loop()
        try:
            ready: Future[None] = Future()
            self._done = self._loop.start(self._run(ready))
            ready.result()
            self.send({"type": "websocket.connect"})
            message = self.receive()
            self._check_accepted(message)
        except BaseException:
            self._end()
            raise
        self.accepted_subprotocol = message.get("subprotocol")
        self.extra_headers = message.get("headers")
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close(1000)
        self._end()
        while True:
            message = self._outbox.get()
            if message is None:
                return
            if isinstance(message, BaseException):
                raise message

    async def _run(self, ready: Future[None]) -> None:
        self._inbox = asyncio.Queue()
        ready.set_result(None)

        async def send(message: Message) -> None:
            self._outbox.put(message)

        try:
            await self._client.app(self.scope, self._inbox.get, send)
        except Exception as error:
            self._outbox.put(error)
        else:
            if self._errors:
                self._outbox.put(self._errors[0])
        finally:
            self._outbox.put(None)

    def _end(self) -> None:
        try:
            self._done.result(timeout=10)
        finally:
            if self._owns_loop:
                self._loop.close()

    def _check_accepted(self, message: Message) -> None:
        self._raise_on_close(message)
        if message["type"] == "websocket.http.response.start":
            status, headers, body = message["status"], message["headers"], b""
            more = True
            while more:
                part = self.receive()
                body += part.get("body", b"")
                more = part.get("more_body", False)
            raise WebSocketDenialResponse(status, headers=headers, content=body)

    def _raise_on_close(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")

    def send(self, message: Message) -> None:
        """Send an ASGI message to the app."""
        self._loop.loop.call_soon_threadsafe(self._inbox.put_nowait, message)

    def send_text(self, data: str) -> None:
        """Send a text message."""
        self.send({"type": "websocket.receive", "text": data})

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self.send({"type": "websocket.receive", "bytes": data})

    def send_json(self, data: Any, mode: str = "text") -> None:
        """Send a value as JSON, in a text or binary message."""
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        if mode == "text":
            self.send_text(text)
        else:
            self.send_bytes(text.encode())

    def close(self, code: int = 1000, reason: Optional[str] = None) -> None:
        """Close the connection."""
        self.send({"type": "websocket.disconnect", "code": code, "reason": reason or ""})

    def receive(self) -> Message:
        """Return the app's next ASGI message.

        Raises:
            FenrirError: The app returned.
            Exception: The error that the app raised.
        """
        message = self._outbox.get()
        if message is None:
            self._outbox.put(None)
            raise FenrirError("The app ended the WebSocket without closing it.")
        if isinstance(message, BaseException):
            raise message
        return message

    def receive_text(self) -> str:
        """Receive a text message.

        Raises:
            WebSocketDisconnect: The app closed the connection.
        """
        text: str = self._receive_data()["text"]
        return text

    def receive_bytes(self) -> bytes:
        """Receive a binary message; raises as `receive_text`."""
        data: bytes = self._receive_data()["bytes"]
        return data

    def receive_json(self, mode: str = "text") -> Any:
        """Receive a JSON message; raises as `receive_text`."""
        message = self._receive_data()
        return json.loads(message["text"] if mode == "text" else message["bytes"])

    def _receive_data(self) -> Message:
        message = self.receive()
        self._raise_on_close(message)
        return message
