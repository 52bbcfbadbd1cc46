"""Listeners: functions that run when the app starts and stops.

The six phases are mapped onto the ASGI lifespan. Before `lifespan.startup.complete` is sent:
`main_process_start`, `before_server_start`, `after_server_start`. After `lifespan.shutdown` is received:
`before_server_stop`, `after_server_stop`, `main_process_stop`.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncContextManager, AsyncIterator, Awaitable, Callable, List, Optional, Tuple

from fenrir_core import App, Build, BuildError, Lifespan
from fenrir_core.authoring import F, check_callable, did_you_mean, get_logger, name_of, refuse_bare, where_is

from .background import caller
from .exceptions import ListenerFailed
from .names import check_names
from .signals import Event, SignalRouter
from .state import Listener, State
from .values import AnyCallable

logger = get_logger("fenrir.sanic")

START = ("main_process_start", "before_server_start", "after_server_start")
STOP = ("before_server_stop", "after_server_stop", "main_process_stop")
#: The phases of Sanic's worker manager; without one, they are the nearest of the six.
ALIASES = {
    "main_process_ready": "main_process_start",
    "reload_process_start": "main_process_start",
    "reload_process_stop": "main_process_stop",
    "before_reload_trigger": "main_process_start",
    "after_reload_trigger": "main_process_stop",
}
PHASES = (*START, *STOP)
#: The events of the framework that are dispatched after the listeners of a phase.
EVENTS = {
    "before_server_start": Event.SERVER_INIT_BEFORE,
    "after_server_start": Event.SERVER_INIT_AFTER,
    "before_server_stop": Event.SERVER_SHUTDOWN_BEFORE,
    "after_server_stop": Event.SERVER_SHUTDOWN_AFTER,
}
Call = Callable[[App], Awaitable[Any]]
Prepared = List[Tuple[Listener, Call]]


def check_phase(phase: Any, where: str = "") -> str:
    """Return the phase that a word names.

    Raises:
        BuildError: There is no such phase; the message has the nearest.
    """
    word = str(getattr(phase, "value", phase))
    word = ALIASES.get(word, word)
    if word not in PHASES:
        hint = did_you_mean(word, PHASES, f"There are: {', '.join(PHASES)}.")
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
        BuildError: There is no such phase, or the app has started.
    """
    check_callable(listener, "listener")
    where = where_is(listener)
    phase = check_phase(event, where)
    app.check_open(f"the listener {name_of(listener)}", where)
    app.store(State).listeners.append(Listener(listener, phase, priority, where))
    return listener


def listener(
    app: App, listener_or_event: Any, event_or_none: Optional[str] = None, *, priority: int = 0
) -> Callable[[F], F]:
    """Register the decorated function for a phase: ``@app.listener("before_server_start")``.

    Args:
        app: The app.
        listener_or_event: The phase; or the function, followed by the phase.
        event_or_none: The phase, where the function comes first.
        priority: Higher runs earlier at the start and later at the stop.

    Raises:
        BuildError: There is no such phase.
    """
    if event_or_none is not None:
        return register_listener(app, listener_or_event, event_or_none, priority=priority)  # type: ignore[no-any-return]
    refuse_bare(listener_or_event, "listener('before_server_start')")
    check_phase(listener_or_event)

    def decorate(function: F) -> F:
        return register_listener(app, function, listener_or_event, priority=priority)

    return decorate


def _phase(app: App, phase: str, listener: Optional[AnyCallable], priority: int) -> AnyCallable:
    if listener is not None:
        return register_listener(app, listener, phase, priority=priority)
    return lambda function: register_listener(app, function, phase, priority=priority)


def main_process_start(app: App, listener: Any = None, *, priority: int = 0) -> Any:
    """Register a listener of the phase ``main_process_start``; bare, or called with a priority."""
    return _phase(app, "main_process_start", listener, priority)


def before_server_start(app: App, listener: Any = None, *, priority: int = 0) -> Any:
    """Register a listener of the phase ``before_server_start``; bare, or called with a priority."""
    return _phase(app, "before_server_start", listener, priority)


def after_server_start(app: App, listener: Any = None, *, priority: int = 0) -> Any:
    """Register a listener of the phase ``after_server_start``; bare, or called with a priority."""
    return _phase(app, "after_server_start", listener, priority)


def before_server_stop(app: App, listener: Any = None, *, priority: int = 0) -> Any:
    """Register a listener of the phase ``before_server_stop``; bare, or called with a priority."""
    return _phase(app, "before_server_stop", listener, priority)


def after_server_stop(app: App, listener: Any = None, *, priority: int = 0) -> Any:
    """Register a listener of the phase ``after_server_stop``; bare, or called with a priority."""
    return _phase(app, "after_server_stop", listener, priority)


def main_process_stop(app: App, listener: Any = None, *, priority: int = 0) -> Any:
    """Register a listener of the phase ``main_process_stop``; bare, or called with a priority."""
    return _phase(app, "main_process_stop", listener, priority)


#: The registering functions of the six phases.
BY_PHASE = (
    main_process_start,
    before_server_start,
    after_server_start,
    before_server_stop,
    after_server_stop,
    main_process_stop,
)


def lifespans(build: Build) -> List[Lifespan]:
    """Return a lifespan for each phase of the start and its counterpart at the stop, where there are listeners."""
    found: List[Lifespan] = []
    if build.app.paradigm == "sanic":
        found.append(Lifespan("sanic route names", _checked))
    for start, stop in zip(START, reversed(STOP)):
        prepared = {phase: _prepared(build, phase) for phase in (start, stop)}
        if any(prepared.values()):
            found.append(Lifespan(f"sanic listeners {start} and {stop}", _enter(prepared[start], prepared[stop])))
    return found


@asynccontextmanager
async def _checked(app: App) -> AsyncIterator[None]:
    check_names(app.registered)
    yield


def _prepared(build: Build, phase: str) -> Prepared:
    """Return the calls of a phase's listeners in the order in which they run."""
    found = [item for item in build.app.store(State).listeners if item.phase == phase]
    found.sort(key=lambda item: -item.priority)
    if phase in STOP:
        found.reverse()
    return [(item, caller(item.function, build.inject)) for item in found] + _events(build, phase)


def _events(build: Build, phase: str) -> Prepared:
    """Return the dispatch of a phase's event, where it has handlers; their order is their own."""
    router: Optional[SignalRouter] = getattr(build.app, "signal_router", None)
    event = EVENTS.get(phase)
    if router is None or event is None or not router.has(event):
        return []
    reads: SignalRouter = router

    async def dispatch(app: App) -> None:
        context = {"app": app, "loop": asyncio.get_running_loop()}
        await reads.dispatch(event, context=context, inline=True, fail_not_found=False, reverse=phase in STOP)

    return [(Listener(dispatch, phase, where=f"the signal {event.value}"), dispatch)]


def _enter(start: Prepared, stop: Prepared) -> Callable[[App], AsyncContextManager[None]]:
    @asynccontextmanager
    async def run(app: App) -> AsyncIterator[None]:
        try:
            for item, call in start:
                await _start(item, call, app)
            yield
        finally:  # also when a listener of this start failed: those before it may have opened something
            for item, call in stop:
                try:
                    await call(app)
                except Exception:
                    logger.exception("The %s listener %s failed", item.phase, name_of(item.function))

    return run


async def _start(item: Listener, call: Call, app: App) -> None:
    try:
        await call(app)
    except Exception as error:
        raise ListenerFailed(
            f"{item.where}: the {item.phase} listener {name_of(item.function)} failed: {type(error).__name__}: {error}"
        ) from error
