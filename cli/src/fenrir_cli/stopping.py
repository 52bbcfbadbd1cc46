"""The stop of a serving process: its steps, the time of each, and the exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional

from fenrir_core.authoring import cut_streams

from .access_log import LAST_SECONDS, AccessWriter
from .admission import HANDSHAKE_SECONDS, admit_no_more
from .loops import stop_accepting
from .options import ServeOptions
from .unfinished import blocked_threads, open_requests

if TYPE_CHECKING:
    from .served import Served

logger = logging.getLogger("fenrir.stop")

#: Seconds in which kept connections are closed with their next response, before those that are idle are closed: a
#: client may send on one just when the server closes it.
DRAIN_SECONDS = 0.25
#: Seconds that cancelled requests, and then the server, have to end before the next step begins without them.
CUT_SECONDS, END_SECONDS = 0.5, 1.0
#: Seconds that a step may take beyond its time, before the process is ended in the middle of it.
MARGIN = 1.5
#: The exit code of a stop that cut something off.
CUT_OFF = 1
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
#: Seconds between two looks at the listening socket.
LOOK_SECONDS = 1.0


@contextmanager
def kept_signals() -> Iterator[None]:
    """Restore the signal handlers after the block, in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    former = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            if handler is not None:  # one that was not set by Python
                signal.signal(number, handler)


class Asked(asyncio.Event):
    """The event that asks a server to stop.

    Attributes:
        abandons_server: Set by an adapter whose server can't be ended: the process ends without that.
    """

    abandons_server = False


class Stop:
    """One stop, from the first signal to the end of the process.

    Args:
        options: The times.
        served: What serves.
        listener: The listening socket.
        writer: What has lines of the access log to write.
        leash: The socket whose other end a supervisor holds, which then decides about a second signal.

    Attributes:
        asked: Set when the server has to stop.
        was_cut_off: Whether something did not end in its time.
        is_lost: Whether it began since nothing could be served any more.
    """

    def __init__(
        self,
        options: ServeOptions,
        served: Served,
        listener: socket.socket,
        writer: Optional[AccessWriter],
        leash: Optional[socket.socket],
    ) -> None:
        self._options, self._served, self._is_worker = options, served, leash is not None
        self._listening, self._identity = listener.fileno(), _identity(listener.fileno())
        self.asked = Asked()
        self.was_cut_off = self.is_lost = False
        self._loop = asyncio.get_running_loop()
        self._signals, self._begun = 0, asyncio.Event()
        self._cut_before = cut_streams.count
        self._last = LastResort(writer, leash)
        served.on_shutdown = lambda: self._last.allow(options.shutdown + MARGIN)

    @property
    def code(self) -> int:
        """The exit code."""
        return CUT_OFF if self.was_cut_off or self.is_lost or cut_streams.count > self._cut_before else 0

    def catch_signals(self) -> None:
        """Begin at SIGTERM, SIGINT or SIGHUP."""
        # no handler of the loop: one of Python's runs also where a handler of the app blocks the loop
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and (name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN):
                ignored = name == "SIGHUP" and self._is_worker
                signal.signal(number, signal.SIG_IGN if ignored else self._on_signal)

    def _on_signal(self, number: int, _: object) -> None:
        # it may interrupt any code of this thread: it takes no lock
        self._signals += 1
        if self._signals > 1 and not self._is_worker:
            self._last.force(128 + number)
            return
        self._last.allow(self._options.graceful + MARGIN)
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self.begin)

    def begin(self) -> None:
        """Close the listening socket and let kept connections end; then stop the server."""
        if self._begun.is_set():
            return
        self._begun.set()
        self._last.allow(self._options.graceful + MARGIN)
        self._served.is_draining = True
        # other processes may go on with a socket that they share
        if self._is_worker or self._options.fd is not None or not admit_no_more(self._listening):
            stop_accepting(self._listening)
        else:
            self._loop.call_later(HANDSHAKE_SECONDS, stop_accepting, self._listening)
        self._loop.call_later(DRAIN_SECONDS, self._ask)
        self._loop.call_later(self._options.graceful, self._cut_off)

    def _ask(self) -> None:
        self._served.close_websockets()
        self.asked.set()

    def _cut_off(self) -> None:
        if not self._served.is_shutting_down:
            self.was_cut_off = True
            found = open_requests()
            named = f": {', '.join(found)}" if found else ""
            logger.error("Requests were still open after %g s and are cut off%s", self._options.graceful, named)
            self._loop.call_later(CUT_SECONDS, self._served.shut_down)

    async def watch(self, serving: asyncio.Future[None]) -> None:
        """Wait for a server's end; where that does not come after the shutdown of the app, end the process."""
        begun = asyncio.ensure_future(self._begun.wait())
        ended = asyncio.ensure_future(self._served.has_ended.wait())
        while not await _first(LOOK_SECONDS, serving, begun):
            if not self.is_lost and _is_lost(self._listening, self._identity):
                self._lose("The listening socket is lost: nothing can be served any more.")
                os.kill(os.getpid(), signal.SIGTERM)
        if not begun.done():
            self._note_end(serving)
        begun.cancel()
        await _first(None, serving, ended)
        if self.asked.abandons_server:
            self._served.shut_down()
            await ended
        ended.cancel()
        await asyncio.wait([serving], timeout=END_SECONDS)
        self.was_cut_off = self.was_cut_off or self._served.was_cut_off or not serving.done()
        if not serving.done() or self.asked.abandons_server:
            self._last.force(self.code)
            await asyncio.sleep(LAST_SECONDS + END_SECONDS)
        elif self.was_cut_off:
            self._last.allow(MARGIN)  # threads that never return keep the loop, and the interpreter, from ending
        await serving

    def _note_end(self, serving: asyncio.Future[None]) -> None:
        """Note that a server has ended unasked, unless it was not able to begin."""
        if serving.exception() is None and self._served.failure is None:
            self._lose("The server has ended by itself; mostly the listening socket is lost.")

    def _lose(self, message: str) -> None:
        logger.critical(message)
        self.is_lost = True

    def end(self, owns_process: bool) -> int:
        """End the watch over the stop; return the exit code.

        Args:
            owns_process: Whether the process ends now, too; then that has the time that is left.
        """
        if not owns_process or not self._begun.is_set():
            self._last.end()
        return self.code


