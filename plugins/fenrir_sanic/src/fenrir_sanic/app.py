"""Sanic's own application: only this paradigm, with Sanic's rules."""

from __future__ import annotations

import asyncio
import logging.config
from dataclasses import replace
from enum import Enum
from functools import wraps
from types import SimpleNamespace
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple, Type, Union

from fenrir_core import App

from . import error_handling, hooks, listeners, registration, tasks
from .application.state import ApplicationState
from .config import SANIC_PREFIX, Config
from .decorators import Decorators
from .event_decorators import SignalRegistration
from .exceptions import SanicException
from .ext import extend_class, sanic_ext_applies
from .handlers import ErrorHandler
from .helpers import Default
from .limits import check_config, limits_of_config
from .log import LOGGING_CONFIG_DEFAULTS
from .middleware import Middleware
from .middleware_view import MiddlewareMethods
from .names import check_name, check_names
from .registration import Registration
from .registry import NamedApps
from .request import Request
from .router import Router
from .routing_exceptions import NotFound
from .server_methods import ServerMethods
from .signal_hooks import with_websocket_events
from .signals import Event, SignalRouter
from .state import State
from .supervised_tasks import SupervisedTasks
from .urls import build_url
from .values import AnyCallable, Values


class Sanic(Decorators, NamedApps, MiddlewareMethods, ServerMethods, App):  # type: ignore[misc]  # Sanic's signatures
    """An ASGI application with Sanic's methods and rules.

    A handler takes the request first and returns a response; errors are answered with Sanic's
    error pages; ``/x/`` is ``/x`` unless `strict_slashes` is true; only the methods that a route
    names are served; plain functions run on the event loop.

    Args:
        name: Letters, digits, ``_`` and ``-``; precedes the names of routes.
        config: The configuration; a `Config` by default.
        ctx: An object for the app's own use; a namespace by default.
        router: Where the routes are looked up.
        signal_router: Where the signals are kept.
        error_handler: What answers exceptions.
        env_prefix: The prefix of the environment variables that `config` reads.
        request_class: A subclass of `Request` for all requests.
        strict_slashes: Whether ``/x/`` is another path than ``/x``.
        log_config: A configuration for `logging.config.dictConfig`; without one logging is left to the server.
        configure_logging: Whether `log_config` is applied.
        dumps: A function that encodes JSON, in the place of the kernel's.
        loads: A function that parses JSON, in the place of the kernel's.
        inspector, inspector_class, certloader_class: Accepted as in Sanic.
        **settings: As of `fenrir_core.App`.

    Raises:
        SanicException: The name can't be used, or another app has it.
    """

    paradigm = "sanic"
    raises_unhandled = False
    _sealed = False
    name: str
    config: Config
    state: Any
    ctx: Any
    shared_ctx: SimpleNamespace
    repl_ctx: SimpleNamespace
    router: Router
    signal_router: SignalRouter
    error_handler: ErrorHandler
    request_class: Any
    #: COMPAT: as in Sanic it is missing where no worker manager runs, and code asks whether it is there.
    multiplexer: Any
    strict_slashes: Optional[bool]
    configure_logging: bool
    asgi: bool
    websocket_tasks: Set[Any]

    def __init__(
        self,
        name: Optional[str] = None,
        config: Optional[Config] = None,
        ctx: Any = None,
        router: Optional[Router] = None,
        signal_router: Optional[SignalRouter] = None,
        error_handler: Optional[ErrorHandler] = None,
        env_prefix: Optional[str] = SANIC_PREFIX,
        request_class: Optional[Type[Request]] = None,
        strict_slashes: bool = False,
        log_config: Optional[Values] = None,
        configure_logging: bool = True,
        dumps: Optional[AnyCallable] = None,
        loads: Optional[AnyCallable] = None,
        inspector: bool = False,
        inspector_class: Any = None,
        certloader_class: Any = None,
        **settings: Any,
    ) -> None:
        check_name(type(self), name)
        assert name is not None
        if config and env_prefix != SANIC_PREFIX:
            raise SanicException("When instantiating Sanic with config, you cannot also pass env_prefix")
        self.name = name
        self.config = config if config is not None else Config(env_prefix=env_prefix)
        given: Values = {
            "trailing_slash": "strict" if strict_slashes else "accept",
            "derive_head": False,
            "derive_options": False,
            **limits_of_config(self.config),
            **settings,
        }
        super().__init__(**given)
        self._own_limits = frozenset(settings)
        self.strict_slashes, self.configure_logging = strict_slashes, configure_logging
        self.log_config = log_config or LOGGING_CONFIG_DEFAULTS
        if log_config and configure_logging:
            logging.config.dictConfig(log_config)
        self.ctx = ctx if ctx is not None else SimpleNamespace()
        self.router = router or Router()
        self.signal_router = signal_router or SignalRouter()
        self.error_handler = error_handler or ErrorHandler()
        self.request_class = request_class or Request
        self.dumps, self.loads = dumps, loads
        self._set_up()

    def _set_up(self) -> None:
        """Set what no argument decides, and make the app known."""
        self.state = ApplicationState(self)
        self.shared_ctx, self.repl_ctx = SimpleNamespace(), SimpleNamespace()
        self.router.ctx.app = self.signal_router.ctx.app = self
        self.asgi = True
        self.websocket_tasks, self._future_commands = set(), set()
        if self.request_class is not Request:
            self.store(State).request_class = self.request_class
        self.register_app(self)
        self._sealed = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._sealed and not (name.startswith("_") or name in self.__dict__ or hasattr(type(self), name)):
            if name not in App.__annotations__ and not hasattr(App, name):
                raise AttributeError(
                    f"Setting variables on {type(self).__name__} instances is not allowed. You should change your "
                    f"{type(self).__name__} instance to use instance.ctx.{name} instead."
                )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}")'

    def __str__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    # ------------------------------------------------------------ registration

    def _add(self, item: Registration) -> None:
        self._add_grouped(item, ())

    def _add_grouped(self, item: Registration, group: Tuple[str, ...]) -> None:
        options = {"nonblocking": True, **item.options}
        strict = bool(self.strict_slashes if item.strict_slashes is None else item.strict_slashes)
        name = self.generate_name(item.name)
        registration.add_route(self, replace(item, name=name, options=options, strict_slashes=strict), group)

    def _middleware(self, item: Middleware) -> None:
        hooks.add(self, item)

    def _listener(self, function: AnyCallable, phase: str, priority: int) -> None:
        listeners.register_listener(self, function, phase, priority=priority)

    def _exception(self, function: AnyCallable, kinds: Iterable[Any]) -> None:
        error_handling.register(self, function, kinds)

    def _signal(self, item: SignalRegistration) -> None:
        self.signal_router.add(item.handler, item.event, item.condition, item.exclusive, priority=item.priority)

    def blueprint(self, blueprint: Any, **options: Any) -> None:
        """Register a blueprint, a group or a list of them; see `fenrir_sanic.registration.blueprint`."""
        registration.blueprint(self, blueprint, **options)

    @property
    def blueprints(self) -> Values:
        """The blueprints by name."""
        return dict(self.store(State).blueprints)

    def enable_websocket(self, enable: bool = True) -> None:
        """Accept Sanic's call; WebSockets are always enabled."""

    @property
    def listeners(self) -> Dict[str, List[Any]]:
        """The listeners by phase."""
        found: Dict[str, List[Any]] = {phase: [] for phase in listeners.PHASES}
        for item in self.store(State).listeners:
            found[item.phase].append(item.function)
        return found

    def report_exception(self, handler: Any) -> Any:
        """Register ``handler(app, exception)`` for every error of a request, a task or a signal."""

        @wraps(handler)
        async def report(exception: BaseException) -> None:
            await handler(self, exception)

        return self.add_signal(report, Event.SERVER_EXCEPTION_REPORT)

    # ------------------------------------------------------------ life

    def build(self) -> None:
        """Check everything that was registered, compile it and freeze it; the configuration is read here."""
        if not self.is_built:
            check_config(self.config, f"Sanic app {self.name!r}")
            for name, value in limits_of_config(self.config).items():
                if name not in self._own_limits:
                    self.settings[name] = value
            if "_ext" not in self.__dict__ and self.config.get("AUTO_EXTEND") and sanic_ext_applies():
                self.__dict__["_ext"] = extend_class()(self)
            with_websocket_events(self)
        super().build()

    @property
    def debug(self) -> bool:
        """Whether the app runs in development mode."""
        return bool(self.settings["debug"]) or self.state.is_debug

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that the app runs in.

        Raises:
            SanicException: It does not run.
        """
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            raise SanicException(
                "Loop can only be retrieved after the app has started running. Not supported with `create_server` "
                "function"
            ) from None

    def finalize(self) -> None:
        """Check and build everything that was registered."""
        self.build()

    def signalize(self, allow_fail_builtin: bool = True) -> None:
        """Finalize the signals."""
        self.signal_router.allow_fail_builtin = allow_fail_builtin
        self.signal_router.finalize()

    async def _startup(self) -> None:
        check_names(self.registered)
        async with self.lifespan():
            pass

    def update_config(self, config: Any) -> None:
        """Copy the upper-case names of a mapping, an object or a file into the configuration."""
        self.config.update_config(config)

    def extend(
        self,
        *,
        extensions: Optional[List[Any]] = None,
        built_in_extensions: bool = True,
        config: Any = None,
        **options: Any,
    ) -> Any:
        """Set sanic-ext up for the app, or our own small set of extensions, and return it.

        The real sanic-ext is for an app of the real Sanic, which ours is where `sanic` is an alias of this package.

        Args:
            extensions, built_in_extensions, config, **options: As of `sanic_ext.Extend`.

        Raises:
            RuntimeError: It is set up already.
        """
        if "_ext" in self.__dict__:
            raise RuntimeError("Cannot extend Sanic after Sanic Extensions has been setup.")
        kind: Any = extend_class()
        options.update(extensions=extensions, built_in_extensions=built_in_extensions, config=config)
        self.__dict__["_ext"] = kind(self, **options)
        return self.__dict__["_ext"]

    @property
    def ext(self) -> Any:
        """The extensions, which are set up if need be; see `extend`."""
        if "_ext" not in self.__dict__:
            self.__dict__["_ext"] = extend_class()(self)
        return self.__dict__["_ext"]

    @property
    def test_client(self) -> Any:
        """A client for synchronous tests: ``request, response = app.test_client.get("/")``."""
        return self._test_manager.test_client

    @property
    def asgi_client(self) -> Any:
        """A client for asynchronous tests: ``request, response = await app.asgi_client.get("/")``."""
        return self._test_manager.asgi_client

    @property
    def _test_manager(self) -> Any:
        if "_clients" not in self.__dict__:
            from .testing import TestManager

            self.__dict__["_clients"] = TestManager(self)
        return self.__dict__["_clients"]

    # ------------------------------------------------------------ signals and errors

    async def dispatch(self, event: Union[str, Enum], **options: Any) -> Any:
        """Call the handlers of an event; the options are those of `SignalRouter.dispatch`."""
        return await self.signal_router.dispatch(event, **options)

    async def event(
        self,
        event: Union[str, Enum],
        timeout: Optional[float] = None,
        *,
        condition: Optional[Values] = None,
        exclusive: bool = True,
    ) -> Values:
        """Return the context of the next dispatch of an event.

        Args:
            event: The event.
            timeout: Seconds to wait; for ever by default.
            condition: What the dispatch must bring.
            exclusive: Whether a dispatch without a condition is left out.

        Raises:
            NotFound: The event has no handlers, and EVENT_AUTOREGISTER is off.
            asyncio.TimeoutError: There was none in time.
        """
        waiter = self.signal_router.get_waiter(event, condition, exclusive)
        if waiter is None and self.config.EVENT_AUTOREGISTER:
            self.add_signal(None, event)
            waiter = self.signal_router.get_waiter(event, condition, exclusive)
        if waiter is None:
            raise NotFound(f"Could not find signal {event}")
        return await asyncio.wait_for(waiter.wait(), timeout)

    async def handle_exception(self, request: Any, exception: BaseException, run_middleware: bool = True) -> Any:
        """Return the response to an exception."""
        await self.dispatch(
            Event.HTTP_LIFECYCLE_EXCEPTION, inline=True, fail_not_found=False,
            context={"request": request, "exception": exception},
        )  # fmt: skip
        value = self.error_handler.response(request, exception)
        return await value if hasattr(value, "__await__") else value

    async def handle_request(self, request: Any) -> None:
        """Serve a request that a server has received."""
        connection = request._connection
        await self(connection.scope, connection.receive, connection.send)

    # ------------------------------------------------------------ tasks and URLs

    add_task = tasks.add_task
    get_task = tasks.get_task
    cancel_task = tasks.cancel_task
    purge_tasks = tasks.purge_tasks

    def shutdown_tasks(self, timeout: Optional[float] = None, increment: float = 0.1) -> None:
        """Cancel all tasks."""
        for item in self.tasks.list():
            if item.task is not None:
                item.task.cancel()

    @property
    def tasks(self) -> SupervisedTasks:
        """The supervised tasks."""
        return tasks.tasks_of(self)

    def url_for(self, view_name: str, **kwargs: Any) -> str:
        """Return the URL of a route by its name, with or without the app's.

        Args:
            view_name: ``handler`` or ``blueprint.handler``, both also with the app's name in front.
            **kwargs: Path values; the others become the query. `_anchor`, `_external`, `_scheme`, `_server`,
                `_host` and `_method` set further parts of the URL.

        Raises:
            URLBuildError: No route of this name takes these values.
        """
        return build_url(self, view_name, kwargs)


DefaultSanic = Union[Sanic, Default]
