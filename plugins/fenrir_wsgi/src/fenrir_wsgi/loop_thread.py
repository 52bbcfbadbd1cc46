"""An event loop in a thread of its own, for an ASGI application in a process that has no loop."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from typing import Any, Callable, Coroutine, Dict, Optional, Set

from fenrir_core.authoring import ASGIApp

from .lifespan import LifespanClient

#: Seconds that running requests have to end when the loop is stopped.
STOP_TIMEOUT = 5.0


class LoopThread:
    """A thread with an event loop that serves one ASGI application.

    Args:
        app: The application. Its lifespan starts before `start` returns, and ends with the loop.
    """

    def __init__(self, app: ASGIApp) -> None:
        #: The process that the thread belongs to: a fork does not have it.
        self.pid = os.getpid()
        #: The state of the application's lifespan, see `make_scope`.
        self.state: Dict[str, Any] = {}
        self._app = app
        self._loop: Any = None
        self._stop: Any = None
        self._timeout = STOP_TIMEOUT
        self._requests: Set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._failure: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._run, name="fenrir-wsgi", daemon=True)

    def start(self) -> None:
        """Start the thread, the loop and the application; it is stopped when the interpreter exits.

        Raises:
            StartupFailed: The application did not start.
        """
        _call_at_exit(self)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self, timeout: float = STOP_TIMEOUT) -> None:
        """Stop the application and the loop, and wait for both.

        Args:
            timeout: Seconds that running requests have to end; then they are cancelled.
        """
        self._timeout = timeout
        if self.pid == os.getpid() and self._thread.is_alive():
            try:
                self.call(self._stop.set)
            except RuntimeError:
                pass  # it has just ended
            self._thread.join()

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function on the loop, soon.

        Raises:
            RuntimeError: The loop has ended.
        """
        self._loop.call_soon_threadsafe(function, *arguments)

    def run_request(self, request: Coroutine[Any, Any, None]) -> None:
        """Run a request as a task; called on the loop."""
        task = self._loop.create_task(request)
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        lifespan = LifespanClient(self._app)
        await lifespan.start()
        self.state = lifespan.state
        self._ready.set()
        await self._stop.wait()
        if self._requests:
            _, late = await asyncio.wait({*self._requests}, timeout=self._timeout)
            for task in late:
                task.cancel()
        await lifespan.stop()


def _call_at_exit(thread: LoopThread) -> None:
    """Stop a thread when the interpreter exits."""
    found = weakref.ref(thread)

    def stop() -> None:
        running = found()
        if running is not None:
            running.stop()

    # COMPAT: since Python 3.9 thread pools are shut down before functions of `atexit` run, and an application that
    # stops may need one; what `threading` calls at exit comes before, in reverse order.
    register = getattr(threading, "_register_atexit", atexit.register)
    register(stop)
