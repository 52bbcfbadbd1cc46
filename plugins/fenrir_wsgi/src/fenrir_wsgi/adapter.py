"""ASGI applications as WSGI callables: `as_wsgi`."""

from __future__ import annotations

import os
import sys
import threading
from functools import lru_cache
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Tuple
from wsgiref.util import is_hop_by_hop

from fenrir_core import BuildError
from fenrir_core.authoring import ASGIApp, Message, caller, get_logger, printable, reason_phrase

from ._types import Environ, StartResponse
from .exchange import Exchange
from .loop_thread import STOP_TIMEOUT, LoopThread

logger = get_logger("fenrir.wsgi")

_ERROR = b"Internal Server Error"
_ERROR_HEAD = ("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8")])
#: Headers that a response of this status should not have (RFC 9110, sections 8.6 and 15.4.5), and that
#: `wsgiref.validate` refuses.
_UNWANTED: Dict[int, FrozenSet[bytes]] = dict.fromkeys((204, 304), frozenset({b"content-type", b"content-length"}))


def as_wsgi(app: ASGIApp) -> WSGICallable:
    """Return a WSGI callable that serves an ASGI application, for servers and middleware of WSGI.

    Args:
        app: A `Fenrir` app, an app of any paradigm, or another ASGI application.

    Raises:
        BuildError: It is not callable.
    """
    if not callable(app):
        raise BuildError(f"{caller()[0]}: as_wsgi: {app!r} is not callable, so it is not an ASGI application.")
    return WSGICallable(app)


class WSGICallable:
    """An ASGI application as a WSGI callable (PEP 3333).

    The application runs on an event loop in a thread of its own. Both start at the first
    request, with the application's lifespan, and stop at `close` or when the interpreter
    exits. A server that forks must do so before that. Any number of threads may call it at
    once.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._thread: Optional[LoopThread] = None
        self._is_closed = False

    def __call__(self, environ: Environ, start_response: StartResponse) -> ResponseBody:
        """Serve a request.

        Raises:
            StartupFailed: The application did not start; the next request tries again.
            RuntimeError: It was closed, or the process was forked after the start.
        """
        exchange = Exchange(self._running(), self.app, environ)
        body = ResponseBody(exchange, environ, start_response)
        try:
            body.start()
        except BaseException:
            body.close()
            raise
        return body

    def close(self, timeout: float = STOP_TIMEOUT) -> None:
        """Stop the application and its event loop, and wait for them; requests are refused from now on.

        Args:
            timeout: Seconds that running requests have to end; then they are cancelled.
        """
        with self._lock:
            self._is_closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop(timeout)

    def _running(self) -> LoopThread:
        thread = self._thread
        if thread is None:
            with self._lock:
                if self._is_closed:
                    raise RuntimeError("The WSGI callable was closed.")
                thread = self._thread
                if thread is None:
                    thread = LoopThread(self.app)
                    thread.start()
                    self._thread = thread
        if thread.pid != os.getpid():  # neither its thread nor those of the app's pool are here
            raise RuntimeError(
                "The process was forked after the first request. Fork before it, so that the application can start."
            )
        return thread


class ResponseBody:
    """The body of a response: an iterator over its parts, as the application sends them."""

    def __init__(self, exchange: Exchange, environ: Environ, start_response: StartResponse) -> None:
        self._exchange, self._environ, self._start_response = exchange, environ, start_response
        self._is_ended = False
        #: What is returned before the application's own parts.
        self._first = b""

    def start(self) -> None:
        """Wait until the response begins, and start it."""
        try:
            message = self._exchange.start()
        except Exception as error:
            self._first = self._fail(error)
        else:
            self._start_response(*_head(message))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        if self._is_ended:
            raise StopIteration
        try:
            chunk = self._exchange.take()
        except Exception as error:
            chunk = self._fail(error)
        if not chunk:
            self._is_ended = True
            raise StopIteration
        return chunk

    def close(self) -> None:
        """End the response; the application sees a disconnect unless it is complete."""
        self._is_ended = True
        self._exchange.disconnect()

    def _fail(self, error: Exception) -> bytes:
        """Make a response to an error, and return its body; where headers were sent, the error is raised.

        Source: PEP 3333, "Error Handling".
        """
        self._is_ended = True
        try:
            raise error
        except Exception:
            status, headers = _ERROR_HEAD
            self._start_response(status, [*headers], sys.exc_info())
        name = printable(f"{self._environ['REQUEST_METHOD']} {self._environ.get('PATH_INFO')}")
        logger.error("%s failed", name, exc_info=error)
        return b"" if self._environ["REQUEST_METHOD"] == "HEAD" else _ERROR


def _head(message: Message) -> Tuple[str, List[Tuple[str, str]]]:
    """Return the status line and the headers that a message begins a response with."""
    status = int(message["status"])
    unwanted = _UNWANTED.get(status, frozenset())
    headers = [
        (_title(name), value.decode("latin-1"))
        for name, value in message.get("headers", ())
        if name.lower() not in unwanted and not is_hop_by_hop(_title(name))
    ]
    return f"{status} {reason_phrase(status) or 'Unknown'}", headers


@lru_cache(maxsize=256)
def _title(name: Any) -> str:
    return str(name, "latin-1").title()