async def _first(seconds: Optional[float], *waited: asyncio.Future[Any]) -> bool:
    """Return whether one of several is done, within a time."""
    return bool((await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED))[0])


def _identity(number: int) -> Any:
    with suppress(OSError):
        found = os.fstat(number)
        return found.st_dev, found.st_ino
    return None


def _is_lost(number: int, identity: Any) -> bool:
    """Return whether a descriptor is no more the socket that it was, or does not listen any more."""
    if identity is None or os.name != "posix":
        return False
    try:
        with socket.socket(fileno=os.dup(number)) as copy:
            return _identity(number) != identity or not copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        return True


class LastResort:
    """A thread that ends the process where nothing else does: it needs neither the event loop nor a free thread.

    Args:
        writer: What has lines of the access log to write.
        leash: A socket whose other end a supervisor holds: when that ends, the process is asked to stop.
    """

    def __init__(self, writer: Optional[AccessWriter], leash: Optional[socket.socket]) -> None:
        self._writer, self._leash = writer, leash
        self._end: Optional[float] = None
        self._code: Optional[int] = None
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        threading.Thread(target=self._run, name="fenrir-stop", daemon=True).start()

    def allow(self, seconds: float) -> None:
        """Let the process live for so long, from now on."""
        self._end = time.monotonic() + seconds
        self._wake()

    def force(self, code: int) -> None:
        """End the process at once."""
        self._code = code
        self._wake()

    def end(self) -> None:
        """Let the process live: it goes on after the stop."""
        self._ours.close()

    def _wake(self) -> None:
        # a signal handler calls this: it takes no lock
        with suppress(OSError):
            self._ours.send(b"x")

    def _run(self) -> None:
        with self._theirs:
            while True:
                left = None if self._end is None else max(0.0, self._end - time.monotonic())
                is_woken = self._wait(left)
                if is_woken and not self._theirs.recv(100):
                    return
                if self._code is not None:
                    self._exit(self._code)
                if not is_woken and self._end is not None and time.monotonic() >= self._end:
                    self._exit(CUT_OFF, is_late=True)

    def _wait(self, seconds: Optional[float]) -> bool:
        """Return whether there is something to do, before the time is over."""
        if self._leash is None or not hasattr(select, "poll"):
            return bool(select.select([self._theirs], [], [], seconds)[0])
        poll = select.poll()
        poll.register(self._theirs, select.POLLIN)
        poll.register(self._leash, 0)  # the loop reads what it says; here only its end counts
        found = dict(poll.poll(None if seconds is None else seconds * 1000 + 1))
        if found.get(self._leash.fileno(), 0) & select.POLLHUP:
            self._leash = None
            os.kill(os.getpid(), signal.SIGTERM)
        return self._theirs.fileno() in found

    def _exit(self, code: int, is_late: bool = False) -> None:
        # a thread of its own, since a lock may be held by one that never returns
        flushing = threading.Thread(target=self._flush, args=(is_late,), daemon=True)
        flushing.start()
        flushing.join(LAST_SECONDS)
        os._exit(code)

    def _flush(self, is_late: bool) -> None:
        if is_late:
            logger.error("The stop did not end in its time, so the process is ended%s", _named())
        if self._writer is not None:
            self._writer.close(LAST_SECONDS)
        steps: List[Callable[[], object]] = [logging.shutdown, sys.stdout.flush, sys.stderr.flush]
        for step in steps:
            with suppress(Exception):
                step()


def _named() -> str:
    found = blocked_threads()
    return f": {', '.join(found)}" if found else ""
