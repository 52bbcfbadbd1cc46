"""WSGI applications inside an ASGI app.

The application runs in a thread; each mount has a share of its own in those of the process.
A response that is complete when the application returns wakes the event loop once; one that
is produced in pieces is sent piece by piece, at the client's speed.

Source: PEP 3333; ASGI 3.0, "HTTP".
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Callable, List, Optional, Tuple
from wsgiref.util import is_hop_by_hop

from fenrir_core import BuildError, ClientDisconnect, FenrirError, PayloadTooLarge, Request
from fenrir_core.authoring import (
    BODILESS,
    Message,
    Receive,
    Scope,
    Send,
    ThreadLimiter,
    cut_streams,
    encode_header,
    get_logger,
    parse_digits,
    printable,
    uncancel,
)

from ._types import Environ, WSGIApp
from .environ import make_environ
from .queues import BodyReader, Drained, ResponseQueue

logger = get_logger("fenrir.wsgi")

#: Bodies of at most this many announced bytes are received before a thread is taken: a slow client holds none, and the
#: thread does not wait for the event loop once a chunk. PERF: a form with a file of 1 MB, 3.2 -> 2.4 ms.
SMALL_BODY = 1024 * 1024


class StalledReader(FenrirError):
    """Raised when a client has taken nothing of a response for too long, so that its connection is broken off."""


@dataclass(frozen=True)
class MountOptions:
    """How one WSGI application is served.

    Args:
        threads: How many of its requests run at a time; the app's setting `threads` by default. With 1 the
            application is told that it need not be thread-safe (`wsgi.multithread`).
        max_body: The most bytes of a request body, the app's setting `max_body` by default.
        send_timeout: Seconds for which a client may take nothing of a response that is sent in pieces; None for any
            time.
    """

    threads: Optional[int] = None
    max_body: Optional[int] = None
    send_timeout: Optional[float] = 60.0

    def checked(self, place: str) -> MountOptions:
        """Return these options.

        Args:
            place: Where they were given, for messages.

        Raises:
            BuildError: A number is not positive.
        """
        for name, value in vars(self).items():
            if value is not None and value <= 0:
                raise BuildError(f"{place}: {name}={value!r} must be greater than 0.")
        return self


_DEFAULT = MountOptions()


class WSGIBridge:
    """A WSGI application as an ASGI one.

    Args:
        app: The Fenrir app that the application is mounted in, for its settings.
        wsgi_app: The application.
        prefix: The path that it is mounted at, without trailing slash.
        options: How it is served.
    """

    #: Tells the app that it is mounted in to leave the limit of bodies to it.
    limits_bodies = True

    def __init__(self, app: Any, wsgi_app: WSGIApp, prefix: str, options: MountOptions = _DEFAULT) -> None:
        self.app, self.wsgi_app, self.prefix, self.options = app, wsgi_app, prefix, options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3.0); WebSockets are refused, lifespan events ignored."""
        if scope["type"] == "websocket":
            await self.app.answer(404, scope, receive, send)
        if scope["type"] != "http":
            return
        request = Request(scope, receive, send, {}, self.app.fallback_route)
        try:
            body = await self._body(request)
            if body is not None:
                await self._serve(request, *body)
        except ClientDisconnect:
            pass  # no response can be sent

    @cached_property
    def threads(self) -> ThreadLimiter:
        """Its own share in the threads of the process: slow clients of one mount hold up nothing else."""
        threads = self.options.threads
        if threads is not None:
            return ThreadLimiter(threads, threads)
        return ThreadLimiter(self.app.settings["threads"], self.app.settings["threads_max"])

    async def _body(self, request: Request) -> Optional[Tuple[Any, Optional[int], Optional[BodyReader]]]:
        """Return the input stream, its length if known and the `BodyReader` below; None when the client disconnected.

        Raises:
            PayloadTooLarge: It is announced, or already found, to be over the limit.
        """
        limit: Optional[int] = self.options.max_body
        if limit is None:
            limit = self.app.settings["max_body"]
        length = parse_digits(request.headers.get("content-length"))
        if length is not None and limit is not None and length > limit:
            raise _too_large(limit)
        if request.headers.get("expect") is not None:
            # receiving would make the server ask for the body, which the application decides
            source = BodyReader(request.receive, limit)
            return io.BufferedReader(source), length, source
        message = await request.receive()
        chunks = [message.get("body", b"")]
        while message.get("more_body") and length is not None and length <= SMALL_BODY:
            message = await request.receive()
            chunks.append(message.get("body", b""))
        if message["type"] == "http.disconnect":
            return None
        body = b"".join(chunks)
        if limit is not None and len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return io.BytesIO(body), len(body), None
        source = BodyReader(request.receive, limit, {**message, "body": body})
        return io.BufferedReader(source), length, source

    async def _serve(self, request: Request, body: Any, length: Optional[int], source: Optional[BodyReader]) -> None:
        queue, streams = ResponseQueue(), self.app.open_streams
        sends_nothing = not length and source is None and "content-length" not in request.headers
        environ = make_environ(request.scope, self.prefix, body, None if sends_nothing else length)
        environ["wsgi.multithread"] = self.threads.threads > 1
        call = _Call(self.wsgi_app, environ, queue)
        self.threads.submit(call).add_done_callback(partial(_refused, queue))
        watcher: Optional[asyncio.Task[None]] = None

        def cut_off() -> None:
            cut_streams.note()
            queue.disconnect()

        silent = request.method == "HEAD"
        try:
            while True:
                drained = await queue.drain()
                if queue.disconnected:
                    return
                _check(drained, source, request)
                silent = await _forward(drained, request, silent, self.options.send_timeout)
                if drained.done:
                    return
                streams.add(cut_off)  # from its first piece on; before, it is a request like any other
                if watcher is None and (source is None or source.complete):
                    watcher = asyncio.ensure_future(_watch(request.receive, queue))
        finally:
            streams.discard(cut_off)
            queue.disconnect()
            if source is not None:
                source.disconnect()
            if watcher is not None:
                watcher.cancel()


