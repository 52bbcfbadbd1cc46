"""Synchronous views of the class `Flask`: all that Flask calls for a request is called in one thread, in one go.

The steps and their order are those of `Flask.wsgi_app`: hooks, view, error handlers, the functions after the view, the
session, the teardown functions. A view that is asynchronous, or has asynchronous hooks, is compiled step by step; see
`hooks`.
"""

from __future__ import annotations

import inspect
from functools import partial
from inspect import iscoroutine
from typing import Any, Awaitable, Iterable, List, Optional, Set

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

import fenrir_core
from fenrir_core import Build, Call, ClientDisconnect, Connection, HTTPError, Route, current
from fenrir_core.authoring import Steps, handle_error, record, stand_in, start_steps, unwrap_callable

from ._types import Function, Passed, ReturnValue, SomeApp, Values
from .conversion import render, to_kernel
from .ctx import AppContext, keep
from .error_handling import is_final
from .return_values import Rendered, make_return_handler
from .sessions import opened_session, save_session
from .state import Scoped, State, scopes_of

#: The types of defaults that ask for nothing; of a parameter without one it is `inspect`'s mark.
_PLAIN = (str, bytes, int, float, bool, tuple, type(None), type)


def functions_of(route: Route, functions: Scoped) -> Iterable[Function]:
    """Return the functions of a route: the app's, then those of its blueprints, outermost first."""
    for scope in scopes_of(tuple(route.group)):
        yield from functions.get(scope, ())


#: The attributes of functions that `inspect` reads a signature from, and what `__getattr__` itself needs.
_OF_CALLS = frozenset(
    {"__wrapped__", "__signature__", "__text_signature__", "__annotations__", "__code__", "__globals__", "__defaults__"}
    | {"__kwdefaults__", "__self__", "__func__", "func", "view"}
)


