"""The innermost layer of an app: it answers the exceptions that have a handler."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

from fenrir_core.authoring import BODILESS, ASGIApp, Receive, Scope, Send

from ..exceptions import HTTPException, WebSocketException
from ..handled import HANDLERS, wrap_app_handling_exceptions
from ..requests import Request
from ..responses import PlainTextResponse, Response
from ..types import AnyCallable
from ..websockets import WebSocket

__all__ = ["ExceptionMiddleware"]


class ExceptionMiddleware:
    """Middleware that answers exceptions by their handlers.

    Args:
        app: The app.
        handlers: Functions of request and exception, by exception class or status.
        debug: For compatibility.
    """

    def __init__(self, app: ASGIApp, handlers: Optional[Mapping[Any, AnyCallable]] = None, debug: bool = False) -> None:
        self.app, self.debug = app, debug
        self._by_status: Dict[int, AnyCallable] = {}
        self._by_class: Dict[Any, AnyCallable] = {
            HTTPException: self.http_exception,
            WebSocketException: self.websocket_exception,
        }
        for key, handler in (handlers or {}).items():
            self.add_exception_handler(key, handler)

    def add_exception_handler(self, exc_class_or_status_code: Union[int, type], handler: AnyCallable) -> None:
        """Register a handler of an exception class or status."""
        if isinstance(exc_class_or_status_code, int):
            self._by_status[exc_class_or_status_code] = handler
        else:
            assert issubclass(exc_class_or_status_code, Exception)
            self._by_class[exc_class_or_status_code] = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope[HANDLERS] = self._by_class, self._by_status
        kind: Any = Request if scope["type"] == "http" else WebSocket
        await wrap_app_handling_exceptions(self.app, kind(scope, receive, send))(scope, receive, send)

    async def http_exception(self, request: Request, exc: Any) -> Response:
        """Return the response to an `HTTPException`: its detail as text, or no body if its status has none."""
        if exc.status in BODILESS:
            return Response(status_code=exc.status, headers=exc.headers)
        return PlainTextResponse(exc.detail, exc.status, exc.headers)

    async def websocket_exception(self, websocket: WebSocket, exc: Any) -> None:
        """Close the WebSocket with the code and reason of the exception."""
        await websocket.close(exc.code, exc.reason)
