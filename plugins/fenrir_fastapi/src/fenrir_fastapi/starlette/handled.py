"""Handlers of exceptions around an endpoint: of its class, the nearest base, or of a status."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Tuple

from fenrir_core import HTTPError
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

from .concurrency import call_either
from .exceptions import HTTPException
from .types import AnyCallable

__all__ = ["HANDLERS", "Handlers", "lookup", "wrap_app_handling_exceptions"]

#: The scope key with the handlers of the innermost app, by class and by status.
HANDLERS = "starlette.exception_handlers"
#: The handlers by class, and by status.
Handlers = Tuple[Dict[Any, Callable[..., Any]], Dict[int, Callable[..., Any]]]


def lookup(handlers: Handlers, error: BaseException) -> Optional[AnyCallable]:
    """Return the handler of an exception, or None."""
    by_class, by_status = handlers
    if isinstance(error, HTTPError) and error.status in by_status:
        return by_status[error.status]
    for kind in type(error).__mro__:
        found = by_class.get(kind)
        if found is not None:
            return found
    # the kernel's own errors are handled like an `HTTPException`
    return by_class.get(HTTPException) if isinstance(error, HTTPError) else None


def wrap_app_handling_exceptions(app: ASGIApp, conn: Any) -> ASGIApp:
    """Return an ASGI app whose exceptions are answered by the handlers in the scope of a request or WebSocket."""
    handlers: Handlers = conn.scope.get(HANDLERS) or ({}, {})

    async def wrapped_app(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await app(scope, receive, watched)
        except Exception as error:
            handler = lookup(handlers, error)
            if handler is None:
                raise
            if started:
                raise RuntimeError("Caught handled exception, but response already started.") from error
            response = await call_either(handler, conn, error)
            if response is not None:
                await response(scope, receive, watched)

    return wrapped_app
