"""Serve a Bottle route: hooks, callback, error handlers, and what a handler may return.

All of it is synchronous code that runs in one thread, as Bottle's does; a route whose
callback is asynchronous awaits that on the event loop.

Source: the behaviour of bottle's `Bottle._handle` and `Bottle._cast`, documented at "Generating content".
"""

from __future__ import annotations

import html
import inspect
import io
import itertools
import traceback
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional

from fenrir_core import Connection, Response, StreamingResponse, current_connection, error_response
from fenrir_core import HTTPError as KernelError
from fenrir_core.authoring import dumps, report

from .response import HTTPError, HTTPResponse, LocalResponse

HOOKS = ("before_request", "after_request", "app_reset", "config")
_CHUNK = 65536
#: What becomes an answer without a call that may block.
_QUICK = (str, bytes, dict, type(None))


class BottleState:
    """Hold what is registered with one Bottle app."""

    def __init__(self) -> None:
        self.hooks: Dict[str, List[Callable[..., Any]]] = {name: [] for name in HOOKS}
        self.error_handlers: Dict[int, Callable[[HTTPError], Any]] = {}
        self.plugins: List[Any] = []
        self.routes: List[Any] = []


def endpoint_for(route: Any) -> Callable[..., Any]:
    """Make the endpoint that the kernel calls for a Bottle route, with the path's values as keywords."""
    if inspect.iscoroutinefunction(route.callback):

        async def serve_async(**values: Any) -> Response:
            connection = current_connection()
            run = connection.app.run_in_thread
            hooks = connection.app.store(BottleState).hooks
            out = await run(_before_or_answer, connection) if hooks["before_request"] else None
            if out is None:
                try:
                    out = await route.call(**values)
                except HTTPResponse as answer:
                    out = answer
                except Exception:
                    await run(_after_failure, connection)
                    raise
            if type(out) in _QUICK and not hooks["after_request"]:
                return conclude(connection, out)
            return await run(conclude, connection, out)

        return _marked(serve_async, route)

    def serve(**values: Any) -> Response:
        connection = current_connection()
        try:
            _before(connection)
            out = route.call(**values)
        except HTTPResponse as answer:
            out = answer
        except Exception:
            _after_failure(connection)
            raise
        return conclude(connection, out)

    return _marked(serve, route)


def _marked(endpoint: Callable[..., Any], route: Any) -> Callable[..., Any]:
    """Return an endpoint the marks that decorators have left on the callback."""
    vars(endpoint).update(getattr(route.callback, "__dict__", {}))
    vars(endpoint).pop("__wrapped__", None)  # its parameters are not the endpoint's
    vars(endpoint)["bottle_route"] = route
    return endpoint


def _before_or_answer(connection: Connection) -> Optional[HTTPResponse]:
    try:
        _before(connection)
    except HTTPResponse as answer:
        return answer
    return None


def _before(connection: Connection) -> None:
    for hook in connection.app.store(BottleState).hooks["before_request"]:
        hook()


def _after(connection: Connection) -> None:
    """Run the after hooks, last one first."""
    for hook in reversed(connection.app.store(BottleState).hooks["after_request"]):
        hook()


def _after_failure(connection: Connection) -> None:
    """Run the after hooks for a callback that failed: what it had set is gone, what they set stays."""
    HTTPError(500).apply(connection.facade(LocalResponse))
    _after(connection)


def conclude(connection: Connection, out: Any) -> Response:
    """Turn what a callback returned or raised into the answer, after hooks and error handlers."""
    local = connection.facade(LocalResponse)
    if isinstance(out, HTTPResponse):
        out.apply(local)
    try:
        _after(connection)
    except HTTPResponse as answer:
        out = answer
        out.apply(local)
    return cast(connection, local, out, applied=True)


def answer_error(connection: Connection, error: BaseException) -> Response:
    """Answer an exception that left the route, or the kernel's own 404 and 405, by Bottle's rules."""
    if isinstance(error, HTTPResponse):
        return conclude(connection, error)
    if connection.route.fallback:
        try:
            _before(connection)
        except HTTPResponse as answer:
            return conclude(connection, answer)
        return conclude(connection, _translated(connection, error))
    local, translated = connection.facade(LocalResponse), _translated(connection, error)
    for name, value in translated.headers.allitems():
        local.headers[name] = value
    local.copy_to(translated)
    return cast(connection, local, translated)


def _translated(connection: Connection, error: BaseException) -> HTTPError:
    if not isinstance(error, KernelError):
        report(connection, error)
        return HTTPError(500, "Internal Server Error", error, traceback.format_exc())
    texts = {404: f"Not found: {connection.path!r}", 405: "Method not allowed."}
    body = texts.get(error.status, error.detail if connection.route.fallback == 0 else None)
    if error.status == 404 and connection.route.fallback == 0:
        body = error.detail
    translated = HTTPError(error.status, body, error)
    for name, value in (error.headers or {}).items():
        translated.set_header(name, value)
    return translated


