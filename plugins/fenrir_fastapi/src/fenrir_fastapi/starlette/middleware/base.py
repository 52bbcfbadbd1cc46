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


class BaseHTTPMiddleware:
    """Call `dispatch(request, call_next)` around every HTTP request.

    Args:
        app: What is wrapped.
        dispatch: The function; or a subclass has it as its method.
    """

    def __init__(self, app: ASGIApp, dispatch: Optional[Callable[..., Any]] = None) -> None:
        self.app = app
        self.dispatch_func: Callable[..., Any] = dispatch or self.dispatch

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Any:
        """Answer a request, with `await call_next(request)` or without."""
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
    """Run what is wrapped in a task, and hand its answer over as a response."""

    def __init__(self, app: ASGIApp, request: Request) -> None:
        self.app, self.request = app, request
        self.messages: asyncio.Queue[Any] = asyncio.Queue(1)
        self.task: Optional[asyncio.Task[None]] = None
        self._replayed = False
        self._told = False

    async def receive(self) -> Message:
        """Return the app the body, also when `dispatch` has read it before."""
        connection = self.request.connection
        if not self._replayed and connection._body is not None:
            self._replayed = True
            return {"type": "http.request", "body": connection._body, "more_body": False}
        message: Message = await connection.receive()
        return message

    async def call_next(self, request: Request) -> Response:
        """Run what is wrapped; gives the response as soon as it starts, or raises what it raises before."""
        self.task = asyncio.ensure_future(self._run(request.scope))
        message = await self.messages.get()
        while message is not _END and message["type"] != "http.response.start":
            message = await self.messages.get()
        if message is _END:
            self._told = True
            self.task.result()
            raise RuntimeError("No response returned.")
        response = PassedResponse(self._body(), message["status"])
        response.raw_headers = list(message.get("headers", ()))
        return response

    async def _run(self, scope: Scope) -> None:
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
        self._told = True
        self.task.result()

    async def finish(self) -> None:
        """Wait for the end of what is wrapped; raises what it raises, unless `dispatch` was told of it."""
        while self.task is not None and not self.task.done():
            if await self.messages.get() is _END:
                break
        if self.task is not None:
            await asyncio.wait({self.task})
            if not self._told:
                self.task.result()

    def cancel(self) -> None:
        """End what is wrapped."""
        if self.task is not None:
            self.task.cancel()


class PassedResponse(Response):
    """The answer of what a middleware wraps, passed on piece by piece."""

    def __init__(self, body_iterator: AsyncIterator[bytes], status_code: int) -> None:
        super().__init__(None, status_code)
        self.body_iterator = body_iterator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        if self.background is not None:
            await self.background()
