"""Run WSGI applications inside an ASGI app.

The application runs in a thread of the app's pool. An answer that is all there when the
application returns costs one wake-up of the event loop; one that comes piece by piece is
handed over as it comes, and waits for the client.

Source: PEP 3333; ASGI 3.0, "HTTP".
"""

from __future__ import annotations

import asyncio
import io
import logging
from contextvars import copy_context
from typing import Any, Callable, Iterable, List, Optional, Tuple
from wsgiref.util import is_hop_by_hop

from fenrir_core import ClientDisconnect, PayloadTooLarge, Request
from fenrir_core.authoring import BODILESS, Message, Receive, Scope, Send, check_header, handle_error, report, respond

from .environ import Environ, make_environ
from .queues import Outlet, Source, Taken

logger = logging.getLogger("fenrir.wsgi")

Write = Callable[[bytes], None]
StartResponse = Callable[..., Write]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

#: Bodies of at most this many announced bytes are received before a thread is taken.
GATHERED = 64 * 1024


class WSGIBridge:
    """A WSGI application as an ASGI one.

    Args:
        app: The Fenrir app that it is mounted in: its pool, its `max_body`, its error handlers.
        wsgi_app: The application.
        prefix: Where it is mounted, without trailing slash.
    """

    def __init__(self, app: Any, wsgi_app: WSGIApp, prefix: str) -> None:
        self.app, self.wsgi_app, self.prefix = app, wsgi_app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3.0); WebSockets are refused, a lifespan it has none."""
        if scope["type"] == "websocket":
            await self.app.answer(404, scope, receive, send)
        if scope["type"] != "http":
            return
        # The connection of an answer that is ours: of an error before the application has answered.
        request = Request(scope, receive, send, {}, self.app.built.fallback_routes[404])
        try:
            body = await self._body(request)
            if body is not None:
                await self._serve(request, *body)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:
            if request.started:
                report(request, error)
                raise  # the server sees an unfinished response and breaks the connection off
            await respond(request, await handle_error(request, error))

    async def _body(self, request: Request) -> Optional[Tuple[Any, Optional[int], Optional[Source]]]:
        """Return the input stream, its length if known and the `Source` beneath; None when the client has left.

        Raises:
            PayloadTooLarge: It is announced, or already found, to be over the limit.
        """
        limit: Optional[int] = self.app.settings["max_body"]
        length = _announced(request)
        if length is not None and limit is not None and length > limit:
            raise _too_large(limit)
        if request.headers.get("expect") is not None:
            # Receiving would make the server ask for the body; that is the application's to decide.
            source = Source(request.receive, limit)
            return io.BufferedReader(source), length, source
        message = await request.receive()
        chunks = [message.get("body", b"")]
        while message.get("more_body") and length is not None and length <= GATHERED:
            message = await request.receive()
            chunks.append(message.get("body", b""))
        if message["type"] == "http.disconnect":
            return None
        body = b"".join(chunks)
        if limit is not None and len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return io.BytesIO(body), len(body), None
        source = Source(request.receive, limit, {**message, "body": body})
        return io.BufferedReader(source), length, source

    async def _serve(self, request: Request, body: Any, length: Optional[int], source: Optional[Source]) -> None:
        outlet, streams = Outlet(), self.app.lifespan_manager.streams
        streams.add(outlet.abandon)
        sends_nothing = not length and source is None and "content-length" not in request.headers
        environ = make_environ(request.scope, self.prefix, body, None if sends_nothing else length)
        run = _Run(self.wsgi_app, environ, outlet)
        self.app.executor.submit(copy_context().run, run)
        watcher: Optional[asyncio.Task[None]] = None
        silent = request.method == "HEAD"
        try:
            while True:
                taken = await outlet.take()
                if outlet.left:
                    return
                _check(taken, source, request)
                silent = await _forward(taken, request, silent)
                if taken.done:
                    return
                if watcher is None and (source is None or source.complete):
                    watcher = asyncio.ensure_future(_watch(request.receive, outlet))
        finally:
            streams.discard(outlet.abandon)
            outlet.abandon()
            if source is not None:
                source.abandon()
            if watcher is not None:
                watcher.cancel()


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The request body is over the limit of {limit} bytes.")


def _announced(request: Request) -> Optional[int]:
    text = request.headers.get("content-length") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _check(taken: Taken, source: Optional[Source], request: Request) -> None:
    """Raise what went wrong in the thread."""
    if source is not None and isinstance(source.failure, PayloadTooLarge) and not request.started:
        raise source.failure  # whatever the application has made of it
    if isinstance(taken.error, Exception):
        raise taken.error
    if taken.error is not None:  # SystemExit and its like end a program, but must not end the server
        raise RuntimeError(f"the WSGI application ended with {taken.error!r}") from taken.error


async def _forward(taken: Taken, request: Request, silent: bool) -> bool:
    """Send what was taken; status and headers first, the first time.

    Args:
        taken: It.
        request: The connection.
        silent: Whether the body is held back.

    Returns:
        Whether it is from now on.
    """
    start, data = taken.start, taken.data
    try:
        if start is not None:
            # The length of a body that HEAD was not given is not 0, so nothing is said about it.
            known = taken.done and (data or not silent) and start["status"] not in BODILESS
            if known and not any(name == b"content-length" for name, _ in start["headers"]):
                start["headers"].append((b"content-length", b"%d" % len(data)))
            silent = silent or start["status"] in BODILESS
            request.started = True
            await request.send(start)
        if taken.done or (data and not silent):
            body = b"" if silent else data
            await request.send({"type": "http.response.body", "body": body, "more_body": not taken.done})
    except OSError as error:  # ASGI: what a server raises when the client has left
        raise ClientDisconnect(str(error)) from None
    return silent


async def _watch(receive: Receive, outlet: Outlet) -> None:
    """End the answer when the client leaves."""
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
    outlet.abandon()


class _Left(BaseException):
    """End a run whose client has left; not an Exception, so that the application does not answer it."""


class _Run:
    """One call of a WSGI application, in a thread."""

    def __init__(self, app: WSGIApp, environ: Environ, outlet: Outlet) -> None:
        self.app, self.environ, self.outlet = app, environ, outlet
        self.response: Optional[Message] = None
        self.committed = False

    def __call__(self) -> None:
        """Run it from the call to `close`, and tell the outlet how it ended."""
        error: Optional[BaseException] = None
        try:
            self._run()
        except _Left:
            pass
        except BaseException as raised:
            error = raised
        self.outlet.finish(error)

    def _run(self) -> None:
        result = self.app(self.environ, self.start_response)
        try:
            if isinstance(result, (list, tuple)):
                self._emit(b"".join([_bytes(chunk) for chunk in result]), wake=False)
                return
            for chunk in result:
                if _bytes(chunk):  # PEP 3333: headers wait for the first bytes
                    self._emit(chunk)
            if not self.committed:
                self._emit(b"", wake=False)
        finally:
            self._close(result)

    def _close(self, result: Any) -> None:
        close = getattr(result, "close", None)
        try:
            if close is not None:
                close()
        except Exception:  # the answer is complete, or failed for a better reason
            logger.exception("close() failed for %s", self.environ.get("RAW_URI"))

    def start_response(
        self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Set status and headers; nothing is sent before the first bytes (PEP 3333)."""
        if exc_info:
            try:
                if self.committed:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.response is not None:
            raise AssertionError("start_response() was called twice without exc_info.")
        self.response = _response(status, headers)
        return self._emit

    def _emit(self, chunk: bytes, wake: bool = True) -> None:
        if self.response is None:
            raise AssertionError("The WSGI application gave a body before it called start_response().")
        start = None if self.committed else self.response
        self.committed = True
        if not self.outlet.put(_bytes(chunk), start, wake=wake):
            raise _Left()


def _bytes(chunk: Any) -> bytes:
    if not isinstance(chunk, bytes):
        raise TypeError(f"The WSGI application gave {type(chunk).__name__} as body; PEP 3333 asks for bytes.")
    return chunk


def _response(status: str, headers: List[Tuple[str, str]]) -> Message:
    """Return the message that begins the answer.

    Raises:
        ValueError: The status is none, or a header can't be sent (`InvalidHeader`).
    """
    code = status[:3] if isinstance(status, str) else ""
    if len(code) != 3 or not code.isdigit() or status[3:4] not in ("", " "):
        raise ValueError(f"The WSGI application gave the status {status!r}; PEP 3333 asks for '200 OK'.")
    pairs = []
    for name, value in headers:
        key, raw = name.lower().encode("latin-1"), value.encode("latin-1")
        check_header(key, raw)
        if not is_hop_by_hop(name):  # PEP 3333 forbids them: the server manages the connection
            pairs.append((key, raw))
    return {"type": "http.response.start", "status": int(code), "headers": pairs}