def cast(connection: Connection, local: LocalResponse, out: Any, applied: bool = False) -> Response:
    """Turn a value into the response, with the current response's status, headers and cookies.

    Args:
        connection: The request.
        local: The current response.
        out: What was returned or raised.
        applied: Whether `local` has taken it over already, and was perhaps changed since.
    """
    while isinstance(out, HTTPResponse):
        if not applied:
            out.apply(local)
        applied = False
        if not isinstance(out, HTTPError):
            out = out.body
            continue
        handler = connection.app.store(BottleState).error_handlers.get(out.status_code)
        if handler is None:
            return _error_answer(connection, local, out)
        try:
            out = handler(out)
        except HTTPError as error:  # of the handler itself: not handled once more
            error.apply(local)
            return _error_answer(connection, local, error)
        except HTTPResponse as answer:
            out = answer
    return _body(connection, local, out)


def _body(connection: Connection, local: LocalResponse, out: Any) -> Response:
    if isinstance(out, Response):
        own = [(name, value) for name, value in local.headerlist if name != "Content-Type"]
        out.raw_headers += Response(b"", headers=own).raw_headers
        return out
    if isinstance(out, dict):
        local.headers["Content-Type"] = "application/json"
        return local.finish(dumps(out))
    if not out:
        return local.finish(b"")
    if isinstance(out, (list, tuple)) and isinstance(out[0], (str, bytes)):
        out = out[0][:0].join(out)
    if isinstance(out, str):
        out = out.encode(local.charset)
    if isinstance(out, (bytes, bytearray)):
        return local.finish(bytes(out))
    if hasattr(out, "read"):
        return local.finish(StreamingResponse(_file(out)))
    if hasattr(out, "__aiter__"):
        return local.finish(StreamingResponse(out))
    return _iterable(connection, local, out)


def _iterable(connection: Connection, local: LocalResponse, out: Any) -> Response:
    """Take the first piece that is not empty: it decides what kind of answer this is."""
    try:
        pieces: Iterator[Any] = iter(out)
    except TypeError:
        problem = TypeError(f"{connection.route.where}: a Bottle handler returned {type(out).__name__}, no answer.")
        report(connection, problem)
        return cast(connection, local, HTTPError(500, "Internal Server Error", problem))
    first: Any = None
    try:
        while not first:
            first = next(pieces)
    except StopIteration:
        return local.finish(b"")
    except HTTPResponse as answer:
        return cast(connection, local, answer)
    if isinstance(first, HTTPResponse):
        return cast(connection, local, first)
    return local.finish(StreamingResponse(_pieces(first, pieces, out, local.charset)))


def _pieces(first: Any, rest: Iterable[Any], whole: Any, charset: str) -> Iterator[bytes]:
    try:
        for item in itertools.chain([first], rest):
            yield item.encode(charset) if isinstance(item, str) else item
    finally:
        getattr(whole, "close", bool)()


def _file(file: Any) -> Iterator[bytes]:
    try:
        if isinstance(file, io.TextIOBase):
            yield from (line.encode() for line in file)
        else:
            yield from iter(lambda: file.read(_CHUNK), b"")
    finally:
        getattr(file, "close", bool)()


def _error_answer(connection: Connection, local: LocalResponse, error: HTTPError) -> Response:
    """Write an error that the app does not handle, in the app's error format or as Bottle's page."""
    cause: Any = error.exception
    if not isinstance(cause, KernelError) and (cause is None or error.status_code != 500):
        cause = KernelError(error.status_code, None if error.body is None else str(error.body))
    own = error_response(connection, cause)
    if own is None:
        return local.finish(_error_page(connection, error).encode())
    for name, value in own.headers.items():
        if name not in ("set-cookie", "content-length"):
            local.headers[name] = value
    return local.finish(own.body)


def _error_page(connection: Connection, error: HTTPError) -> str:
    line, path = html.escape(error.status_line), html.escape(connection.path)
    text = html.escape("" if error.body is None else str(error.body))
    debug = connection.app.settings["debug"] and error.traceback
    trace = f"<h2>Traceback</h2><pre>{html.escape(error.traceback or '')}</pre>" if debug else ""
    return (
        f"<!DOCTYPE html><html><head><title>Error: {line}</title></head><body><h1>Error: {line}</h1>"
        f"<p>The request for <code>{path}</code> failed:</p><pre>{text}</pre>{trace}</body></html>"
    )
