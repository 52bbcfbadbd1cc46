"""Authentication of every connection by a backend."""

from __future__ import annotations

from typing import Any, Optional

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

from ..authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, UnauthenticatedUser
from ..requests import HTTPConnection
from ..responses import PlainTextResponse
from ..types import AnyCallable

__all__ = ["AuthenticationMiddleware"]


class AuthenticationMiddleware:
    """Middleware that sets `request.user` and `request.auth`.

    Args:
        backend: Authenticates a connection.
        on_error: Returns the response to invalid credentials, from connection and error; 400 by default.
    """

    def __init__(self, app: ASGIApp, backend: AuthenticationBackend, on_error: Optional[AnyCallable] = None) -> None:
        self.app, self.backend = app, backend
        self.on_error = on_error or self.default_on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            found = await self.backend.authenticate(connection)
        except AuthenticationError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            else:
                await self.on_error(connection, error)(scope, receive, send)
            return
        scope["auth"], scope["user"] = (AuthCredentials(), UnauthenticatedUser()) if found is None else found
        await self.app(scope, receive, send)

    @staticmethod
    def default_on_error(connection: HTTPConnection, error: Exception) -> Any:
        """Return the response to invalid credentials."""
        return PlainTextResponse(str(error), 400)