class Dispatch:
    """The endpoint of a synchronous view: it calls the view and what Flask calls around it.

    Args:
        app: The app.
        view: The view.
        defaults: The fixed values of its rule.
    """

    def __init__(self, app: SomeApp, view: Function, defaults: Values) -> None:
        self.app, self.view, self.defaults = app, view, defaults
        self.__fenrir_stands_for__ = view
        self.__module__ = getattr(view, "__module__", type(self).__module__)
        self.name: Optional[str] = None
        self.preprocessors: List[Function] = []
        self.before: List[Function] = []
        self.after: List[Function] = []
        self.teardown: List[Function] = []
        self.rule: Any = None
        #: Whether all that is around the view is called here; else routes hooks do it.
        self.is_whole = False

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the view, such as the mark of a decorator, but for what says how it is called."""
        if name in _OF_CALLS:
            raise AttributeError(name)
        return getattr(self.view, name)

    def take(self, route: Route, build: Build) -> bool:
        """Take over the functions around the view, and return whether they all are synchronous."""
        state: State = build.app.store(State)
        before = [build.step(function) for function in functions_of(route, state.before_request_funcs)]
        after = [build.step(item, ("response",)) for item in functions_of(route, state.after_request_funcs)]
        ends = [*state.teardown_appcontext_funcs, *functions_of(route, state.teardown_request_funcs)]
        teardown = [build.step(function, ("error",)) for function in ends]
        self.is_whole = all(call.mode == "thread" for call in (*before, *after, *teardown))
        self.name, self.rule = route.name, make_return_handler(route, build.app)
        self.preprocessors = [*functions_of(route, state.url_value_preprocessors)]
        self.before = [call.function for call in before]
        self.after = [call.function for call in reversed(after)]
        self.teardown = [call.function for call in reversed(teardown)]
        return self.is_whole

    def __call__(self, **values: Passed) -> ReturnValue:
        """Serve the current request."""
        connection = current.get()
        if not self.is_whole:
            value: ReturnValue = self.view(**{**self.defaults, **connection.path_params})
            return value
        value = start_steps(connection, self.steps(connection))
        return value

    # ------------------------------------------------------------ the steps

    def steps(self, connection: Connection, failure: Optional[BaseException] = None) -> Steps:
        """Make the response; what is yielded has to be awaited.

        Args:
            connection: The connection.
            failure: The error before the first step, such as that of a body over the limit.
        """
        made: Any = None
        error: Optional[BaseException] = None
        connection.after_began = True
        try:
            try:
                if failure is None:
                    try:
                        value = yield from self._value(connection)
                    except Exception as raised:
                        failure = raised
                if failure is not None:
                    value = yield from self._answered(connection, failure)
                    error = connection.unhandled
                made = yield from self._finished(connection, value)
            except Exception as raised:
                if _is_foreign(connection, raised):  # an error of another framework that a view has returned
                    value = yield from self._answered(connection, raised)
                else:
                    value = yield from self.app.answers.unhandled(connection, raised, self.app.answers.direct)
                error = connection.unhandled
                made = yield from self._finished(connection, value)
        except BaseException as raised:
            error = is_final(raised)
            raise
        finally:
            if self.teardown:
                yield from self._end_with(connection, made, error)
        return made

    def _value(self, connection: Connection) -> Steps:
        """Call the functions before the view, and the view unless one of them answers."""
        params = connection.path_params
        if self.defaults:
            params = connection.path_params = {**self.defaults, **params}
        for function in self.preprocessors:
            function(self.name, params)
        for function in self.before:
            value = function(connection)
            if iscoroutine(value):
                value = yield value
            if value is not None:
                return value
        value = self.view(**params)
        if iscoroutine(value):
            value = yield value
        return value

    def _answered(self, connection: Connection, error: BaseException) -> Steps:
        """Return the value of the handler of an error, or raise it."""
        handlers = connection.compiled_route.handlers
        if connection.has_cleanups or [len(level) for level in handlers] != [1] or _is_foreign(connection, error):
            # the dependencies of hooks see the error, a plugin may handle it
            return (yield handle_error(connection, error))
        record(connection.scope, error)
        return (yield from self.app.answers.handled(connection, error, self.app.answers.direct))

    def _finished(self, connection: Connection, value: ReturnValue) -> Steps:
        """Make a response of a value, and call the functions after the view."""
        is_unhandled = connection.unhandled is not None
        context: Optional[AppContext] = connection.made_facade(AppContext.of)
        functions = () if context is None else context._after_request_functions
        session = opened_session(connection)
        if not functions and not self.after:
            if session is None and not is_unhandled:
                raw = self.rule.render_raw(connection, value) if self.rule.render_raw is not None else None
                if raw is not None:
                    return Rendered(raw)
            made = self.rule.convert(connection, value)
            if session is not None:
                self._try(is_unhandled, save_session, connection, session, made)
            raw = None if is_unhandled or made.streams else made.render_raw()
            return made if raw is None else Rendered(raw)
        own = self.app.make_response(value)
        try:
            for call in functions:
                found = call(own)
                own = own if found is None else self._given(found)
            for call in self.after:
                found = call(connection, own)
                own = self._given((yield found) if iscoroutine(found) else found)
            if session is not None:
                save_session(connection, session, own)
        except Exception:
            if not is_unhandled:
                raise
            self._log_late_failure()
        raw = None if is_unhandled else render(own)
        return to_kernel(connection, own) if raw is None else Rendered(raw)

    def _given(self, value: ReturnValue) -> WerkzeugResponse:
        """Return the response that a function after the view has returned."""
        if value is None:
            raise TypeError("An after_request function must return the response.")
        own: WerkzeugResponse = value if isinstance(value, WerkzeugResponse) else self.app.make_response(value)
        return own

    def _try(self, is_unhandled: bool, function: Function, *args: object) -> None:
        try:
            function(*args)
        except Exception:
            if not is_unhandled:
                raise
            self._log_late_failure()

    def _log_late_failure(self) -> None:
        self.app.logger.exception("Request finalizing failed with an error while handling an error")

    # ------------------------------------------------------------ the end

    def _end_with(self, connection: Connection, made: ReturnValue, error: Optional[BaseException]) -> Steps:
        """Call the teardown functions: before the response is sent, or after the last byte of one in pieces."""
        if not isinstance(made, fenrir_core.Response) or not made.streams:
            yield from self._end(connection, error)
            return
        step = partial(self._end_now, connection)

        async def close(error: Optional[BaseException]) -> None:
            await connection.run_in_thread(step, error)

        vars(close).update(step=step, is_teardown=True)  # several run in one hop
        connection.add_cleanup(close)

    def _end_now(self, connection: Connection, error: Optional[BaseException]) -> Optional[Awaitable[None]]:
        value: Optional[Awaitable[None]] = start_steps(connection, self._end(connection, error))
        return value

    def _end(self, connection: Connection, error: Optional[BaseException]) -> Steps:
        """Call all teardown functions, and raise the first of their errors."""
        errors: List[Exception] = []
        for function in self.teardown:
            try:
                found = function(connection, error)
                if iscoroutine(found):
                    yield found
            except Exception as raised:
                keep(errors, raised)
        if errors:
            raise is_final(errors[0])


def _is_foreign(connection: Connection, error: BaseException) -> bool:
    """Return whether an error is another framework's, or is no fault of the app's."""
    if isinstance(error, (HTTPException, HTTPError)):
        return False
    return isinstance(error, ClientDisconnect) or stand_in(connection, error) is not error


def dispatch_of(app: SomeApp, view: Function, defaults: Values, names: Set[str]) -> Optional[Dispatch]:
    """Return the endpoint of a view that takes what its rule has and asks for nothing else; None for others.

    Args:
        app: The app.
        view: The view.
        defaults: The fixed values of its rule.
        names: The names of all values of its rule.
    """
    if Call.of(view).mode != "thread":
        return None
    try:
        parameters = inspect.signature(unwrap_callable(view), follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return None
    for item in parameters:
        is_given = item.name in names or item.kind in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
        if not is_given and (item.annotation is not item.empty or type(item.default) not in _PLAIN):
            return None
    return Dispatch(app, view, defaults)
