"""The client's side of a WebSocket."""

from __future__ import annotations

import json
import math
from contextlib import ExitStack
from types import TracebackType
from typing import Any, List, Optional, Sequence, Tuple, Type

import anyio
import httpx

from fenrir_core import WebSocketDisconnect
from fenrir_core.authoring import ASGIApp, Message

from ..types import Values
from .driving import PortalFactory


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):  # type: ignore[misc]  # __setstate__
    """The HTTP response with which the app refused a WebSocket."""


class WebSocketTestSession:
    """The client's side of a WebSocket; a context manager that closes it at the end.

    Args:
        app: The app.
        scope: The ASGI scope of the connection.
        portal_factory: Returns the block in which its event loop runs.
        errors: Collects the app's unhandled errors.

    Attributes:
        accepted_subprotocol, extra_headers: The subprotocol and headers of the app's accept.
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        scope: Values,
        portal_factory: PortalFactory,
        errors: Sequence[BaseException] = (),
    ) -> None:
        self.app, self.scope, self.portal_factory, self._errors = app, scope, portal_factory, errors
        self.accepted_subprotocol: Optional[str] = None
        self.extra_headers: Optional[List[Tuple[bytes, bytes]]] = None

    def __enter__(self) -> WebSocketTestSession:
        with ExitStack() as stack:
            self.portal = stack.enter_context(self.portal_factory())
            done, scope = self.portal.start_task(self._run)
            stack.callback(done.result)
            stack.callback(self.portal.call, scope.cancel)
            self.send({"type": "websocket.connect"})
            message = self.receive()
            self._raise_on_close(message)
            self.accepted_subprotocol = message.get("subprotocol")
            self.extra_headers = message.get("headers")
            stack.callback(self._leave)
            self._exits = stack.pop_all()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._exits.close()
        if self._errors:
            raise self._errors[0]

    def _leave(self) -> None:
        self.close(1000)
        self.portal.call(self._wait_for_end)

    async def _wait_for_end(self) -> None:
        # an app that waits for the client's close gets the time to see it; one that never ends is cancelled
        with anyio.move_on_after(5):
            await self._ended.wait()

    async def _run(self, *, task_status: Any) -> None:
        """Run the app, and keep its messages until they are asked for."""
        from_app: Any = anyio.create_memory_object_stream(math.inf)
        to_app: Any = anyio.create_memory_object_stream(math.inf)
        self._ended = anyio.Event()
        with from_app[0], from_app[1], to_app[0], to_app[1], anyio.CancelScope() as scope:
            self._to_app, self._from_app = to_app[0], from_app[1]
            task_status.started(scope)
            try:
                await self.app(self.scope, to_app[1].receive, from_app[0].send)
            finally:
                self._ended.set()
            if self._errors:
                raise self._errors[0]
            await anyio.sleep_forever()

    def _raise_on_close(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")
        if message["type"] == "websocket.http.response.start":
            status, headers, body, more = message["status"], message["headers"], b"", True
            while more:
                part = self.receive()
                assert part["type"] == "websocket.http.response.body"
                body += part.get("body", b"")
                more = part.get("more_body", False)
            raise WebSocketDenialResponse(status, headers=headers, content=body)

    def send(self, message: Message) -> None:
        """Send an ASGI message to the app."""
        self.portal.call(self._to_app.send, message)

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
        """Return the app's next ASGI message; the error that the app raised is raised here."""
        message: Message = self.portal.call(self._from_app.receive)
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
