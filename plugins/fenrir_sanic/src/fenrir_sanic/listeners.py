"""Listeners: functions that run when the app starts and stops.

The six phases are mapped onto the ASGI lifespan. Before `startup.complete` is sent:
`main_process_start`, `before_server_start`, `after_server_start`. After `shutdown` came:
`before_server_stop`, `after_server_stop`, `main_process_stop`.
"""

from __future__ import annotations

import difflib
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Callable, List, Optional, Tuple, TypeVar

from fenrir_core import App, Build, BuildError, FenrirError, Lifespan
from fenrir_core.authoring import name_of, where_is

from .background import caller

F = TypeVar("F", bound=Callable[..., Any])
logger = logging.getLogger("fenrir.sanic")

START = ("main_process_start", "before_server_start", "after_server_start")
STOP = ("before_server_stop", "after_server_stop", "main_process_stop")
#: What Sanic's worker manager has besides; without one, they are the nearest of the six.
ALIASES = {
    "main_process_ready": "main_process_start",
    "reload_process_start": "main_process_start",
    "reload_process_stop": "main_process_stop",
}
PHASES = (*START, *STOP)
Ready = List[Tuple["Listener", Any]]


class ListenerFailed(FenrirError):
    """Say which listener ended the start-up."""


@dataclass(frozen=True)
class Listener:
    """A registered listener."""

    function: Callable[..., Any]
    phase: str
    priority: int = 0
    where: str = ""


@dataclass
class Listeners:
    """Hold one app's listeners, in order of registration."""

    items: List[Listener] = field(default_factory=list)

    def of(self, phase: str) -> List[Listener]:
        """Return a phase's listeners in the order in which they run."""
        found = [item for item in self.items if item.phase == phase]
        if phase in STOP:
            found.reverse()
            return sorted(found, key=lambda item: item.priority)
        return sorted(found, key=lambda item: -item.priority)


def check_phase(phase: Any, where: str = "") -> str:
    """Return the phase that a word names.

    Raises:
        BuildError: There is none; the message has the nearest.
    """
    word = str(getattr(phase, "value", phase))
    word = ALIASES.get(word, word)
    if word not in PHASES:
        near = difflib.get_close_matches(word, PHASES, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(PHASES)}."
        raise BuildError(f"{where + ': ' if where else ''}There is no listener phase {phase!r}. {hint}")
    return word


def register_listener(app: App, listener: F, event: str, *, priority: int = 0) -> F:
    """Run a function when the app starts or stops.

    Args:
        app: The app.
        listener: Takes the app, or the app and the loop; `Depends` and the like may follow.
            A synchronous one runs on the event loop.
        event: One of the six phases.
        priority: Higher runs earlier at the start and later at the stop.

    Raises:
        BuildError: There is no such phase, or the app is built already.
    """
    where = where_is(listener)
    phase = check_phase(event, where)
    if app.is_built:
        raise BuildError(f"{where}: the listener {name_of(listener)} comes too late: the app is built and frozen.")
    app.store(Listeners).items.append(Listener(listener, phase, priority, where))
    return listener


def listener(
    app: App, listener_or_event: Any, event_or_none: Optional[str] = None, *, priority: int = 0
) -> Callable[[F], F]:
    """Register the decorated function for a phase: ``@app.listener("before_server_start")``.

    Args:
        app: The app.
        listener_or_event: The phase; or the function, with the phase behind it.
        event_or_none: The phase, where the function came first.
        priority: Higher runs earlier at the start and later at the stop.

    Raises:
        BuildError: There is no such phase.
    """
    if event_or_none is not None:
        return register_listener(app, listener_or_event, event_or_none, priority=priority)  # type: ignore[no-any-return]
    if callable(listener_or_event):
        raise BuildError(
            f"{where_is(listener_or_event)}: @app.listener needs a phase: @app.listener('before_server_start')."
        )
    check_phase(listener_or_event)

    def decorate(function: F) -> F:
        return register_listener(app, function, listener_or_event, priority=priority)

    return decorate


def lifespans(build: Build) -> List[Lifespan]:
    """Return a lifespan for each phase of the start and its counterpart at the stop, where there are listeners."""
    known = build.app.store(Listeners)
    found: List[Lifespan] = []
    for start, stop in zip(START, reversed(STOP)):
        ready = {
            phase: [(item, caller(item.function, build.inject)) for item in known.of(phase)] for phase in (start, stop)
        }
        if any(ready.values()):
            found.append(Lifespan(f"sanic listeners {start} and {stop}", _living(ready[start], ready[stop])))
    return found


def _living(start: Ready, stop: Ready) -> Any:
    @asynccontextmanager
    async def live(app: Any) -> AsyncIterator[None]:
        try:
            for item, call in start:
                await _begin(item, call, app)
            yield
        finally:  # also when a listener of this start failed: those before it may have opened something
            for item, call in stop:
                try:
                    await call(app)
                except Exception:
                    logger.exception("The %s listener %s failed", item.phase, name_of(item.function))

    return live


async def _begin(item: Listener, call: Any, app: Any) -> None:
    try:
        await call(app)
    except Exception as error:
        raise ListenerFailed(
            f"{item.where}: the {item.phase} listener {name_of(item.function)} failed: {type(error).__name__}: {error}"
        ) from error
