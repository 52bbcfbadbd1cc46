"""The outermost and innermost steps: errors that nobody handles pass through all middleware between the two."""

from __future__ import annotations

from typing import Any, Optional

from fenrir_core import Connection, error_response
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send, record

_BODY = b"Internal Server Error"
_HEAD = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_BODY))]


class Through(BaseException):
    """Carry an error out of the kernel, past everything there that answers errors."""

    def __init__(self, error: BaseException, answer: Optional[Any] = None) -> None:
        super().__init__(error)
        self.error, self.answer = error, answer


class Inside:
    """The innermost step: give middleware the error itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        scope["fenrir.through"] = True
        try:
            await self.app(scope, receive, send)
        except Through as carried:
            raise carried.error from None


class Outside:
    """The outermost step: answer what passed through all middleware, and hand it to the server."""

    def __init__(self, app: ASGIApp, owner: Any) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        scope["app"] = self.owner
        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            record(scope, error)
            if scope["type"] == "http" and not started:
                own = error_response(Connection(scope, receive, send, {}, self.owner.fallback_route), error)
                body, head = (_BODY, list(_HEAD)) if own is None else (own.body, own.head(len(own.body)))
                await send({"type": "http.response.start", "status": 500, "headers": head})
                await send({"type": "http.response.body", "body": body})
            raise


class RootPath:
    """Tell everything inside that the app is below a prefix."""

    def __init__(self, app: ASGIApp, owner: Any) -> None:
        self.app, self.owner = app, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        scope["root_path"] = self.owner.root_path
        await self.app(scope, receive, send)
