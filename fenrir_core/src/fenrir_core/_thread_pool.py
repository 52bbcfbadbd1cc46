"""The threads of the process, and the share that an app or a mount has in them."""

from __future__ import annotations

import atexit
import os
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from concurrent.futures import Executor, Future
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Deque, Optional, Set
from weakref import WeakSet

from ._types import T
from .exceptions import HTTPError

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

#: A thread that had nothing to do for this many seconds ends.
IDLE_SECONDS = 30.0
#: After so many calls of requests that have a thread, one that waits for its first call has its turn.
RESUMED = 8
#: How many threads the process has at most, unless the environment or the setting of an app says more.
MOST = 1000
#: Seconds after which a client that was refused, since there is no thread or no place, may try again.
RETRY_AFTER = "1"


class Job(ABC):
    """One call in a thread."""

    #: The request that keeps its thread between its calls; None for a call in any thread.
    keeper: Optional[ThreadKeeper] = None

    @abstractmethod
    def call(self) -> None:
        """Make the call and keep its result or error; called in the thread."""

    @abstractmethod
    def finish(self) -> None:
        """Hand over the result or error; called in the thread, which others may use from now on."""

    @abstractmethod
    def refuse(self, error: Exception) -> None:
        """Take an error in the place of the call, which is not made."""


class ThreadKeeper:
    """What keeps a thread from its first call to its last, and never has two calls at once."""

    #: The thread that is lent to it.
    worker: Optional[Worker] = None
    #: Whether its place among the calls that run is still its own, after a call.
    has_place = False
    #: Whether the thread is given back when the call ends that it runs.
    is_released = False


class Worker:
    """A thread of the pool."""

    def __init__(self, pool: ThreadPool, number: int) -> None:
        self.pool = pool
        self.job: Optional[Job] = None
        self.limiter: Optional[ThreadLimiter] = None
        # PERF: a plain lock wakes a thread in half the time of `queue.SimpleQueue`
        self._wake = threading.Lock()
        self._wake.acquire()
        threading.Thread(target=self._run, name=f"fenrir_{number}", daemon=True).start()

    def give(self, limiter: ThreadLimiter, job: Job) -> None:
        """Let the thread run a job; it has none."""
        self.limiter, self.job = limiter, job
        self._wake.release()

    def _run(self) -> None:
        while True:
            while not self._wake.acquire(timeout=IDLE_SECONDS):
                if self.pool.forget(self):
                    return
            job, limiter = self.job, self.limiter
            while job is not None and limiter is not None:
                job.call()
                following = limiter.after(job, self)  # from now on `give` may be called again
                job.finish()
                job = following
            del limiter


class ThreadPool:
    """The threads of a process: as many as are needed at a time, those that are idle are used again.

    The thread that fell idle last is woken first: its stack is still in the processor's cache, and those
    that are not needed any more stay idle until they end.

    Attributes:
        most: How many there are at most, for all apps together.
    """

    def __init__(self) -> None:
        given = os.environ.get("FENRIR_THREADS_MAX", "")
        self.most = int(given) if given.isdecimal() else MOST
        self.lock = threading.Lock()
        self.idle: Deque[Worker] = deque()
        self.workers: Set[Worker] = set()
        self.limiters: WeakSet[ThreadLimiter] = WeakSet()
        self._count = 0
        # what runs when the interpreter exits is waited for; `threading` calls at exit what was registered last first
        getattr(threading, "_register_atexit", atexit.register)(self._wait)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def take(self) -> Worker:
        """Return an idle thread, or a new one.

        Raises:
            RuntimeError: There are as many as there may be, or the system has no more.
        """
        with self.lock:
            if self.idle:
                return self.idle.pop()
            if len(self.workers) >= self.most:
                raise RuntimeError("there are too many threads")
            self._count += 1
            worker = Worker(self, self._count)
            self.workers.add(worker)
            return worker

    def give_back(self, worker: Worker) -> None:
        """Make a thread idle."""
        with self.lock:
            self.idle.append(worker)

    def forget(self, worker: Worker) -> bool:
        """Return whether a thread that waits for a job was idle, and is not any more."""
        with self.lock:
            if worker not in self.idle:
                return False
            self.idle.remove(worker)
            self.workers.discard(worker)
            return True

    def _wait(self) -> None:
        while any(worker.job is not None for worker in list(self.workers)):
            time.sleep(0.01)

    def _reset(self) -> None:
        """Forget the parent's threads, which a forked process does not have."""
        self.lock = threading.Lock()
        self.idle.clear()
        self.workers.clear()
        for limiter in self.limiters:
            limiter.reset()


_making = threading.Lock()
_pool: Optional[ThreadPool] = None


def pool() -> ThreadPool:
    """Return the pool of the process, which is made at the first use.

    It is the one object that apps share: it has no state of theirs.
    """
    global _pool
    if _pool is None:
        with _making:
            if _pool is None:
                _pool = ThreadPool()
    return _pool


#: Marks the context of code that runs in a thread: what it waits for must not wait for its thread.
inside: ContextVar[Inside] = ContextVar("fenrir_thread")


class Inside:
    """The mark of code that runs in a thread."""

    __slots__ = ("runs",)

    def __init__(self) -> None:
        #: Whether it runs at this moment.
        self.runs = False


def is_nested() -> bool:
    """Return whether the running code was started by code that runs in a thread and may be waiting for it."""
    outer = inside.get(None)
    return outer is not None and outer.runs


