"""FastAPI's layer with an exit stack, at its import path."""

from __future__ import annotations

from contextlib import AsyncExitStack

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

__all__ = ["AsyncExitStackMiddleware"]


class AsyncExitStackMiddleware:
    """Middleware that puts an `AsyncExitStack` into the scope, which is closed after the response.

    Args:
        app: The app.
        context_name: The key of the scope.
    """

    def __init__(self, app: ASGIApp, context_name: str = "fastapi_middleware_astack") -> None:
        self.app, self.context_name = app, context_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        async with AsyncExitStack() as stack:
            scope[self.context_name] = stack
            await self.app(scope, receive, send)