def _refused(queue: ResponseQueue, future: Future[None]) -> None:
    """End the response with the error of a call that was not made."""
    error = future.exception()
    if error is not None:
        queue.finish(error)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The request body is over the limit of {limit} bytes.")


def _check(drained: Drained, source: Optional[BodyReader], request: Request) -> None:
    """Raise the error of the thread, if it had one."""
    if source is not None and isinstance(source.failure, PayloadTooLarge) and not request.started:
        raise source.failure  # whatever the application did with it
    if isinstance(drained.error, Exception):
        raise drained.error
    if drained.error is not None:  # SystemExit and its like end a program, but must not end the server
        raise RuntimeError(f"the WSGI application ended with {drained.error!r}") from drained.error


async def _forward(drained: Drained, request: Request, silent: bool, timeout: Optional[float]) -> bool:
    """Send a part of the response; the first one has status and headers.

    Args:
        drained: The part.
        request: The connection.
        silent: Whether no body is sent, as with HEAD.
        timeout: Seconds for which the client may take nothing, unless this is the last part; None for any time.

    Returns:
        `silent` for the parts that follow.
    """
    start, data = drained.start, drained.data
    # the last part holds no thread
    send = request.send if drained.done or timeout is None else _Timed(request.send, timeout)
    try:
        if start is not None:
            # an application need not produce the body for HEAD, so that its length is unknown, not 0
            known = drained.done and (data or not silent) and start["status"] not in BODILESS
            if known and not any(name == b"content-length" for name, _ in start["headers"]):
                start["headers"].append((b"content-length", b"%d" % len(data)))
            silent = silent or start["status"] in BODILESS
            request.started = True
            await send(start)
        if drained.done or (data and not silent):
            body = b"" if silent else data
            await send({"type": "http.response.body", "body": body, "more_body": not drained.done})
    except OSError as error:  # ASGI: what a server raises when the client has disconnected
        raise ClientDisconnect(str(error)) from None
    return silent


class _Timed:
    """A `send` that does not wait longer than some seconds for a client."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send, self._seconds = send, seconds
        self._task: Any = asyncio.current_task()
        self._is_late = False

    async def __call__(self, message: Message) -> None:
        timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)
        try:
            await self._send(message)
        except asyncio.CancelledError:
            if not self._is_late:
                raise
            uncancel(self._task)
            raise StalledReader(f"The client took nothing of the response for {self._seconds:g} seconds.") from None
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._is_late = True
        self._task.cancel()


async def _watch(receive: Receive, queue: ResponseQueue) -> None:
    """End the response when the client disconnects."""
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
    queue.disconnect()


class _Disconnected(BaseException):
    """Raised in an application whose client disconnected; not an Exception, so that its handlers let it pass."""


class _Call:
    """One call of a WSGI application, in a thread."""

    def __init__(self, app: WSGIApp, environ: Environ, queue: ResponseQueue) -> None:
        self.app, self.environ, self.queue = app, environ, queue
        self.response: Optional[Message] = None
        self.committed = False

    def __call__(self) -> None:
        """Call the application, iterate its result, close it, and end the queue."""
        error: Optional[BaseException] = None
        try:
            self._run()
        except _Disconnected:
            pass
        except BaseException as raised:
            error = raised
        self.queue.finish(error)

    def _run(self) -> None:
        result = self.app(self.environ, self.start_response)
        try:
            if isinstance(result, (list, tuple)):
                self._emit(b"".join([_bytes(chunk) for chunk in result]), notify=False)
                return
            for chunk in result:
                if _bytes(chunk):  # PEP 3333: headers wait for the first bytes
                    self._emit(chunk)
            if not self.committed:
                self._emit(b"", notify=False)
        finally:
            self._close(result)

    def _close(self, result: Any) -> None:
        close = getattr(result, "close", None)
        try:
            if close is not None:
                close()
        except Exception:  # the response is complete, or has failed with the error that counts
            logger.exception("close() failed for %s", printable(self.environ.get("RAW_URI")))

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

    def _emit(self, chunk: bytes, notify: bool = True) -> None:
        if self.response is None:
            raise AssertionError("The WSGI application returned a body before it called start_response().")
        start = None if self.committed else self.response
        self.committed = True
        if not self.queue.put(_bytes(chunk), start, notify=notify):
            raise _Disconnected()


def _bytes(chunk: Any) -> bytes:
    if not isinstance(chunk, bytes):
        raise TypeError(f"The WSGI application returned {type(chunk).__name__} as body; PEP 3333 requires bytes.")
    return chunk


def _response(status: str, headers: List[Tuple[str, str]]) -> Message:
    """Return the message that begins the response.

    Raises:
        ValueError: The status is malformed, or a header can't be sent (`InvalidHeader`).
    """
    code = status[:3] if isinstance(status, str) else ""
    if len(code) != 3 or parse_digits(code) is None or status[3:4] not in ("", " "):
        raise ValueError(f"The WSGI application set the status {status!r}; PEP 3333 requires a form like '200 OK'.")
    pairs = []
    for name, value in headers:
        pair = encode_header(name, value)
        if not is_hop_by_hop(name):  # PEP 3333 forbids them: the server manages the connection
            pairs.append(pair)
    return {"type": "http.response.start", "status": int(code), "headers": pairs}
