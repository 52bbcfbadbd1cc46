"""One request and its response, between the thread of a WSGI server and an ASGI application on an event loop.

Source: ASGI 3.0, "HTTP"; PEP 3333, "Input and Error Streams" and "Buffering and Streaming".
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Any, Callable, Deque, List, Optional

from fenrir_core.authoring import BODILESS, ASGIApp, Message, get_logger, parse_digits, printable

from ._types import Environ
from .loop_thread import LoopThread
from .scope import make_scope

logger = get_logger("fenrir.wsgi")

#: The most bytes of the request body that are read at once.
READ_SIZE = 64 * 1024
#: The most bytes of the response that wait for the server to take them.
WRITE_LIMIT = 256 * 1024


class Exchange:
    """A request to an ASGI application, made from the thread that a WSGI server calls in.

    While that thread waits for the response it reads the request body, each time when the
    application receives. So `wsgi.input` is used in no other thread and after the response
    not at all, and no more than one piece of the request and `WRITE_LIMIT` bytes of the
    response are held.

    Args:
        thread: The thread of the event loop that the application runs on.
        app: The application.
        environ: The WSGI environment.
    """

    def __init__(self, thread: LoopThread, app: ASGIApp, environ: Environ) -> None:
        self._thread, self._app, self._environ = thread, app, environ
        # ---- the request; the messages belong to the loop, the input to the thread
        stream = environ["wsgi.input"]
        self._read_input: Callable[[int], bytes] = getattr(stream, "read1", None) or stream.read
        self._remaining = _body_length(environ)
        self._messages: Deque[Message] = deque()
        self._received: Any = None
        self._is_asked = False
        self._is_over = False
        self._body_complete = self._remaining == 0
        if self._body_complete:
            self._messages.append({"type": "http.request", "body": b"", "more_body": False})
        # ---- the response; under the lock of the condition
        self._changed = threading.Condition()
        self._is_read_wanted = False
        self._start: Optional[Message] = None
        self._chunks: List[bytes] = []
        self._size = 0
        self._is_silent = environ["REQUEST_METHOD"] == "HEAD"
        self._is_begun, self._is_done, self._is_ended = False, False, False
        self._is_writer_waiting = False
        self._is_disconnected = False
        self._taken: Any = None
        self._error: Optional[BaseException] = None
        thread.call(self._begin)

    # ------------------------------------------------------------ in the server's thread

    def start(self) -> Message:
        """Wait for the first part of the response, and return the message with status and headers.

        Raises:
            Exception: What the application raised instead.
        """
        self._wait(lambda: self._is_begun)
        if not self._is_begun or self._start is None:
            raise self._failure()
        return self._start

    def take(self) -> bytes:
        """Wait for a part of the response body; empty at its end, and for a response that has none.

        Raises:
            Exception: What the application raised.
        """
        self._wait(lambda: bool(self._chunks) or self._is_done or self._is_silent)
        with self._changed:
            data = b"".join(self._chunks)
            self._chunks.clear()
            self._size = 0
            is_writer_waiting, self._is_writer_waiting = self._is_writer_waiting, False
        if is_writer_waiting:
            self._call(self._taken.set)
        if not data and not self._is_done and not self._is_silent:
            raise self._failure()
        return data

    def disconnect(self) -> None:
        """Tell the application that the client disconnected, unless the response is complete."""
        with self._changed:
            if self._is_done or self._is_disconnected:
                return
            self._is_disconnected = True
        self._call(self._end_input)

    def _wait(self, is_ready: Callable[[], bool]) -> None:
        """Wait until it is ready or the application has ended, and read the body when it is asked for."""
        while True:
            with self._changed:
                while not (is_ready() or self._is_ended or self._is_read_wanted):
                    self._changed.wait()
                if is_ready() or self._is_ended:
                    return
                self._is_read_wanted = False
            self._read()

    def _read(self) -> None:
        size = READ_SIZE if self._remaining is None else min(READ_SIZE, self._remaining)
        try:
            data = self._read_input(size)
        except Exception as error:
            logger.warning("Reading the request body failed.", exc_info=error)
            self._call(self._end_input)
            return
        more = bool(data)
        if self._remaining is not None:
            self._remaining -= len(data)
            more = self._remaining > 0
        if more and not data:  # less than was announced: it must not pass for the whole
            self._call(self._end_input)
        else:
            self._call(self._accept, {"type": "http.request", "body": data, "more_body": more})

    def _call(self, function: Callable[..., Any], *arguments: Any) -> None:
        try:
            self._thread.call(function, *arguments)
        except RuntimeError:
            pass  # the loop has ended, and the application with it

    def _failure(self) -> Exception:
        if isinstance(self._error, Exception):
            return self._error
        problem = RuntimeError("The ASGI application ended before its response was complete.")
        problem.__cause__ = self._error  # of a cancelled task, or SystemExit, which must not end the server
        return problem

    # ------------------------------------------------------------ on the event loop

    def _begin(self) -> None:
        self._received, self._taken = asyncio.Event(), asyncio.Event()
        self._thread.run_request(self._run())

    async def _run(self) -> None:
        error: Optional[BaseException] = None
        try:
            await self._app(make_scope(self._environ, self._thread.state), self._receive, self._send)
        except BaseException as raised:
            error = raised
        with self._changed:
            self._is_ended, self._error = True, error
            self._changed.notify()
        if error is not None and (self._is_done or self._is_disconnected):
            name = printable(f"{self._environ['REQUEST_METHOD']} {self._environ.get('PATH_INFO')}")
            logger.error("%s failed after its response", name, exc_info=error)

    def _accept(self, message: Message) -> None:
        """Take a part of the body that was read."""
        self._is_asked = False
        self._messages.append(message)
        self._body_complete = not message["more_body"]
        self._received.set()

    def _end_input(self) -> None:
        """Let `receive` report the disconnect, and a waiting `send` fail."""
        self._is_over = True
        self._received.set()
        self._taken.set()

    async def _receive(self) -> Message:
        # a receiver may be cancelled while the thread reads: what was read is kept for the next one
        while not self._is_over:
            if self._messages:
                return self._messages.popleft()
            self._received.clear()
            if not self._body_complete and not self._is_asked:
                self._is_asked = True
                with self._changed:
                    self._is_read_wanted = True
                    self._changed.notify()
            await self._received.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if self._is_disconnected:
            raise ConnectionResetError("The client disconnected.")
        if kind == "http.response.start" and self._start is None:
            self._is_silent = self._is_silent or message["status"] in BODILESS
            self._start = message  # held until the body begins: an error before that can still be a real status
        elif kind == "http.response.body" and self._start is not None and not self._is_done:
            await self._send_body(bytes(message.get("body", b"")), not message.get("more_body", False))
        else:
            raise RuntimeError(f"The ASGI application sent {kind!r}, which the state of its response does not allow.")

    async def _send_body(self, data: bytes, is_done: bool) -> None:
        with self._changed:
            if data and not self._is_silent:
                self._chunks.append(data)
                self._size += len(data)
            self._is_begun, self._is_done = True, is_done
            self._is_writer_waiting = self._size >= WRITE_LIMIT and not is_done
            if self._is_writer_waiting:
                self._taken.clear()
            self._changed.notify()
        if is_done:
            self._is_over = True
            self._received.set()
        elif self._is_writer_waiting:
            await self._taken.wait()
            if self._is_disconnected:
                raise ConnectionResetError("The client disconnected.")


def _body_length(environ: Environ) -> Optional[int]:
    """Return the length of the request body in bytes; None for one that ends where its stream ends."""
    length = parse_digits(str(environ.get("CONTENT_LENGTH") or ""))
    if length is not None:
        return length
    # PEP 3333 has no body without a length; servers that take off the chunked coding mark the stream
    return None if environ.get("wsgi.input_terminated") else 0
