"""Error handling: an exception inside a request becomes a response here."""

from __future__ import annotations

from typing import Optional

from .._types import ANSWERED, DEBUG_PAGE, REPORTED
from ..exceptions import ClientDisconnect, HTTPError
from ..http.adapters import stand_in
from ..http.asgi import ASGIResponse
from ..http.connection import Connection, raise_unhandled
from ..http.errors import ErrorHandler, find_handler, hand_over, report
from ..http.observing import record
from ..http.response import JSONResponse, Response, run_background
from ..http.websocket import CLOSED, CONNECTING, WebSocket, WebSocketDisconnect
from .dependencies import unwind

#: The body of the response to an unhandled error.
INTERNAL = {"detail": "Internal Server Error"}


async def handle_error(connection: Connection, error: BaseException) -> Response:
    """Return the response to an error; the last resort is a plain 500.

    Open dependencies see the error first and may replace it. A handler that raises has its
    own error answered, by another handler or by the kernel.

    Raises:
        BaseException: A cancellation, an interrupt and the like, unless a dependency replaced it by an `Exception`.
    """
    tried: Optional[ErrorHandler] = None
    if isinstance(error, GeneratorExit):
        raise error  # nothing can be awaited any more
    found = _served_on(connection, await unwind(connection, error))
    if not isinstance(found, Exception):
        raise found
    record(connection.scope, error if isinstance(error, Exception) else found)
    error = found
    try:
        for _ in range(2):
            answer = stand_in(connection, error)
            handler, given = find_handler(connection.compiled_route.handlers, error, answer)
            if handler is None or handler is tried:
                break
            tried = handler
            try:
                return await handler(connection, given)
            except (Exception, SystemExit) as raised:
                error = _served_on(connection, raised)
        answer = stand_in(connection, error)
        return answer if isinstance(answer, Response) else default_error_response(connection, answer)
    except (Exception, SystemExit) as failure:  # a broken handler result must still become a response
        return default_error_response(connection, _served_on(connection, failure))


def _served_on(connection: Connection, error: BaseException) -> BaseException:
    """Return an error; one of its own in the place of `SystemExit`, which would end the server."""
    if not isinstance(error, SystemExit):
        return error
    route = connection.route
    return exited(
        f"{route.where or connection.label}: the {'handler' if route.mount is None else 'mounted app'}", error
    )


def exited(what: str, error: SystemExit) -> RuntimeError:
    """Return the error in the place of a `SystemExit`, which would end the server; `what` raised it."""
    found = RuntimeError(f"{what} exited with {error.code!r}.")
    found.__cause__ = error
    return found


def error_response(connection: Connection, error: BaseException) -> Optional[Response]:
    """Return the response that replaces a paradigm's own; None where there is none.

    A paradigm calls this before it writes an error response of its own. For an `HTTPError` it is the response in the
    app's error format. Any other exception is unhandled: a development server's page about it comes first.
    `fenrir run --dev` puts the extension `fenrir.debug_page` into the scope of a browser's request: a function
    that is called with the connection and the error, and returns a response or None.
    """
    if not isinstance(error, HTTPError):
        page = (connection.scope.get("extensions") or {}).get(DEBUG_PAGE)
        response = None if page is None else page(connection, error)
        if response is not None:
            return response  # type: ignore[no-any-return]
    error_format = connection.app.built.error_format
    try:
        return None if error_format is None else error_format.value.write(connection, error)
    except Exception as failure:  # the error gets a response all the same
        report(connection, failure)
        return None


def default_error_response(connection: Connection, error: BaseException) -> Response:
    """Return the kernel's own response: an `HTTPError` as JSON, anything else logged and a bare 500."""
    if isinstance(error, ClientDisconnect):
        return Response(b"", 400)  # it will not be read, and it is no fault of the handler
    if isinstance(error, HTTPError):
        own = JSONResponse({"detail": error.detail}, error.status, error.headers)
    else:
        report(connection, error)
        own = JSONResponse(INTERNAL, 500)
    return error_response(connection, error) or own


async def respond(connection: Connection, response: Response) -> None:
    """Send a response and run its background work; an error before the headers becomes another response."""
    try:
        await response.send(connection)
    except BaseException as error:
        if _comes_late(connection, response, error):
            raise
        response = await handle_error(connection, error)
        try:
            await response.send(connection)
        except BaseException as failure:  # of an error handler's own response: a forged header
            if _comes_late(connection, response, failure) or not isinstance(failure, Exception):
                raise
            report(connection, failure)
            response = JSONResponse(INTERNAL, 500)
            await response.send(connection)
    if response.background is not None:
        await run_background(response)
    if connection.unhandled is not None:
        raise_unhandled(connection)


def _comes_late(connection: Connection, response: Response, error: BaseException) -> bool:
    """Return whether an error is to be raised: the server sees an unfinished response and closes the connection."""
    is_told = isinstance(response, ASGIResponse) and hasattr(error, REPORTED)  # by a mounted app
    if connection.started and isinstance(error, Exception) and not is_told:
        report(connection, error)
    return connection.started


async def handle_websocket_error(websocket: WebSocket, error: BaseException) -> None:
    """End a WebSocket whose handler failed: a real status before it was accepted, 1011 after."""
    if websocket.route.mount is not None and hasattr(error, ANSWERED):
        raise error  # the mounted app that it comes from has ended the WebSocket and logged it
    if isinstance(error, WebSocketDisconnect) or websocket.phase == CLOSED:
        error = await unwind(websocket, error)
        if not isinstance(error, Exception):
            raise error
        tell = hand_over if isinstance(error, WebSocketDisconnect) else report
        tell(websocket, error)
        return
    response = await handle_error(websocket, error)
    try:
        if websocket.phase == CONNECTING:
            await websocket.reject(response)
        else:
            await websocket.close(1011 if response.status >= 500 else getattr(error, "close_code", 1008))
    except WebSocketDisconnect:
        pass  # the client left before the handshake
    raise_unhandled(websocket)
