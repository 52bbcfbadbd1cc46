"""The access log: a line for each request, which a thread of its own formats and writes in batches."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import stat
import threading
import time
from collections import deque
from contextvars import Context, copy_context
from time import perf_counter
from typing import Any, Awaitable, Callable, Deque, Dict, List, Optional, TextIO, Tuple, Union

from fenrir_core.authoring import Message, Receive, Scope, Send

from .logs import FORMAT, TIME_FORMAT, LineHandler, escaped
from .served import method_of

access_logger = logging.getLogger("fenrir.access")

#: Seconds that a line may wait for others, and how many may wait; then requests wait until there is room.
DELAY, LIMIT = 0.05, 10_000
#: The most bytes of one write, so that lines of several processes on one pipe do not mix (see PIPE_BUF in `pipe(7)`),
#: and to a file or a device, which take each write whole. PERF: after a write the thread has to wait for its turn.
WHOLE, WHOLE_OF_FILES = getattr(select, "PIPE_BUF", 512), 65_536
#: Seconds that the last lines have at a second Ctrl+C.
LAST_SECONDS = 1.0
#: How many addresses and requests are remembered as text, and of how many characters at most.
REMEMBERED, SHORT = 1_000, 200

_MESSAGE = "%s %s %s %s %.1fms"  # client, method, path, status, milliseconds
_BAR = FORMAT % {"asctime": "%s", "levelname": "INFO", "name": access_logger.name, "message": ""}


Status = Union[int, str]
Client = Optional[Tuple[str, int]]
#: A request that has ended: client, method, path, query, status, when it began and ended (seconds of `perf_counter`),
#: and its context, or None. PERF: 0.3 µs less than a named tuple.
Answered = Tuple[Client, str, str, bytes, Status, float, float, Optional[Context]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def _address(client: Client) -> str:
    """Return an address as text that can't contain a line break: a proxy's header may have given it."""
    return _shown(f"{client[0]}:{client[1]}") if client else "-"


def _target(path: str, query: bytes) -> str:
    """Return a path and its query as text that can't contain a line break, as a decoded path may."""
    return _shown(f"{path}?{query.decode('latin-1')}" if query else path)


def _shown(text: str) -> str:
    # PERF: 90 ns against 400 for what nearly all requests have
    return text if text.isascii() and text.isprintable() and "\\" not in text else escaped(text)


def _offset() -> float:
    """Return what is added to a time of `perf_counter` to get that of the clock."""
    return time.time() - time.perf_counter()


class AccessLog:
    """Middleware that logs each request after its response: client, method, path, status, milliseconds.

    Args:
        app: An ASGI app.
        writer: What writes the lines.
    """

    def __init__(self, app: App, writer: AccessWriter) -> None:
        self._app, self._writer = method_of(app), writer

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a connection (ASGI 3.0)."""
        if scope["type"] == "lifespan":
            return self._app(scope, receive, send)
        return self._logged(scope, receive, send)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        status: Status = "-"
        # the full path, `root_path` included; read now, since the app may change its scope
        path = scope["path"]

        # PERF: no coroutine function, 0.15 µs less a message
        def watch(message: Message) -> Awaitable[None]:
            nonlocal status
            kind = message["type"]
            if kind == "http.response.body":
                return send(message)
            if kind in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
            elif kind == "websocket.accept":
                status = 101
            elif kind == "websocket.close" and status == "-":
                status = 403
            return send(message)

        writer = self._writer
        began = perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            method, query = scope.get("method", "WEBSOCKET"), scope.get("query_string", b"")
            context = copy_context() if writer.keeps_contexts else None
            is_full = writer.put((scope.get("client"), method, path, query, status, began, perf_counter(), context))
        if is_full:
            await writer.room()


def _whole(stream: TextIO) -> int:
    """Return the most bytes of one write to a stream."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # closed, or no file of the system's
        return WHOLE
    return WHOLE_OF_FILES if stat.S_ISREG(mode) or stat.S_ISCHR(mode) else WHOLE


