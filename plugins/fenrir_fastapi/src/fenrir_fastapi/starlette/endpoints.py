"""Class-based endpoints: one method for each HTTP method, or for each event of a WebSocket."""

from __future__ import annotations

from typing import Any, Generator, Optional

from fenrir_core import WebSocketDisconnect
from fenrir_core.authoring import Message, Receive, Scope, Send

from .concurrency import call_either
from .exceptions import HTTPException
from .requests import Request
from .responses import PlainTextResponse
from .websockets import WebSocket, loads_message

__all__ = ["HTTPEndpoint", "WebSocketEndpoint"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")


class _WrongMessage(WebSocketDisconnect, RuntimeError):
    """A message that does not fit, for which the connection was closed; Starlette raises RuntimeError."""


class HTTPEndpoint:
    """An endpoint whose methods `get`, `post`, … serve the HTTP methods of these names."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        self.scope, self.receive, self.send = scope, receive, send
        self._allowed_methods = [
            method
            for method in _METHODS
            if hasattr(self, method.lower()) or (method == "HEAD" and hasattr(self, "get"))
        ]

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Call the method for the request and send its response."""
        request = Request(self.scope, self.receive, self.send)
        name = "get" if request.method == "HEAD" and not hasattr(self, "head") else request.method.lower()
        is_allowed = request.method in self._allowed_methods
        response = await call_either(getattr(self, name) if is_allowed else self.method_not_allowed, request)
        await response(self.scope, self.receive, self.send)

    async def method_not_allowed(self, request: Request) -> PlainTextResponse:
        """Return a 405 response; inside of an app, raise `HTTPException` instead."""
        headers = {"Allow": ", ".join(self._allowed_methods)}
        if "app" in self.scope:
            raise HTTPException(405, headers=headers)
        return PlainTextResponse("Method Not Allowed", 405, headers)


class WebSocketEndpoint:
    """A WebSocket endpoint with the methods `on_connect`, `on_receive` and `on_disconnect`.

    Attributes:
        encoding: The type of messages: ``"text"``, ``"bytes"``, ``"json"``, or None for text or bytes.
    """

    encoding: Optional[str] = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        self.scope, self.receive, self.send = scope, receive, send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Serve the connection until it is closed."""
        websocket = WebSocket(self.scope, self.receive, self.send)
        await self.on_connect(websocket)
        code = 1000
        try:
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    code = int(message.get("code") or 1000)
                    break
                await self.on_receive(websocket, await self.decode(websocket, message))
        except Exception:
            code = 1011
            raise
        finally:
            await self.on_disconnect(websocket, code)

    async def decode(self, websocket: WebSocket, message: Message) -> Any:
        """Return a message, decoded as `encoding` says; one that does not fit closes the connection (1003).

        Raises:
            RuntimeError: It does not fit; one that is not logged, for it is the client's mistake.
        """
        text: Optional[str] = message.get("text")
        data: Optional[bytes] = message.get("bytes")
        wrong = ""
        if self.encoding is None:
            return data if text is None else text
        if self.encoding == "json":
            try:
                return loads_message((data or b"") if text is None else text)
            except ValueError:
                wrong = "Malformed JSON data received."
        elif self.encoding == "text":
            wrong = "Expected text websocket messages, but got bytes" if text is None else ""
        else:
            assert self.encoding == "bytes", f"Unsupported 'encoding' attribute {self.encoding}"
            wrong = "Expected bytes websocket messages, but got text" if data is None else ""
        if wrong:
            await websocket.close(1003)
            raise _WrongMessage(1003, wrong)
        return text if self.encoding == "text" else data

    async def on_connect(self, websocket: WebSocket) -> None:
        """Accept the connection."""
        await websocket.accept()

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        """Handle a message."""

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        """Handle the end of the connection."""
