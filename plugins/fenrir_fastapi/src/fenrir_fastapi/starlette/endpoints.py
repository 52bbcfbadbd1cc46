"""Class-based endpoints: one method for each HTTP method, or for each event of a WebSocket."""

from __future__ import annotations

import json
from typing import Any, Generator, Optional

from fenrir_core.authoring import ANY_METHODS, Receive, Scope, Send

from .concurrency import call_either
from .exceptions import HTTPException
from .requests import Request
from .responses import PlainTextResponse
from .websockets import WebSocket, WebSocketDisconnect

__all__ = ["HTTPEndpoint", "WebSocketEndpoint"]


class HTTPEndpoint:
    """An endpoint whose methods `get`, `post`, … serve the HTTP methods of these names."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Call the method for the request and send its response."""
        request = Request(self.scope, self.receive, self.send)
        name = "get" if request.method == "HEAD" and not hasattr(self, "head") else request.method.lower()
        handler = getattr(self, name, self.method_not_allowed)
        response = await call_either(handler, request)
        await response(self.scope, self.receive, self.send)

    async def method_not_allowed(self, request: Request) -> Any:
        """Return a 405 response; inside of an app, raise `HTTPException` instead."""
        headers = {"Allow": ", ".join(method for method in ANY_METHODS if hasattr(self, method.lower()))}
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
                await self.on_receive(websocket, await self.decode(websocket))
        except WebSocketDisconnect as gone:
            code = gone.code
        except Exception:
            code = 1011
            raise
        finally:
            await self.on_disconnect(websocket, code)

    async def decode(self, websocket: WebSocket) -> Any:
        """Receive a message, decoded as `encoding` says."""
        if self.encoding == "bytes":
            return await websocket.receive_bytes()
        if self.encoding == "json":
            return json.loads(await websocket.receive_text())
        if self.encoding == "text":
            return await websocket.receive_text()
        message = await websocket.connection.receive_message()
        return message["text"] if message.get("text") is not None else message["bytes"]

    async def on_connect(self, websocket: WebSocket) -> None:
        """Accept the connection."""
        await websocket.accept()

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        """Handle a message."""

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        """Handle the end of the connection."""
