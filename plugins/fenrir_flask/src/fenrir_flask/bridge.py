"""Requests of a server of ASGI for the methods of an app: each is served as a WSGI request, in one thread."""

from __future__ import annotations

import asyncio
from typing import Iterable

from fenrir_core import current
from fenrir_core.authoring import Receive, Scope, Send
from fenrir_wsgi import Environ, StartResponse, WSGIBridge

from ._types import SomeApp
from .async_views import CONNECTION, LOOP


class Classic:
    """The WSGI side of an app as an ASGI application.

    Args:
        app: The app.
    """

    def __init__(self, app: SomeApp) -> None:
        self.app = app
        self._bridge = WSGIBridge(app, self._serve, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request (ASGI 3.0)."""
        await self._bridge({**scope, LOOP: asyncio.get_running_loop()}, receive, send)

    def _serve(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ[LOOP] = environ["asgi.scope"][LOOP]
        environ[CONNECTION] = current.get(None)
        return self.app.wsgi_app(environ, start_response)  # type: ignore[no-any-return]
