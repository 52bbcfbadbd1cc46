"""Late registration: what is registered while the app serves gets a new table, or is taken back.

A mistake is found where it is registered. What is left to do is done there, too, if it is little or no event loop is
blocked by it. Else a thread does it: requests that begin after the registration wait for the table, those that run
finish by the old one.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import time
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from threading import RLock, Thread, get_ident
from typing import Any, Callable, Dict, Iterator, List, Optional, Protocol, Sequence, Tuple

from ._snapshot import snapshot
from .exceptions import BuildError

logger = logging.getLogger("fenrir")


#: What a late registration changes of the routes that are there already: nothing, how their errors are handled, which
#: steps are around their endpoints, or how these are called. `ALL` is a build that was asked for: of everything anew.
NOTHING, ERRORS, STEPS, ROUTES, ALL = range(5)


class BuildLike(Protocol):
    """The build of a table: `fenrir_core.build.builder.Builder`."""

    is_quick: bool

    def check(self, registered: Sequence[Any]) -> None:
        """Find the mistakes in what is new."""

    def finish(self, pause: Callable[[], None] = ...) -> None:
        """Make the table."""


class _Superseded(Exception):
    """Raised in a build whose table nobody needs: something else was registered meanwhile."""


class Pending:
    """The late registrations for which a thread makes a table.

    Args:
        loop: The event loop on which they were made; there the table is put in place.
        restore: Takes them all back.
        builder: The build of all of them.

    Attributes:
        older: Builds that have become unnecessary.
        names: What was registered, for the log.
        changes: What they change of the present routes.
        context: The context in which the last one was made.
        thread: The thread that makes the table.
        builds_in: The identity of the thread that makes it, this one or another; 0 for none.
        done: Done when the table is in place, or when they have been taken back.
        outcome: A build that has ended, with its error.
        is_scheduled: Whether the loop will call `LateRegistration._begin`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, restore: Callable[[], None], builder: BuildLike) -> None:
        self.loop, self.restore, self.builder = loop, restore, builder
        self.older: List[BuildLike] = []
        self.names: List[str] = []
        self.changes = NOTHING
        self.context: Context = copy_context()
        self.done: Future[None] = Future()
        self.thread: Optional[Thread] = None
        self.builds_in = 0
        self.outcome: Optional[Tuple[BuildLike, Optional[BaseException]]] = None
        self.is_scheduled = False

    def replace(self, builder: BuildLike) -> None:
        """Have another build, which takes over what the present one has compiled."""
        self.older.append(self.builder)
        self.builder, self.context = builder, copy_context()

    def work(self, builder: BuildLike, heap_is_frozen: Callable[[], bool]) -> None:
        """Finish a build, with pauses in which the event loop gets its turn."""
        counts = itertools.count(1)
        due = time.monotonic() + _TURN

        def pause() -> None:
            nonlocal due
            if next(counts) % _COLLECT_EVERY == 0 and heap_is_frozen():
                gc.collect(1)
            if builder is not self.builder:
                raise _Superseded
            if time.monotonic() > due:
                time.sleep(_PAUSE)
                due = time.monotonic() + _TURN

        self.builds_in = get_ident()
        error: Optional[BaseException] = None
        try:
            with _without_collections(heap_is_frozen):
                builder.finish(pause)
        except BaseException as raised:
            error = raised
        self.outcome = builder, error


#: How many routes a build comes to between two collections of what is new, where the heap is frozen.
_COLLECT_EVERY = 128
# PERF: on a busy machine a loop with a task each millisecond has its turn after 2.5 ms, not 8, the table is there as
# early: the loop has not to ask for the interpreter; a pause of 0 would be over before its thread has woken up
#: After how many seconds a build gives way, and for how many.
_TURN, _PAUSE = 0.001, 0.0001
#: From so many frozen objects on somebody has frozen the heap; 3.12 freezes some hundred itself.
_FROZEN = 10_000


