"""Redirects from HTTP to HTTPS."""

from __future__ import annotations

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send

from ..datastructures import URL
from ..responses import RedirectResponse

__all__ = ["HTTPSRedirectMiddleware"]

_SECURE = {"http": "https", "ws": "wss"}


class HTTPSRedirectMiddleware:
    """Middleware that redirects (307) insecure connections to the secure URL."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] not in ("http", "websocket") or scope["scheme"] not in _SECURE:
            await self.app(scope, receive, send)
            return
        url = URL(scope=scope)
        if url.port in (80, 443):
            url = url.replace(port=None)
        response = RedirectResponse(str(url.replace(scheme=_SECURE[scope["scheme"]])))
        await response(scope, receive, send)
