"""The methods by which apps and blueprints register middleware, exception handlers, listeners and signals."""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum
from typing import Any, Callable, Iterable, List, NamedTuple, Optional, Protocol, Union, overload

from fenrir_core import BuildError
from fenrir_core.authoring import F, caller, check_callable, refuse_bare, where_is

from . import hooks, listeners
from .middleware import Middleware, MiddlewareLocation
from .signals import Event
from .values import AnyCallable, Values


class SignalRegistration(NamedTuple):
    """A handler of an event, before its app is known."""

    handler: AnyCallable
    event: str
    condition: Values
    exclusive: bool
    priority: int


class _PhaseMethod(Protocol):
    """The type of the methods that register a listener of one phase."""

    @overload
    def __call__(self, listener: F, *, priority: int = 0) -> F: ...
    @overload
    def __call__(self, listener: None = None, *, priority: int = 0) -> Callable[[F], F]: ...


class EventDecorators:
    """The methods that register what is called around requests and at the start and stop."""

    main_process_start: _PhaseMethod
    before_server_start: _PhaseMethod
    after_server_start: _PhaseMethod
    before_server_stop: _PhaseMethod
    after_server_stop: _PhaseMethod
    main_process_stop: _PhaseMethod
    main_process_ready: _PhaseMethod
    reload_process_start: _PhaseMethod
    reload_process_stop: _PhaseMethod
    before_reload_trigger: _PhaseMethod
    after_reload_trigger: _PhaseMethod

    @abstractmethod
    def _middleware(self, item: Middleware) -> None:
        """Keep what was registered; apps and blueprints have it."""

    @abstractmethod
    def _listener(self, function: AnyCallable, phase: str, priority: int) -> None:
        """Keep what was registered; apps and blueprints have it."""

    @abstractmethod
    def _exception(self, function: AnyCallable, kinds: Iterable[Any]) -> None:
        """Keep what was registered; apps and blueprints have it."""

    @abstractmethod
    def _signal(self, item: SignalRegistration) -> None:
        """Keep what was registered; apps and blueprints have it."""

    # ------------------------------------------------------------ middleware

    def middleware(
        self,
        middleware_or_request: Any = "request",
        attach_to: str = "request",
        apply: bool = True,
        *,
        priority: int = 0,
    ) -> Any:
        """Register the decorated middleware: bare, or with ``"request"`` or ``"response"``."""
        if callable(middleware_or_request):
            return self._attach(middleware_or_request, attach_to, priority)
        kind = hooks.check_kind(middleware_or_request)

        def decorate(function: F) -> F:
            return self._attach(function, kind, priority)

        return decorate

    def _attach(self, function: F, attach_to: str, priority: int) -> F:
        check_callable(function, "middleware")
        kind = hooks.check_kind(attach_to, where_is(function))
        self._middleware(Middleware(function, MiddlewareLocation[kind.upper()], priority))
        return function

    def register_middleware(self, middleware: F, attach_to: str = "request", *, priority: int = 0) -> F:
        """Register a middleware."""
        return self._attach(middleware, attach_to, priority)

    def on_request(self, middleware: Any = None, *, priority: int = 0) -> Any:
        """Register request middleware; bare, or called with a priority."""
        decorate = self.middleware("request", priority=priority)
        return decorate if middleware is None else decorate(middleware)

    def on_response(self, middleware: Any = None, *, priority: int = 0) -> Any:
        """Register response middleware; bare, or called with a priority."""
        decorate = self.middleware("response", priority=priority)
        return decorate if middleware is None else decorate(middleware)

    # ------------------------------------------------------------ exceptions

    def exception(self, *exceptions: Any, apply: bool = True) -> Callable[[F], F]:
        """Register the decorated ``handler(request, exception)`` for exception classes, or lists of them.

        Raises:
            BuildError: There are none.
        """
        kinds: List[Any] = []
        for item in exceptions:
            refuse_bare(item, "exception(ValueError)")
            kinds.extend(item if isinstance(item, (list, tuple, set, frozenset)) else [item])
        if not kinds:
            raise BuildError(
                f"{caller()[0]}: @app.exception() needs exception classes, for example @app.exception(ValueError)."
            )

        def decorate(handler: F) -> F:
            check_callable(handler, "exception handler")
            self._exception(handler, kinds)
            return handler

        return decorate

    def all_exceptions(self, handler: F) -> F:
        """Register a handler for every exception."""
        return self.exception(Exception)(handler)

    # ------------------------------------------------------------ signals

    def signal(
        self,
        event: Union[str, Enum],
        *,
        apply: bool = True,
        condition: Optional[Values] = None,
        exclusive: bool = True,
        priority: int = 0,
    ) -> Callable[[F], F]:
        """Register the decorated handler of an event.

        Args:
            event: ``namespace.reference.action``; the last part may be a parameter, ``<name:int>``.
            apply: Accepted as in Sanic.
            condition: What a dispatch must bring.
            exclusive: Whether it is left out by a dispatch without a condition.
            priority: Higher runs earlier.

        Raises:
            InvalidSignal: The event has not three parts, or is reserved.
        """
        text = str(event.value) if isinstance(event, Enum) else event

        def decorate(handler: F) -> F:
            self._signal(SignalRegistration(handler, text, dict(condition or {}), exclusive, priority))
            return handler

        return decorate

    def add_signal(
        self,
        handler: Optional[AnyCallable],
        event: Union[str, Enum],
        condition: Optional[Values] = None,
        exclusive: bool = True,
    ) -> AnyCallable:
        """Register a handler of an event; None for an event that is only waited for."""
        return self.signal(event, condition=condition, exclusive=exclusive)(handler or _noop)

    def catch_exception(self, handler: AnyCallable) -> None:
        """Register ``handler(app, exception)`` for every error that is reported."""

        async def report(exception: Exception) -> None:
            await handler(self, exception)

        self.signal(Event.SERVER_EXCEPTION_REPORT)(report)

    # ------------------------------------------------------------ listeners

    def listener(
        self,
        listener_or_event: Any,
        event_or_none: Optional[str] = None,
        apply: bool = True,
        *,
        priority: int = 0,
    ) -> Any:
        """Register the decorated function for a phase."""
        if event_or_none is not None:
            return self.register_listener(listener_or_event, event_or_none, priority=priority)
        refuse_bare(listener_or_event, "listener('before_server_start')")
        phase = listeners.check_phase(listener_or_event)

        def decorate(function: F) -> F:
            return self.register_listener(function, phase, priority=priority)

        return decorate

    def register_listener(self, listener: F, event: str, *, priority: int = 0) -> F:
        """Register a function for a phase."""
        check_callable(listener, "listener")
        self._listener(listener, listeners.check_phase(event, where_is(listener)), priority)
        return listener

    def _phase(self, phase: str, function: Any, priority: int) -> Any:
        decorate = self.listener(phase, priority=priority)
        return decorate if function is None else decorate(function)


def _phase_method(phase: str) -> AnyCallable:
    """Return the method that registers listeners of a phase."""

    def register(self: EventDecorators, listener: Any = None, *, priority: int = 0) -> Any:
        return self._phase(phase, listener, priority)

    register.__name__ = phase
    register.__qualname__ = f"EventDecorators.{phase}"
    register.__doc__ = f"Register a listener of the phase ``{phase}``; bare, or called with a priority."
    return register


for _name in (*listeners.PHASES, *listeners.ALIASES):
    setattr(EventDecorators, _name, _phase_method(_name))


async def _noop(**context: Any) -> None:
    """Do nothing."""