@contextmanager
def _without_collections(heap_is_frozen: Callable[[], bool]) -> Iterator[None]:
    """Collect no garbage in a block that makes many objects which stay, and keep those out of the next collections.

    Each would look at all of them, or at the whole heap, and stops all threads as long: 200 to 500 ms of a hybrid app
    of 1,000 routes on 3.12. Where the heap is frozen the new objects are not: a table that is replaced is to be freed.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            if not heap_is_frozen():  # what is there is old from now on, without having been looked at
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class LateRegistration:
    """The late registrations of one app: one block at a time, each with a build of its own.

    Args:
        app: The app; its `_next_build` begins the new table, and its `_install` puts it in place.
        current: The connection that is served.

    Attributes:
        lock: Held while something is registered, and while a table is made where that is no event loop.
        changes: How the present block changes what is there already, from `NOTHING` to `ROUTES`.
        sealed: Whether the build calls its last hooks, which register nothing any more.
        pending: What was registered and is not served yet.
    """

    def __init__(self, app: Any, current: ContextVar[Any]) -> None:
        self.app, self._current = app, current
        self.lock = RLock()
        self.sealed = False
        self._is_open = False
        self.changes = NOTHING
        self.pending: Optional[Pending] = None
        #: The first request that registered something, by the place in the code.
        self._places: Dict[str, int] = {}
        self._numbers = itertools.count()
        self._has_warned = False
        self._frozen: Optional[bool] = None

    @contextmanager
    def block(self, what: str, where: str, changes: int) -> Iterator[None]:
        """Build when the block ends, or take back what was registered in it; a block inside is part of the outer one.

        Args:
            what: What is registered, for messages.
            where: ``file:line`` of it.
            changes: What it changes of the routes that are there already, from `NOTHING` to `ROUTES`.

        Raises:
            BuildError: Something is put together wrongly, or the app takes no late registrations.
        """
        if self._is_building():
            yield
            return
        with self.lock:
            if self.sealed:
                raise BuildError(f"{where}: {what} can't be added: the app has already been built.")
            self.changes = max(changes, self.changes if self._is_open else NOTHING)
            if self._is_open:
                yield
                return
            self.app.check_late(what, where)
            self._warn(what, where)
            restore = snapshot(self.app.registrations())
            self._is_open = True
            try:
                yield
                self._build(f"{where}: {what}", restore)
            except BaseException:
                restore()
                self._restart()
                raise
            finally:
                self._is_open = False

    def _build(self, name: str, restore: Callable[[], None]) -> None:
        """Make a new table, or have a thread make it."""
        pending, loop = self.pending, running_loop()
        if loop is None:
            self.changes = max(self.changes, NOTHING if pending is None else pending.changes)
            self.build()
            if pending is not None:  # the table has what it was for, too
                self._settle(pending)
            return
        builder = self.app._next_build(None if pending is None else pending.builder)
        self._check(builder)
        if pending is None and builder.is_quick:
            self._finish(builder)
            return
        if pending is None:
            self.pending = pending = Pending(loop, restore, builder)
        else:
            pending.replace(builder)
        pending.names.append(name)
        pending.changes = max(pending.changes, self.changes)
        self.app._disable_fast_path()
        self._schedule(pending)

    def _check(self, builder: BuildLike) -> None:
        with self.app.settings.locking():
            builder.check(self.app.registered)

    def build(self) -> None:
        """Make a table in this thread, and put it in place.

        Raises:
            BuildError: Something is put together wrongly; the old table stays.
        """
        if not self._is_open:
            self.changes = ALL
        builder = self.app._next_build()
        self._check(builder)
        self._finish(builder)

    def _finish(self, builder: BuildLike) -> None:
        with self.app.settings.locking():
            builder.finish()
        self.app._install(builder)

    # ------------------------------------------------------------ in a thread

    def _schedule(self, pending: Pending) -> None:
        # what else is registered before the loop goes on is part of the same build
        if not pending.is_scheduled:
            pending.is_scheduled = True
            self._on_loop(self._begin, pending)

    def _on_loop(self, function: Callable[[Pending], None], pending: Pending) -> None:
        """Have the loop call a function while no thread registers anything."""

        def call() -> None:
            if not self.lock.acquire(blocking=False):
                pending.loop.call_later(0.005, call)
                return
            try:
                function(pending)
            finally:
                self.lock.release()

        try:
            pending.loop.call_soon_threadsafe(call)
        except RuntimeError:  # it has been closed: who needs the table finishes it
            pass

    def _begin(self, pending: Pending) -> None:
        pending.is_scheduled = False
        if self.pending is pending and not pending.builds_in:
            run = pending.context.copy().run
            pending.thread = Thread(target=run, args=(self._work, pending, pending.builder), name="fenrir-build")
            pending.thread.daemon = True
            pending.thread.start()
            pending.builds_in = pending.thread.ident or 0

    def _heap_is_frozen(self) -> bool:
        """Return whether the objects of the process are kept out of collections, as by `fenrir run` after the start."""
        if self._frozen is None:  # asked once: it walks over them all
            self._frozen = gc.get_freeze_count() > _FROZEN
        return self._frozen

    def _work(self, pending: Pending, builder: BuildLike) -> None:
        pending.work(builder, self._heap_is_frozen)
        self._on_loop(self._end, pending)

    def _end(self, pending: Pending) -> None:
        """Put the table of a build that has ended in place, or take back what it was for; begin again if need be."""
        if self.pending is not pending or pending.outcome is None:
            return
        builder, error = pending.outcome
        pending.outcome, pending.thread, pending.builds_in = None, None, 0
        if builder is not pending.builder:
            self._schedule(pending)
            return
        self.pending = None  # hooks ask for the table that they are told of
        try:
            if error is not None:
                raise error
            self.app._install(builder, pending.older)
        except BaseException as raised:
            pending.restore()
            names = ", ".join(pending.names)
            is_plain = isinstance(raised, BuildError) and raised.__cause__ is None
            logger.error("Taken back, since no table can be made with it: %s: %s", names, raised, exc_info=not is_plain)
        self._settle(pending)

    def _settle(self, pending: Pending) -> None:
        if self.pending is pending:
            self.pending = None
        pending.done.set_result(None)

    def _restart(self) -> None:
        """Build again for what is pending: the thread may have seen what has just been taken back."""
        pending = self.pending
        if pending is not None and pending.builds_in:
            self.changes = pending.changes
            builder = self.app._next_build()
            self._check(builder)
            pending.replace(builder)

    # ------------------------------------------------------------ waiting

    def _is_building(self) -> bool:
        """Return whether this is the thread that makes a table."""
        return self.pending is not None and self.pending.builds_in == get_ident()

    async def ready(self) -> None:
        """Wait until what was registered is served, or has been taken back."""
        while self.pending is not None:
            if self.pending.loop is asyncio.get_running_loop():
                await asyncio.shield(asyncio.wrap_future(self.pending.done))
            else:
                self.finish()
                await asyncio.sleep(0)

    def finish(self) -> None:
        """Block until what was registered is in the table, or has been taken back."""
        while self.pending is not None and not self._is_open and not self._is_building():
            pending = self.pending
            if pending.thread is not None:
                pending.thread.join()
            with self.lock:
                if self.pending is pending and not pending.builds_in:
                    pending.work(pending.builder, self._heap_is_frozen)
                self._end(pending)

    def _warn(self, what: str, where: str) -> None:
        """Warn once of code that registers in one request after the other."""
        connection = self._current.get(None)
        if connection is None or connection.scope["type"] not in ("http", "websocket"):
            return
        number = connection.state.setdefault("fenrir.late", next(self._numbers))
        if self._places.setdefault(where, number) != number and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "%s: %s is registered inside a request, as in a request before: each one builds the app anew, and only "
                "in this worker. Register once, before the app starts.",
                where,
                what,
            )


def running_loop() -> Optional[asyncio.AbstractEventLoop]:
    """Return the event loop that runs in this thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
