"""Middleware written as `dispatch(request, call_next)`."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Awaitable, Callable, Optional

from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

from ..requests import Request
from ..responses import Response

__all__ = ["BaseHTTPMiddleware", "RequestResponseEndpoint"]

RequestResponseEndpoint = Callable[[Request], Awaitable[Response]]
_END: Any = object()
_PATH_SEND = "http.response.pathsend"


class BaseHTTPMiddleware:
    """Middleware that calls `dispatch(request, call_next)` for every HTTP request.

    Args:
        app: The wrapped app.
        dispatch: The function; a subclass may have it as a method instead.
    """

    def __init__(self, app: ASGIApp, dispatch: Optional[Callable[..., Any]] = None) -> None:
        self.app = app
        self.dispatch_func: Callable[..., Any] = dispatch or self.dispatch

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Any:
        """Return the response to a request; `await call_next(request)` returns that of the wrapped app."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        inner = _Inner(self.app, request)
        try:
            response = await self.dispatch_func(request, inner.call_next)
            await response(scope, inner.receive, send)
            await inner.finish()
        except BaseException:
            inner.cancel()
            raise


class _Inner:
    """The wrapped app, run in a task, with its response as an object."""

    def __init__(self, app: ASGIApp, request: Request) -> None:
        self.app, self.request = app, request
        self.messages: asyncio.Queue[Any] = asyncio.Queue(1)
        self.task: Optional[asyncio.Task[None]] = None
        self._replayed = False
        self._raised = False

    async def receive(self) -> Message:
        """Return the next message for the app; a body that `dispatch` has read comes again."""
        connection = self.request.connection
        body = None if self._replayed else _body_kept_by(connection)
        if body is not None:
            self._replayed = True
            return {"type": "http.request", "body": body, "more_body": False}
        message: Message = await connection.receive()
        return message

    async def call_next(self, request: Request) -> Response:
        """Run the wrapped app and return its response as soon as it starts; an error before that is raised here."""
        self.task = asyncio.ensure_future(self._run(request.scope))
        message = await self.messages.get()
        while message is not _END and message["type"] != "http.response.start":
            message = await self.messages.get()
        if message is _END:
            self._raised = True
            self.task.result()
            raise RuntimeError("No response returned.")
        response = PassedResponse(self._body(), message["status"])
        response.raw_headers = list(message.get("headers", ()))
        return response

    async def _run(self, scope: Scope) -> None:
        extensions = scope.get("extensions") or {}
        if _PATH_SEND in extensions:  # the body passes here, so the server can't read it from a file
            scope = {**scope, "extensions": {name: value for name, value in extensions.items() if name != _PATH_SEND}}
        try:
            await self.app(scope, self.receive, self.messages.put)
        finally:
            await self.messages.put(_END)

    async def _body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self.messages.get()
            if message is _END:
                break
            if message.get("body"):
                yield message["body"]
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                return
        assert self.task is not None
        self._raised = True
        self.task.result()

    async def finish(self) -> None:
        """Wait for the wrapped app to end; its error is raised, unless `call_next` has raised it already."""
        while self.task is not None and not self.task.done():
            if await self.messages.get() is _END:
                break
        if self.task is not None:
            await asyncio.wait({self.task})
            if not self._raised:
                self.task.result()

    def cancel(self) -> None:
        """Cancel the wrapped app."""
        if self.task is not None:
            self.task.cancel()


def _body_kept_by(connection: Any) -> Optional[bytes]:
    """Return the body if it has been read already and was kept, else None."""
    try:
        body: bytes = connection.loaded_body
    except RuntimeError:
        return None
    return body


class PassedResponse(Response):
    """The response of the wrapped app, sent on chunk by chunk."""

    def __init__(self, body_iterator: AsyncIterator[bytes], status_code: int) -> None:
        super().__init__(None, status_code)
        self.body_iterator = body_iterator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        if self.background is not None:
            await self.background()
