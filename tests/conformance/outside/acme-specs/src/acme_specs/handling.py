"""How a handler is made for a request, runs, and answers, also errors."""

from __future__ import annotations

import inspect
from typing import Any, Awaitable, Callable, Optional

from fenrir_core import Connection, HTTPError, Response, error_response
from fenrir_core.authoring import report

from .web import RequestHandler, URLSpec

KEY = "acme_specs.handler"


def handler_of(connection: Connection) -> RequestHandler:
    """Return the one handler of a connection."""
    handler: Optional[RequestHandler] = connection.state.get(KEY)
    if handler is None:
        spec: Optional[URLSpec] = connection.route.option("spec")
        handler = connection.state[KEY] = (spec.handler if spec else RequestHandler)(connection)
        handler.initialize(**(spec.kwargs if spec else {}))
    return handler


async def around(connection: Connection, call_next: Callable[[Connection], Awaitable[Response]]) -> Response:
    """Prepare the handler, then call its method."""
    handler = handler_of(connection)
    prepared = handler.prepare()
    if inspect.isawaitable(prepared):
        await prepared
    return handler.response if handler.is_finished else await call_next(connection)


async def teardown(connection: Connection, error: Optional[BaseException]) -> None:
    """Tell the handler that the response was sent."""
    handler_of(connection).on_finish()


def respond(connection: Connection, value: Any) -> Response:
    """Return what the handler has written, or the response that a step of another plugin gave in its place."""
    return value if isinstance(value, Response) else handler_of(connection).response


async def handle(connection: Connection, error: BaseException) -> Response:
    """Return what the handler writes for an error; one that is no HTTP error is logged."""
    if not isinstance(error, HTTPError):
        report(connection, error)
    formatted = error_response(connection, error)
    if formatted is not None:
        return formatted
    handler = handler_of(connection)
    handler.response = Response(b"", media_type="text/html; charset=UTF-8")
    handler.set_status(error.status if isinstance(error, HTTPError) else 500)
    for name, value in (error.headers or {}).items() if isinstance(error, HTTPError) else ():
        handler.set_header(name, value)
    handler.write_error(handler.response.status, exc_info=error)
    return handler.response
