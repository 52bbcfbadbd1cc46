"""A limit for the size of request bodies."""

from __future__ import annotations

from typing import Optional

from fenrir_core import PayloadTooLarge
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send, parse_digits

from ..datastructures import Headers
from ..responses import PlainTextResponse

__all__ = ["MAX_BODY_SIZE_SCOPE_KEY", "RequestBodyLimitMiddleware", "RequestBodyLimitResponder"]

#: The scope key with the limit that holds.
MAX_BODY_SIZE_SCOPE_KEY = "starlette.max_body_size"
_RESPONDER = "fenrir_fastapi.body_limit"
_TEXT = "Content Too Large"


class _ResponseSent(Exception):
    """Raised in the app after the 413 response was sent instead of its own."""


class RequestBodyLimitMiddleware:
    """Middleware that answers 413 to a request whose body is larger than a limit; the innermost limit holds.

    Args:
        app: The app.
        max_body_size: The most bytes.
    """

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        self.app, self.max_body_size = app, max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            await RequestBodyLimitResponder(self.app, self.max_body_size)(scope, receive, send)


class RequestBodyLimitResponder:
    """The limit of one request: it counts what is received, and refuses what announces to be larger."""

    scope: Scope
    receive: Receive
    send: Send

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        self.app, self.max_body_size = app, max_body_size
        self.content_length: Optional[int] = None
        self.total_size = 0
        self.response_started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; inside of another limit, change that one."""
        before = scope.get(MAX_BODY_SIZE_SCOPE_KEY)
        scope[MAX_BODY_SIZE_SCOPE_KEY] = self.max_body_size
        outer: Optional[RequestBodyLimitResponder] = scope.get(_RESPONDER)
        if outer is not None:
            outer.max_body_size = self.max_body_size
            outer.check()
            await self.app(scope, receive, send)
            return
        self.scope, self.receive, self.send = scope, receive, send
        self.content_length = parse_digits(Headers(raw=list(scope["headers"])).get("content-length"))
        scope[_RESPONDER] = self
        try:
            await self.app(scope, self.receive_with_limit, self.send_with_limit)
        except PayloadTooLarge:
            if self.response_started:
                raise
            await PlainTextResponse(_TEXT, 413)(scope, receive, send)
        except _ResponseSent:
            pass
        finally:
            scope.pop(_RESPONDER, None)
            scope[MAX_BODY_SIZE_SCOPE_KEY] = before

    def check(self) -> None:
        """Check what was received.

        Raises:
            PayloadTooLarge: It is over the limit.
        """
        if self.total_size > self.max_body_size:
            raise PayloadTooLarge(_TEXT)

    async def receive_with_limit(self) -> Message:
        """Return the next message; raises as `check`."""
        if (self.content_length or 0) > self.max_body_size:
            raise PayloadTooLarge(_TEXT)
        message = await self.receive()
        if message["type"] == "http.request":
            self.total_size += len(message.get("body", b""))
            self.check()
        return message

    async def send_with_limit(self, message: Message) -> None:
        """Send a message of the app; a response to a body that is known to be too large becomes a 413."""
        if message["type"] == "http.response.start":
            self.response_started = True
            if (self.content_length or 0) > self.max_body_size:
                await PlainTextResponse(_TEXT, 413)(self.scope, self.receive, self.send)
                raise _ResponseSent
        await self.send(message)