class AccessWriter:
    """A queue of requests that have ended, and the thread that logs them; a context manager.

    Where the command's own handler is the only one, lines are written to it many at a time; any other record waits
    until the lines of earlier requests are written. Where the app has set up logging, each request becomes a
    log record for its handlers, in the context of that request but in this thread.

    Attributes:
        keeps_contexts: Whether log records are made, whose filters may read context variables.
    """

    def __init__(self) -> None:
        handlers = [handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler)]
        self._handler: Optional[LineHandler] = handlers[0] if handlers else None
        self._queue: Deque[Answered] = deque()
        self._waiting: List[asyncio.Future[None]] = []
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._is_wake_due, self._is_closed = False, False
        self._wanted = threading.Event()
        self._process = os.getpid()
        self._offset, self._second, self._bar = 0.0, -1, ""
        # PERF: 1.0 µs of 1.6 are texts that are mostly those of earlier requests
        self._times: Dict[int, str] = {}
        self._addresses: Dict[Client, str] = {}
        self._targets: Dict[Tuple[str, str, bytes], str] = {}
        self.keeps_contexts = not self._is_alone()
        self._thread = threading.Thread(target=self._work, name="fenrir-access-log", daemon=True)

    def __enter__(self) -> AccessWriter:
        if self._handler is not None:
            self._handler.before = self._write_lines
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, answered: Answered) -> bool:
        """Take a request that has ended; called on the loop.

        Returns:
            Whether its connection should wait for `room` before it takes another.
        """
        self._queue.append(answered)
        if not self._is_wake_due:
            # PERF: one timer for all requests of a batch; waking the thread for each one costs 10 µs and more
            self._is_wake_due = True
            self._loop = asyncio.get_running_loop()
            self._loop.call_later(DELAY, self._wake)
        return len(self._queue) >= LIMIT

    def _wake(self) -> None:
        self._is_wake_due = False
        self._wanted.set()

    async def room(self) -> None:
        """Wait until fewer than `LIMIT` requests wait."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._wanted.set()
        await future

    def close(self, seconds: Optional[float] = None) -> None:
        """Write what waits, and end the thread.

        Args:
            seconds: How long that may take; None for as long as it needs.
        """
        if self._is_closed or self._is_forked():
            return
        self._is_closed = True
        self._wanted.set()
        self._thread.join(seconds)
        if self._handler is not None:
            self._handler.before = None

    def _is_forked(self) -> bool:
        """Return whether this is a child that the app has forked, with copies of what its parent writes."""
        return os.getpid() != self._process

    # ---------------------------------------------------------------- in the thread

    def _work(self) -> None:
        is_last = False
        while not is_last:
            self._wanted.wait()
            self._wanted.clear()
            is_last = self._is_closed
            while self._queue:
                self.keeps_contexts = not self._is_alone()
                try:
                    if self.keeps_contexts:
                        self._log_records()
                    else:
                        self._write_lines()
                except Exception:  # of a filter of the app, or a client address of no known form
                    logging.getLogger("fenrir.cli").exception("A request could not be logged")
            self._release()

    def _release(self) -> None:
        """Let waiting requests go on, if there is room."""
        if self._waiting and self._loop is not None and len(self._queue) < LIMIT:
            try:
                self._loop.call_soon_threadsafe(self._set_free)
            except RuntimeError:  # the loop has ended
                pass

    def _set_free(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _is_alone(self) -> bool:
        """Return whether records of the access log reach the command's own handler, as it was made, and no other."""
        handler = self._handler
        if handler is None or handler.filters or not handler.is_as_made or access_logger.filters:
            return False
        logger: Optional[logging.Logger] = access_logger
        while logger is not None and logger is not logging.root:
            if logger.handlers or not logger.propagate:
                return False
            logger = logger.parent
        return logging.root.handlers == [handler]

    def _write_lines(self) -> None:
        """Write the lines that wait, as many at a time as are written whole."""
        handler, queue = self._handler, self._queue
        if handler is None or not queue or not self._is_alone() or self._is_forked():
            return
        self._offset, whole = _offset(), _whole(handler.stream)
        while queue:
            # the handler's lock, held from taking the lines to writing them, keeps the order
            with handler.lock:  # type: ignore[union-attr]  # None only where a subclass makes none
                lines: List[str] = []
                size = 0
                while queue and size < whole:
                    line = self._line(queue.popleft())
                    size += len(line)
                    if lines and size > whole:
                        self._write(handler, lines)
                        lines, size = [], len(line)
                    lines.append(line)
                self._write(handler, lines)
            self._release()

    @staticmethod
    def _write(handler: LineHandler, lines: List[str]) -> None:
        if access_logger.isEnabledFor(logging.INFO):
            handler.write("".join(lines))

    def _line(self, answered: Answered) -> str:
        client, method, path, query, status, began, ended, _ = answered
        second = int(ended + self._offset)
        if second != self._second:
            self._second = second
            self._bar = _BAR % time.strftime(TIME_FORMAT, time.localtime(second))
        key = client if client is None or client.__class__ is tuple else (client[0], client[1])  # ASGI: an iterable
        address = self._addresses.get(key)
        if address is None:
            address = _kept(self._addresses, key, _address(key))
        asked = method, path, query
        target = self._targets.get(asked)
        if target is None:
            target = _kept(self._targets, asked, f"{_shown(method)} {_target(path, query)}")
        tenths = int((ended - began) * 10_000 + 0.5)
        took = self._times.get(tenths)
        if took is None:
            took = _kept(self._times, tenths, f"{tenths / 10:.1f}ms\n")
        return f"{self._bar}{address} {target} {status} {took}"

    def _log_records(self) -> None:
        """Let the handlers that the app has set up have a record of each request that waits."""
        queue = self._queue
        is_wanted = access_logger.isEnabledFor(logging.INFO)
        offset = _offset()
        while queue:
            answered = queue.popleft()
            if is_wanted:
                client, method, path, query, status, began, ended, context = answered
                arguments = _address(client), _shown(method), _target(path, query), status, (ended - began) * 1000
                record = access_logger.makeRecord(
                    access_logger.name, logging.INFO, __file__, 0, _MESSAGE, arguments, None
                )
                ended += offset
                record.relativeCreated += (ended - record.created) * 1000
                record.created, record.msecs = ended, float(int(ended % 1 * 1000))
                (context or copy_context()).run(access_logger.handle, record)
            self._release()


def _kept(texts: Dict[Any, str], key: object, text: str) -> str:
    """Return a text, remembered for the requests that follow unless it is long."""
    if len(texts) >= REMEMBERED:
        texts.clear()
    if len(text) <= SHORT:
        texts[key] = text
    return text
