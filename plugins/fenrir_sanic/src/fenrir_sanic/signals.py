"""Signals: functions that run, and tasks that wait, for events of the app's own and of the framework."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import dataclass
from enum import Enum
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Tuple, Union

from .exceptions import InvalidSignal
from .log import error_logger, logger
from .patterns import ParamInfo, parameters
from .routing_exceptions import NotFound
from .values import AnyCallable, Values

SignalHandler = AnyCallable
Condition = Optional[Values]


class Event(Enum):
    """The events of the framework itself."""

    SERVER_EXCEPTION_REPORT = "server.exception.report"
    SERVER_INIT_AFTER = "server.init.after"
    SERVER_INIT_BEFORE = "server.init.before"
    SERVER_SHUTDOWN_AFTER = "server.shutdown.after"
    SERVER_SHUTDOWN_BEFORE = "server.shutdown.before"
    HTTP_LIFECYCLE_BEGIN = "http.lifecycle.begin"
    HTTP_LIFECYCLE_COMPLETE = "http.lifecycle.complete"
    HTTP_LIFECYCLE_EXCEPTION = "http.lifecycle.exception"
    HTTP_LIFECYCLE_HANDLE = "http.lifecycle.handle"
    HTTP_LIFECYCLE_READ_BODY = "http.lifecycle.read_body"
    HTTP_LIFECYCLE_READ_HEAD = "http.lifecycle.read_head"
    HTTP_LIFECYCLE_REQUEST = "http.lifecycle.request"
    HTTP_LIFECYCLE_RESPONSE = "http.lifecycle.response"
    HTTP_ROUTING_AFTER = "http.routing.after"
    HTTP_ROUTING_BEFORE = "http.routing.before"
    HTTP_HANDLER_AFTER = "http.handler.after"
    HTTP_HANDLER_BEFORE = "http.handler.before"
    HTTP_LIFECYCLE_SEND = "http.lifecycle.send"
    HTTP_MIDDLEWARE_AFTER = "http.middleware.after"
    HTTP_MIDDLEWARE_BEFORE = "http.middleware.before"
    WEBSOCKET_HANDLER_AFTER = "websocket.handler.after"
    WEBSOCKET_HANDLER_BEFORE = "websocket.handler.before"
    WEBSOCKET_HANDLER_EXCEPTION = "websocket.handler.exception"


#: The events of the namespaces that no app may add to.
RESERVED_NAMESPACES: Mapping[str, Tuple[str, ...]] = {
    space: tuple(item.value for item in Event if item.value.startswith(f"{space}."))
    for space in ("server", "http", "websocket")
}
GENERIC_SIGNAL_FORMAT = "__generic__.__signal__.%s"
_parameter = re.compile(r"<([^:>]+)(?::([^>]+))?>").fullmatch
_CASTS: Mapping[str, Callable[[str], Any]] = {"int": int, "float": float, "str": str}


class Parts(NamedTuple):
    """An event, taken apart.

    Args:
        name: What waiters know it by; a parameter is ``*``.
        trigger: The parameter's name, or ``""``.
        path: Its three parts; the last one is a parameter in any case.
    """

    name: str
    trigger: str
    path: Tuple[str, str, str]


class Signal:
    """A handler of an event.

    Args:
        handler: What is called, with the context as keywords.
        parts: The event.
        definition: The event as it was declared.
        condition: What a dispatch must bring.
        exclusive: Whether it is left out by a dispatch without a condition.
        priority: Higher runs earlier.
    """

    def __init__(
        self,
        handler: SignalHandler,
        parts: Parts,
        definition: str,
        condition: Condition,
        exclusive: bool,
        priority: int,
    ) -> None:
        self.handler, self.priority = handler, priority
        self.name, self.parts, self.path = parts.name, parts.path, ".".join(parts.path)
        self.ctx = SimpleNamespace(exclusive=exclusive, trigger=parts.trigger, definition=definition, waiters=deque())
        self.extra = SimpleNamespace(requirements=condition)

    #: What a route has besides; a signal is one in Sanic.
    methods: FrozenSet[str] = frozenset()
    labels: Tuple[str, ...] = ()
    pattern: Optional[str] = None
    overloaded = regex = static = strict = unquote = False
    name = path = ""
    parts: Tuple[str, ...]
    priority = 0

    def __repr__(self) -> str:
        return f"<Signal: name={self.name} path={self.path}>"

    @property
    def raw_path(self) -> str:
        """The event, its last part a parameter."""
        return self.path

    uri = raw_path

    @property
    def segments(self) -> Tuple[str, ...]:
        """The three parts of the event."""
        return self.parts

    @property
    def params(self) -> Dict[int, ParamInfo]:
        """The parameter of the event by the number of its part."""
        return dict(zip((2,), parameters(self.parts[2]).values()))

    defined_params = params

    @property
    def requirements(self) -> Condition:
        """What a dispatch must bring."""
        found: Condition = self.extra.requirements
        return found

    def applies(self, event: str, condition: Condition) -> bool:
        """Return whether a dispatch is meant for it."""
        wanted = self.extra.requirements
        fits = condition is None and (self.ctx.exclusive is False or not wanted)
        return (fits or condition == wanted) and bool(self.ctx.trigger or event == self.ctx.definition)


@dataclass
class SignalWaiter:
    """What waits for an event.

    Args:
        signal: A signal of the event.
        event_definition: The event.
        trigger: The parameter's name, or ``""``.
        requirements: The condition that a dispatch must bring.
        exclusive: Whether a dispatch without a condition is left out.
        future: What is waited for, while somebody waits.
    """

    signal: Signal
    event_definition: str
    trigger: str = ""
    requirements: Condition = None
    exclusive: bool = True
    future: Optional[asyncio.Future[Values]] = None

    async def wait(self) -> Values:
        """Return the context of the next dispatch."""
        self.future = asyncio.get_running_loop().create_future()
        self.signal.ctx.waiters.append(self)
        try:
            return await self.future
        finally:
            self.signal.ctx.waiters.remove(self)

    def matches(self, event: str, condition: Condition) -> bool:
        """Return whether a dispatch is waited for."""
        free = condition is None and (not self.exclusive or not self.requirements)
        return (free or condition == self.requirements) and bool(self.trigger or event == self.event_definition)


class SignalGroup:
    """The signals of one event path; those that run first are first.

    Args:
        path: The three parts.
    """

    def __init__(self, path: Tuple[str, ...]) -> None:
        self.path = path
        self.signals: List[Signal] = []

    def __iter__(self) -> Any:
        return iter(self.signals)

    @property
    def routes(self) -> List[Signal]:
        """The signals in the order in which they run."""
        return sorted(self.signals, key=lambda item: -item.priority)

    @property
    def methods(self) -> FrozenSet[str]:
        """None: signals have no methods."""
        return frozenset()

    @property
    def requirements(self) -> List[Condition]:
        """What dispatches must bring, of each signal that asks for something."""
        return [item.requirements for item in self.signals if item.requirements]

    @property
    def depth(self) -> int:
        """The number of parts."""
        return len(self.path)

    @property
    def dynamic_path(self) -> bool:
        """Whether a part is a parameter; the last one is."""
        return True

    @property
    def priority(self) -> int:
        """The highest priority of its signals."""
        return max((item.priority for item in self.signals), default=0)

    def match(self, parts: List[str]) -> Optional[Values]:
        """Return the parameter of an event; None if it is of another path."""
        if len(parts) != 3 or tuple(parts[:2]) != self.path[:2]:
            return None
        found = _parameter(self.path[2])
        assert found is not None
        try:
            return {found.group(1): _CASTS.get(found.group(2) or "str", str)(parts[2])}
        except ValueError:
            return None


class SignalRouter:
    """The signals of one app, by event."""

    DEFAULT_METHOD = "BASE"
    ALLOWED_METHODS = (DEFAULT_METHOD,)

    def __init__(self) -> None:
        self.ctx = SimpleNamespace(loop=None, app=None)
        self.allow_fail_builtin = True
        self.finalized = False
        self.groups: Dict[Tuple[str, ...], SignalGroup] = {}
        self._signals: List[Signal] = []

    @property
    def routes(self) -> Tuple[Signal, ...]:
        """All signals in order of registration."""
        return tuple(self._signals)

    @property
    def dynamic_routes(self) -> Dict[Tuple[str, ...], SignalGroup]:
        """The groups of signals by path."""
        return dict(self.groups)

    @property
    def static_routes(self) -> Dict[Tuple[str, ...], SignalGroup]:
        """None: the last part of an event can be waited for in any form."""
        return {}

    @property
    def name_index(self) -> Dict[str, Signal]:
        """One signal of each event by name."""
        return {item.name: item for item in reversed(self._signals)}

    @staticmethod
    def format_event(event: Union[str, Enum]) -> str:
        """Return an event in three parts; a single word is made one."""
        text = str(event.value) if isinstance(event, Enum) else event
        return text if "." in text else GENERIC_SIGNAL_FORMAT % text

    def add(
        self,
        handler: SignalHandler,
        event: Union[str, Enum],
        condition: Condition = None,
        exclusive: bool = True,
        *,
        priority: int = 0,
    ) -> Signal:
        """Add a handler of an event.

        Raises:
            InvalidSignal: The event has not three parts, or is reserved.
        """
        definition = self.format_event(event)
        parts = parts_of(definition)
        signal = Signal(handler, parts, definition, condition, exclusive, priority)
        self.groups.setdefault(parts.path, SignalGroup(parts.path)).signals.append(signal)
        self._signals.append(signal)
        return signal

    def has(self, event: Union[str, Enum]) -> bool:
        """Return whether anything handles an event of the framework."""
        parts = self.format_event(event).split(".")
        return any(group.match(parts) is not None for group in self.groups.values())

    def find(self, event: str) -> Tuple[SignalGroup, Values]:
        """Return the signals of an event, with its parameter.

        Raises:
            NotFound: There are none.
        """
        parts = event.split(".")
        best: Optional[Tuple[SignalGroup, Values]] = None
        for group in self.groups.values():
            params = group.match(parts)
            if params is not None and (best is None or _rank(group) < _rank(best[0])):
                best = group, params
        if best is None:
            raise NotFound(f"Could not find signal {event}")
        return best

    def get(
        self, event: Union[str, Enum], condition: Condition = None
    ) -> Tuple[SignalGroup, List[SignalHandler], Values]:
        """Return the signals of an event, their handlers, and its parameter.

        Raises:
            NotFound: There are none.
        """
        text = self.format_event(event)
        try:
            group, params = self.find(text)
        except NotFound:
            suffix = f" with {condition}" if condition else ""
            raise NotFound(f"Could not find signal {text}{suffix}") from None
        return group, [item.handler for item in group.routes], params

    async def dispatch(
        self,
        event: Union[str, Enum],
        *,
        context: Optional[Values] = None,
        condition: Condition = None,
        fail_not_found: bool = True,
        inline: bool = False,
        reverse: bool = False,
    ) -> Any:
        """Call the handlers of an event.

        Args:
            event: The event.
            context: What the handlers get as keywords.
            condition: What handlers with a condition ask for.
            fail_not_found: Whether an event without handlers is an error, if `inline`.
            inline: Whether to wait for the handlers; else they run in a task, which is returned.
            reverse: Whether the last handler runs first.

        Returns:
            The first true value that a handler returns, if `inline`; else the task.

        Raises:
            NotFound: The event has no handlers.
        """
        text = self.format_event(event)
        work = self._dispatch(text, context, condition, fail_not_found and inline, reverse)
        logger.debug("Dispatching signal: %s", text, extra={"verbosity": 1})
        if inline:
            return await work
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        return task

    async def _dispatch(
        self,
        event: str,
        context: Optional[Values] = None,
        condition: Condition = None,
        fail_not_found: bool = True,
        reverse: bool = False,
    ) -> Any:
        try:
            group, _, params = self.get(event, condition)
        except NotFound:
            if fail_not_found and (event.split(".", 1)[0] not in RESERVED_NAMESPACES or self.allow_fail_builtin):
                raise
            return None
        params.update(context or {})
        params.pop("__trigger__", None)
        signals = group.routes[::-1] if reverse else group.routes
        for signal in signals:
            for waiter in tuple(signal.ctx.waiters):
                if waiter.matches(event, condition) and not waiter.future.done():
                    waiter.future.set_result(dict(params))
        try:
            for signal in signals:
                if signal.applies(event, condition):
                    value = signal.handler(**params)
                    value = await value if isawaitable(value) else value
                    if value:
                        return value
        except Exception as error:
            await self.report(error, event)
            raise
        return None

    async def report(self, error: BaseException, event: str = "") -> None:
        """Tell the handlers of ``server.exception.report`` of an error, once."""
        if event == Event.SERVER_EXCEPTION_REPORT.value or getattr(error, "__dispatched__", False):
            return
        error.__dispatched__ = True  # type: ignore[attr-defined]
        if self.has(Event.SERVER_EXCEPTION_REPORT):
            try:
                await self._dispatch(Event.SERVER_EXCEPTION_REPORT.value, {"exception": error})
            except Exception:
                error_logger.exception("A handler of server.exception.report failed")

    def get_waiter(
        self, event: Union[str, Enum], condition: Condition = None, exclusive: bool = True
    ) -> Optional[SignalWaiter]:
        """Return what can wait for an event; None if it has no handlers."""
        definition = self.format_event(event)
        parts = parts_of(definition)
        signal = self.name_index.get(parts.name)
        if signal is None:
            return None
        trigger = parts.trigger or ("*" if definition.endswith(".*") else "")
        return SignalWaiter(signal, definition, trigger, condition, bool(exclusive))

    def finalize(self, do_compile: bool = True, do_optimize: bool = False) -> None:
        """Take note of the running loop.

        Raises:
            RuntimeError: There is none.
        """
        try:
            self.ctx.loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("Cannot finalize signals outside of event loop") from None
        if not self.finalized:
            self.add(_blank, "sanic.__signal__.__init__")
        for signal in self._signals:
            signal.ctx.waiters = deque()
        self.finalized = True

    def reset(self) -> None:
        """Forget that it was finalized."""
        self.finalized = False
        for signal in [item for item in self._signals if item.handler is _blank]:
            self._signals.remove(signal)
            self.groups[signal.parts].signals.remove(signal)
            if not self.groups[signal.parts].signals:
                del self.groups[signal.parts]


def _blank(**context: Any) -> None:
    """Do nothing."""


def _rank(group: SignalGroup) -> int:
    found = _parameter(group.path[2])
    return ("int", "float", "str").index((found and found.group(2)) or "str")


def parts_of(event: str) -> Parts:
    """Return an event, taken apart.

    Raises:
        InvalidSignal: It has not three parts, or is reserved.
    """
    parts = event.split(".")
    if len(parts) != 3 or parts[0].startswith("<") or parts[1].startswith("<"):
        raise InvalidSignal(f"Invalid signal event: {event}")
    space, reserved = parts[0], RESERVED_NAMESPACES.get(parts[0])
    parameter = _parameter(parts[2])
    if reserved is not None and event not in reserved and parameter is None and parts[2] != "*":
        raise InvalidSignal(f"Cannot declare reserved signal event: {event}")
    if parameter is None:
        return Parts(event, "", (space, parts[1], "<__trigger__>"))
    return Parts(f"{space}.{parts[1]}.*", parameter.group(1), (space, parts[1], parts[2]))


async def wait_for_any(waiters: List[SignalWaiter], timeout: Optional[float]) -> Values:
    """Return the context of the first dispatch that one of the waiters sees.

    Raises:
        asyncio.TimeoutError: There was none within `timeout` seconds.
    """
    tasks = [asyncio.ensure_future(waiter.wait()) for waiter in waiters]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=timeout)
    finally:
        for task in tasks:
            task.cancel()
    if not done:
        raise asyncio.TimeoutError()
    return done.pop().result()
