"""Contexts: what `current_app`, `g`, `request` and `session` refer to, in requests and outside of them."""

from __future__ import annotations

import contextvars
import functools
from contextvars import Token
from types import TracebackType
from typing import Any, Callable, List, Optional, Type, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

import fenrir_core
from fenrir_core import Connection, current, current_connection
from fenrir_core.authoring import F, check_callable, get_logger, session_opened

from ._types import Passed, SomeApp, SomeResponse, Stored, Values
from .app_globals import AppGlobals, globals_of
from .connections import ContextConnection as ContextConnection
from .conversion import as_werkzeug
from .gates import check_gates
from .request import Request, request_of
from .sessions import SessionMixin, open_session
from .signals import appcontext_popped, appcontext_pushed

error_logger = get_logger("fenrir.error")

#: The names under which Flask has it.
_AppCtxGlobals = Globals = AppGlobals


class AppContext:
    """A context of an app, with a request or without one.

    `Flask.app_context` and `Flask.test_request_context` make it; it is a context manager.

    Args:
        app: The app.
        environ: The environment of WSGI that the request is made of, where `request` is None.
        request: The request, or None.
        session: The session; by default it is opened when the context is pushed.

    Attributes:
        g: The namespace that `g` refers to.
        url_adapter: What matches and builds URLs; None outside of requests without `SERVER_NAME`.
    """

    def __init__(
        self,
        app: SomeApp,
        environ: Optional[Values] = None,
        request: Optional[Request] = None,
        session: Optional[SessionMixin] = None,
    ) -> None:
        if environ is not None and request is None:
            request = app.request_class(environ)
            request.json_module = app.json
        self.app = app
        self.g: Any = app.app_ctx_globals_class()
        self.url_adapter: Optional[MapAdapter] = None
        self._request, self._session = request, session
        self._after_request_functions: List[Callable[[SomeResponse], Optional[SomeResponse]]] = []
        self._push_count = 0
        self._token: Optional[Token[Connection]] = None
        #: The context of the app around it, whose `g` a request's context has; None where there is none.
        self._shared: Optional[AppContext] = None
        try:
            self.url_adapter = app.create_url_adapter(request)
        except HTTPException as error:
            if request is not None:
                request.routing_exception = error
        self._connection: Optional[Connection] = None

    @classmethod
    def from_environ(cls, app: SomeApp, environ: Values) -> AppContext:
        """Return the context of a WSGI request."""
        return cls(app, environ)

    @classmethod
    def of(cls, connection: Connection) -> AppContext:
        """Return the context of a connection; one that a server made is pushed for as long as it is served."""
        if isinstance(connection, ContextConnection):
            found: AppContext = connection.context
            return found
        made = cls.__new__(cls)
        made.app, made._connection = connection.app, connection  # type: ignore[assignment]  # an app with more
        made._request = made._session = made._token = made._shared = None
        made._after_request_functions = []
        made._push_count = 1
        return made

    def __getattr__(self, name: str) -> Stored:
        # the context of a connection has its parts when they are asked for
        connection = self.__dict__.get("_connection")
        if name == "g" and connection is not None:
            return _state_of(connection, globals_of)
        if name == "url_adapter" and connection is not None:
            found = self.app.create_url_adapter(self.request if self.has_request else None)
            self.url_adapter = found
            return found
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def has_request(self) -> bool:
        """Whether it is the context of a request."""
        if self._request is not None:
            return True
        connection = self._connection
        return connection is not None and connection.scope["type"] in ("http", "websocket")

    def copy(self) -> AppContext:
        """Return a new context with the same request and session; see `copy_current_request_context`."""
        return type(self)(self.app, request=self._request, session=self._session)

    @property
    def request(self) -> Request:
        """The request.

        Raises:
            RuntimeError: It is a context without one.
        """
        if self._request is None:
            if not self.has_request:
                raise RuntimeError("There is no request in this context.")
            assert self._connection is not None
            self._request = self._connection.facade(request_of)
        return self._request

    @property
    def session(self) -> SessionMixin:
        """The session.

        Raises:
            RuntimeError: It is a context without a request.
        """
        found = self._get_session()
        found.accessed = True
        return found

    def _get_session(self) -> SessionMixin:
        if self._session is None:
            connection = self._connection
            if connection is not None and not isinstance(connection, ContextConnection):
                return open_session(connection)
            interface = self.app.session_interface
            opened = interface.open_session(self.app, self.request)
            self._session = interface.make_null_session(self.app) if opened is None else opened
            if connection is not None:
                session_opened(connection, self._session)
        return self._session

    def match_request(self) -> None:
        """Match the rules, and keep what was found, or the error, in the request."""
        request = self.request
        assert self.url_adapter is not None
        try:
            found: Any = self.url_adapter.match(return_rule=True)
        except HTTPException as error:
            request.routing_exception = error
        else:
            try:
                check_gates(self.app, request, found[0])
            except fenrir_core.HTTPError as error:
                request.routing_exception = error  # type: ignore[assignment]  # it is raised and handled as Werkzeug's
            else:
                request.url_rule, request.view_args = found

    # ------------------------------------------------------------ entering and leaving

    def push(self) -> None:
        """Enter the context; a request is matched with the rules, and its session is opened."""
        self._push_count += 1
        if self._token is not None:
            return
        self._share()
        if self._connection is None:
            self._connection = self._new_connection()
        states: Any = self._connection.state
        states[globals_of] = self.g
        self._token = current.set(self._connection)
        if self._shared is None:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)
        if self._request is not None and isinstance(self._connection, ContextConnection):
            self._get_session()  # before the rules are matched: converters may use it
            if self.url_adapter is not None:
                self.match_request()

    def _share(self) -> None:
        """Take over the context of the app that is current, if this one is a request's.

        COMPAT: Flask 3.1 has one context of the app for both: the same `g`, and its teardown functions are called when
        the outer one ends. Tests push it to look at what a request has left.
        """
        around = current.get(None)
        self._shared = None
        # that of a server's connection is none: it is the one that this request came by
        if self._request is not None and isinstance(around, ContextConnection) and around.app is self.app:
            self._shared = around.context.of_app
            self._shared._push_count += 1
            self.g = self._shared.g

    @property
    def of_app(self) -> AppContext:
        """The context of the app: this one, or that around it."""
        return self if self._shared is None else self._shared

    def _new_connection(self) -> ContextConnection:
        made = ContextConnection(self, None if self._request is None else self._request.environ)
        made.facade(AppContext.of)
        return made

    def pop(self, exc: Optional[BaseException] = None) -> None:
        """Leave the context; the teardown functions are called where it was pushed once.

        Args:
            exc: The error that nobody handled, or None.

        Raises:
            RuntimeError: It is not the current context.
        """
        if self._token is None:
            raise RuntimeError(f"Cannot pop this context ({self!r}), it is not pushed.")
        active = current.get(None)
        if isinstance(active, ContextConnection) and active.context._shared is self and self._push_count > 1:
            self._push_count -= 1  # a request's context that was entered later holds it, and ends it
            return
        if active is not self._connection:
            raise RuntimeError(
                f"Cannot pop this context ({self!r}), "
                + ("there is no active context." if active is None else "it is not the active context.")
            )
        self._push_count -= 1
        if self._push_count > 0:
            return
        errors: List[Exception] = []
        if self._request is not None:
            collect(errors, self.app._call, "do_teardown_request", self, exc)
            collect(errors, self._request.close)
        if self._shared is None:
            collect(errors, self.app._call, "do_teardown_appcontext", self, exc)
        if isinstance(self._connection, ContextConnection) and self._connection.is_filled:
            collect(errors, self._connection.end_dependencies, exc)
        current.reset(self._token)
        self._token = None
        if self._shared is None:
            collect(errors, lambda: appcontext_popped.send(self.app, _async_wrapper=self.app.ensure_sync))
        else:
            collect(errors, self._shared._release, exc)
        if errors:
            raise errors[0]

    def _release(self, exc: Optional[BaseException]) -> None:
        """Let go of it; it ends if it was left before."""
        if self._push_count > 1 or self._token is None:
            self._push_count -= 1
        else:
            self.pop(exc)

    def __enter__(self) -> AppContext:
        self.push()
        return self

    def __exit__(
        self, exc_type: Optional[Type[BaseException]], exc_value: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        self.pop(exc_value)

    def __repr__(self) -> str:
        text = f"<{type(self).__name__} {id(self)} of {self.app.name}"
        return f"{text}, {self._request.method} {self._request.url!r}>" if self._request is not None else f"{text}>"


#: A context with a request is of the same class.
RequestContext = AppContext


def _state_of(connection: Connection, kind: Callable[[Connection], Any]) -> Any:
    states: Any = connection.state  # the locals are kept under what makes them
    if kind not in states:
        states[kind] = kind(connection)
    return states[kind]


def collect(errors: List[Exception], call: Callable[..., object], *args: object) -> None:
    """Call a function of the clean-up; what it raises is kept, so that the others are called, too."""
    try:
        call(*args)
    except Exception as error:
        keep(errors, error)


def keep(errors: List[Exception], error: Exception) -> None:
    """Keep the first error of a clean-up, which is raised at its end, and log any other."""
    if errors:
        error_logger.error("More than one step of the clean-up failed", exc_info=error)
    else:
        errors.append(error)


# -------------------------------------------------------------------- functions


def current_context(what: str) -> AppContext:
    """Return the current context.

    Raises:
        RuntimeError: There is none.
    """
    return current_connection(what).facade(AppContext.of)


def after_this_request(f: F) -> F:
    """Call `f(response)` before the response of this request is sent; also usable as a decorator.

    It returns the response to send, which may be the one that it was given.

    Raises:
        RuntimeError: The code runs outside a request.
    """
    check_callable(f, "after_this_request")
    if not has_request_context():
        raise RuntimeError(
            "'after_this_request' can only be used when a request context is active, such as in a view function."
        )
    context = current_context("after_this_request()")
    connection = context._connection
    if context._token is None and connection is not None and not context._after_request_functions:
        if not getattr(connection.route.endpoint, "is_whole", False):
            connection.on_response_start(_call_after_this_request(context), first=True)
    context._after_request_functions.append(f)
    return f


def _call_after_this_request(context: AppContext) -> Callable[[fenrir_core.Response], None]:
    """Return the step that calls the functions of `after_this_request` with the response."""

    def step(response: fenrir_core.Response) -> None:
        with as_werkzeug(response) as own:
            for function in context._after_request_functions:
                function(own)

    return step


def copy_current_request_context(f: F) -> F:
    """Return a function that runs `f` in a copy of the current request's context, for another thread or greenlet.

    Raises:
        RuntimeError: The code runs outside a request.
    """
    if not has_request_context():
        raise RuntimeError(
            "'copy_current_request_context' can only be used when a request context is active, such as in a view "
            "function."
        )
    original = current_context("copy_current_request_context()")
    if original._token is None:  # a server's: the connection itself is shared
        held = contextvars.copy_context()
        return cast(F, functools.wraps(f)(lambda *args, **kwargs: held.copy().run(f, *args, **kwargs)))

    @functools.wraps(f)
    def wrapper(*args: Passed, **kwargs: Passed) -> Any:
        with original.copy() as context:
            return context.app.ensure_sync(f)(*args, **kwargs)

    return cast(F, wrapper)


def has_request_context() -> bool:
    """Return whether the code runs inside a request."""
    connection = current.get(None)
    return connection is not None and connection.scope["type"] in ("http", "websocket")


def has_app_context() -> bool:
    """Return whether the code runs inside a request or an app context."""
    return current.get(None) is not None
