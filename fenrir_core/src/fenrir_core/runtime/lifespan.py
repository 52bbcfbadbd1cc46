"""Start-up and shutdown of everything that lives as long as the app.

Source: ASGI 3.0, "Lifespan Protocol".
"""

from __future__ import annotations

import asyncio
from typing import Any, AsyncContextManager, Callable, Dict, List, Mapping, Optional, Set, Tuple

from .._signals import Timeout, watch_signals
from .._threads import uncancel
from .._types import ERRORS, Receive, Scope, Send
from ..exceptions import BuildError, StartupFailed, StopTimeout
from ..http.logs import get_logger
from ..http.shutdown import ShutdownEvent
from ..plugins.types import Contribution, Lifespan

logger = get_logger("fenrir")

#: Seconds that each lifespan has to close once the server has cancelled the stop.
LAST_SECONDS = 0.1


class LifespanManager:
    """The lifespans of one app, entered at start-up and exited at shutdown.

    Args:
        app: The app: `build()` makes it ready, `is_started` is set, and `_stop_serving` is called.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.state: Dict[str, Any] = {}
        #: The lifespan state as mounted apps know it, by the app's id.
        self.mounted: Dict[int, Dict[str, Any]] = {}
        self.shutdown_event = ShutdownEvent()
        #: Callbacks that end the open streams, called when their time is up after shutdown began.
        self.streams: Set[Callable[[], None]] = set()
        self._patience: Optional[asyncio.TimerHandle] = None
        self._entered: List[Tuple[Lifespan, AsyncContextManager[Any]]] = []
        #: The names of those that were entered, or tried.
        self._known: Set[str] = set()
        self._catching_up: Optional[asyncio.Future[None]] = None
        #: Errors for a test client to read.
        self._errors: List[BaseException] = []
        self._late: Optional[asyncio.Task[None]] = None
        self._late_started: Optional[asyncio.Future[None]] = None

    async def start(self) -> None:
        """Build the app and enter every lifespan in order.

        Raises:
            BuildError: The app is put together wrongly.
            StartupFailed: A lifespan failed; those before it were left in reverse.
        """
        self.app.build()
        self.shutdown_event.clear()
        try:
            for given in self.app.built.lifespans:
                await self._enter(given)
            self.app.build()  # one of them may have registered something
        except (BuildError, StartupFailed):
            await self.stop()
            raise
        await self._open_late(self.app.built)
        self.app.is_started = True

    async def catch_up(self, table: Any) -> None:
        """Open what late registrations need; what fails is logged, and the rest of the app is served.

        It runs in a task of its own: a client that disconnects leaves nothing half open.

        Args:
            table: The build that is served by from now on.
        """
        while self.app.is_started and not table.is_open:
            if self._catching_up is None or self._catching_up.done():
                self._catching_up = asyncio.ensure_future(self._open_late(table))
            await asyncio.shield(self._catching_up)

    async def _open_late(self, table: Any) -> None:
        await self.app.dependencies.open_late(table.planner.app_nodes)
        for given in table.lifespans:
            if given.value.name not in self._known:
                try:
                    await self._enter(given)
                except StartupFailed:
                    logger.exception("What was registered late is served without %r", given.value.name)
        table.is_open = True

    def begin_stop(self) -> None:
        """Tell streams that the app stops; those still open when their time is up are ended."""
        if not self.shutdown_event.is_set():
            self.shutdown_event.set()
            if self.streams:
                seconds = self.app.settings["stop_streams"]
                self._patience = asyncio.get_running_loop().call_later(seconds, self._end_streams)

    def _end_streams(self) -> None:
        for end in [*self.streams]:
            end()

    async def _enter(self, given: Contribution[Lifespan]) -> None:
        name = given.value.name
        self._known.add(name)
        try:
            manager: Any = given.value.enter(self.app)
            if not hasattr(type(manager), "__aenter__"):
                raise TypeError(f"it gave {manager!r}, no async context manager; decorate it with @asynccontextmanager")
            found = await manager.__aenter__()
            self._entered.append((given.value, manager))
            self._merge(name, found)
        except Exception as error:
            raise StartupFailed(
                f"Start-up failed in {name!r} (from {given.by}): {type(error).__name__}: {error}"
            ) from error

    def _merge(self, name: str, found: Optional[Mapping[str, Any]]) -> None:
        for key, value in (found or {}).items():
            if key in self.state:
                raise BuildError(f"the lifespan state has {key!r} already; {name!r} must use another key")
            self.state[key] = value

    async def stop(self) -> None:
        """Leave every lifespan in reverse.

        One that fails is logged and does not keep the others from stopping; one that takes longer
        than its time is cut off and named.
        """
        self.begin_stop()
        if self._patience is not None:
            self._patience.cancel()
        hung: List[str] = []
        seconds = self.app.settings["stop_lifespan"]
        while self._entered:
            lifespan, manager = self._entered.pop()
            async with Timeout(None if lifespan.own_timeout else seconds) as budget:
                try:
                    await manager.__aexit__(None, None, None)
                except StopTimeout as error:
                    hung.extend(error.names)
                except Exception as error:
                    logger.exception("Stopping %r failed", lifespan.name)
                    self._errors.append(error)
                except asyncio.CancelledError:
                    if budget.expired:
                        raise
                    # the server gives no more time: this one is named, and the others have little
                    uncancel(asyncio.current_task())  # type: ignore[arg-type]  # it runs in one
                    hung.append(lifespan.name)
                    seconds = LAST_SECONDS
            if budget.expired:
                hung.append(f"{lifespan.name} (over {seconds:g} s)")
        if hung:
            logger.error("These did not stop in time: %s", ", ".join(hung))
        self.app._stop_serving()
        self._known.clear()
        self.state.clear()
        self.mounted.clear()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak the lifespan protocol with the server."""
        restore: Callable[[], object] = bool
        self._errors = (scope.get("extensions") or {}).get(ERRORS, [])
        try:
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    if not await self._start_up(scope, send):
                        return
                    restore = watch_signals(self.begin_stop)
                elif message["type"] == "lifespan.shutdown":
                    await self.stop()
                    await send({"type": "lifespan.shutdown.complete"})
                    return
        finally:
            restore()

    async def _start_up(self, scope: Scope, send: Send) -> bool:
        try:
            await self.start()
        except Exception as error:
            # log the traceback unless it is a plain configuration error
            told = isinstance(error, BuildError) and error.__cause__ is None
            logger.error("%s", error, exc_info=None if told else error)
            self._errors.append(error.__cause__ or error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return False
        if "state" in scope:
            scope["state"].update(self.state)
        await send({"type": "lifespan.startup.complete"})
        return True

    async def ensure_started(self) -> None:
        """Start at the first request, for servers that send no lifespan events.

        The lifespans then live in a task of their own, which stops them when the event
        loop ends.

        Raises:
            BuildError, StartupFailed: As `start`.
        """
        if self._late_started is None or self._late_started.get_loop() is not asyncio.get_running_loop():
            logger.info("The server sent no lifespan events: starting at the first request.")
            self._late_started = asyncio.get_running_loop().create_future()
            self._late = asyncio.ensure_future(self._live(self._late_started))
        await asyncio.shield(self._late_started)

    async def _live(self, started: asyncio.Future[None]) -> None:
        try:
            await self.start()
        except Exception as error:
            self._late_started = None
            started.set_exception(error)
            return
        started.set_result(None)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._late_started = None
            await self.stop()