class ThreadLimiter(Executor):
    """The share of an app, or of a mount, in the threads of the process.

    Args:
        threads: How many calls run at a time; others wait. Calls that run code in a thread waits for, such as those of
            a request that a handler sends to its own app, do not wait and do not count.
        most: How many threads requests may keep between their calls, and how many calls may run with those that do
            not wait. Beyond it, calls are refused.
    """

    def __init__(self, threads: int, most: int) -> None:
        self.threads, self.most = threads, max(most, threads)
        self.pool = pool()
        self.pool.limiters.add(self)
        self.pool.most = max(self.pool.most, self.most)
        self.reset()

    def reset(self) -> None:
        """Forget all calls."""
        self.lock = threading.Lock()
        #: How many calls run; how many threads are lent.
        self.running = self.lent = 0
        self.waiting: Deque[Job] = deque()
        #: Calls of those that have a thread already. They go first, so that few threads are lent at a time.
        self.resuming: Deque[Job] = deque()
        self._resumed = 0

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function in a thread, in a copy of the caller's context (`concurrent.futures.Executor.submit`)."""
        call = _Submitted(partial(fn, *args, **kwargs))
        self.start(call, is_nested())
        return call.future

    def start(self, job: Job, is_nested: bool) -> None:
        """Run a job as soon as there is a place.

        Args:
            job: The job.
            is_nested: Whether code that itself runs in a thread may be waiting for it: it begins at once.

        Raises:
            HTTPError: 503, there are too many threads.
        """
        keeper = job.keeper
        with self.lock:
            if keeper is not None and keeper.has_place:
                keeper.has_place = False
            elif is_nested or self.running < self.threads:
                if self.running >= self.most:
                    raise too_many(self.most)
                self._count(job)
            else:
                (self.waiting if keeper is None or keeper.worker is None else self.resuming).append(job)
                return
        self._run(job)

    def withdraw(self, job: Job) -> bool:
        """Return whether a job had not begun; then it never will."""
        with self.lock:
            for jobs in (self.waiting, self.resuming):
                if job in jobs:
                    jobs.remove(job)
                    return True
        return False

    def after(self, job: Job, worker: Worker) -> Optional[Job]:
        """Return what a thread runs after a job; without it the thread is idle, or kept.

        The place of a job with a keeper stays the keeper's until `leave`.
        """
        keeper = job.keeper
        if keeper is not None:
            with self.lock:
                worker.job, keeper.has_place = None, True
            if keeper.is_released:
                self.release(keeper)
            return None
        following = self._following()
        if following is not None and (following.keeper is None or following.keeper.worker is None):
            if following.keeper is not None:
                following.keeper.worker = worker
            worker.job = following
            return following
        worker.job = None
        self.pool.give_back(worker)
        if following is not None:
            self._run(following)
        return None

    def leave(self, keeper: ThreadKeeper) -> None:
        """Let others run: the request does something else between two of its calls."""
        with self.lock:
            had, keeper.has_place = keeper.has_place, False
        if had:
            following = self._following()
            if following is not None:
                self._run(following)

    def release(self, keeper: ThreadKeeper) -> None:
        """Take the thread of a request back; where it runs, when it has ended."""
        with self.lock:
            worker = keeper.worker
            if worker is None:
                return
            if worker.job is not None:
                keeper.is_released = True
                return
            keeper.worker, keeper.is_released = None, False
            self.lent -= 1
        self.pool.give_back(worker)
        self.leave(keeper)

    def _count(self, job: Job) -> None:
        """Count a job among those that run; the lock is held.

        Raises:
            HTTPError: 503, it needs a thread of its own and there is none.
        """
        keeper = job.keeper
        if keeper is not None and keeper.worker is None:
            if self.lent >= self.most:
                raise too_many(self.most)
            self.lent += 1
        self.running += 1

    def _following(self) -> Optional[Job]:
        """End a job that ran; return the one that may run now."""
        with self.lock:
            self.running -= 1
            while self.running < self.threads and (self.resuming or self.waiting):
                if self.resuming and (self._resumed < RESUMED or not self.waiting):
                    self._resumed += 1
                    job = self.resuming.popleft()
                else:
                    self._resumed = 0
                    job = self.waiting.popleft()
                try:
                    self._count(job)
                except HTTPError as error:
                    job.refuse(error)
                else:
                    return job
        return None

    def _run(self, job: Job) -> None:
        following: Optional[Job] = job
        while following is not None:
            job, following = following, None
            keeper = job.keeper
            worker = None if keeper is None else keeper.worker
            if worker is None:
                try:
                    worker = self.pool.take()
                except RuntimeError:
                    if keeper is not None:
                        with self.lock:
                            self.lent -= 1
                    job.refuse(too_many(len(self.pool.workers)))
                    following = self._following()
                    continue
                if keeper is not None:
                    keeper.worker = worker
            worker.give(self, job)


class _Submitted(Job):
    """A call whose result a `Future` gets."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function
        self.future: Future[Any] = Future()
        self.context, self.mark = copy_context(), Inside()
        self.context.run(inside.set, self.mark)
        self.result: Any = None
        self.error: Optional[BaseException] = None

    def call(self) -> None:
        if self.future.set_running_or_notify_cancel():
            self.mark.runs = True
            try:
                self.result = self.context.run(self.function)
            except BaseException as error:
                self.error = error
            self.mark.runs = False

    def finish(self) -> None:
        if self.error is not None:
            self.future.set_exception(self.error)
        elif not self.future.cancelled():
            self.future.set_result(self.result)

    def refuse(self, error: Exception) -> None:
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


def too_many(threads: int) -> HTTPError:
    """Return the error of a request for which there is no thread."""
    detail = f"The server is too busy: all of its {threads} threads are in use."
    return HTTPError(503, detail, {"Retry-After": RETRY_AFTER})
