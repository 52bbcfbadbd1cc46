"""Error handling: the registered error handlers, and HTML pages for errors without one."""

from __future__ import annotations

import inspect
from functools import lru_cache
from inspect import iscoroutine
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Optional, Tuple, TypeVar

from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions
from werkzeug.routing import RequestRedirect, RoutingException

import fenrir_core
from fenrir_core import Build, Call, ClientDisconnect, Connection, ExceptionHandler, HTTPError, Route, error_response
from fenrir_core.authoring import ErrorForms, ErrorFunction, Steps, encode_header, reason_phrase, report, type_header

from ._types import Function, ReturnValue, SomeApp
from .conversion import to_kernel
from .exceptions import kernel_error, werkzeug_error, with_flasks_names
from .return_values import to_flask
from .state import State

Errors = TypeVar("Errors", bound=BaseException)
#: Key in `Connection.state` of an unhandled error, which teardown functions receive.
ERROR = "fenrir_flask.error"
Answer = Callable[[Connection, BaseException], Awaitable[ReturnValue]]
#: Calls an error handler, which may be asynchronous.
Caller = Callable[[Connection, BaseException], Any]
#: The key in the scope of where a request is redirected that lacks the slash of a rule.
REDIRECT = "fenrir_flask.redirect"
#: Marks an error that ends a request: no handler is asked any more.
_FINAL = "fenrir_flask_final"


def exception_handlers(build: Build) -> Iterator[ExceptionHandler]:
    """Return the registered error handlers, and the paradigm's own for errors without one."""
    if build.app.paradigm == "flask":
        yield ExceptionHandler(Exception, Call(FlaskErrors(build).answer, "async"))
        return
    state: State = build.app.store(State)
    crash: List[Tuple[Optional[str], Answer]] = []
    for matches, function, scope in _registered(state):  # of two for the same exception the later one wins
        handle = handler_call(build, function)
        level = 0 if scope is None else 1 + scope.count(".")
        yield ExceptionHandler(matches, Call(handle, "async"), level, _covers(scope))
        if matches == 500:
            crash.append((scope, handle))
        if matches is HTTPException:  # the kernel's errors are HTTP errors, too
            yield ExceptionHandler(HTTPError, Call(_as_werkzeugs(handle), "async"), level, _covers(scope))
    # innermost blueprint first: within a level the first handler wins
    for scope, handle in sorted(crash, key=lambda pair: -len(pair[0] or "")):
        yield ExceptionHandler(Exception, Call(_crashed(handle), "async"), default=True, applies=_covers(scope))


def _registered(state: State) -> Iterator[Tuple[Any, ErrorFunction, Optional[str]]]:
    """Return the handlers of the hybrid app and of its blueprints."""
    yield from reversed(state.kernel_handlers)
    for scope, statuses in state.error_handler_spec.items():
        for code, handlers in statuses.items():
            for kind, function in reversed(list(handlers.items())):
                matches: Any = kind if code is None else code
                yield matches, ErrorFunction(function), scope


def _as_werkzeugs(handle: Answer) -> Answer:
    async def answer(connection: Connection, error: BaseException) -> ReturnValue:
        return await handle(connection, werkzeug_error(error) if isinstance(error, HTTPError) else error)

    return answer


def _covers(scope: Optional[str]) -> Optional[Callable[[Route], bool]]:
    return None if scope is None else lambda route: scope in route.group


def _crashed(handle: Answer) -> Answer:
    async def answer(connection: Connection, error: BaseException) -> ReturnValue:
        if isinstance(error, HTTPError):
            raise error
        report(connection, error)
        connection.state[ERROR] = error  # teardown functions receive it
        return await handle(connection, InternalServerError(original_exception=error))

    return answer


def crash(app: SomeApp, connection: Connection, error: BaseException) -> None:
    """Log an unhandled error of a `Flask` with its own logger, and have it raised after its response."""
    report(connection, error, app.log_exception)
    connection.state[ERROR] = error  # teardown functions receive it


def is_final(error: Errors) -> Errors:
    """Return an error that ends a request, marked: its handlers had their turn."""
    vars(error)[_FINAL] = True
    return error


def handler_call(build: Build, handler: ErrorFunction) -> Answer:
    """Compile an error handler to `async call(connection, error)`; it receives errors with Flask's names."""
    call = handler.compile(build.inject, build.app.store(ErrorForms))
    return lambda connection, error: call(connection, with_flasks_names(error))


class FlaskErrors:
    """The errors of an application of the class `Flask`, whose handlers are found as `handle_user_exception` does.

    Args:
        build: The build of the app.

    Attributes:
        calls: The handlers, to be called on the event loop.
        direct: The handlers, to be called in the thread of the request.
    """

    def __init__(self, build: Build) -> None:
        self.app: SomeApp = build.app
        self.app.answers = self
        self.calls: Dict[Function, Caller] = {}
        self.direct: Dict[Function, Caller] = {}
        forms = self.app.store(ErrorForms)
        for statuses in self.app.error_handler_spec.values():
            for handlers in statuses.values():
                for function in handlers.values():
                    # COMPAT: Flask calls error handlers with the error alone, so that it is what *args gets
                    answer = ErrorFunction(function, ("error",)).compile(build.inject, forms)
                    self.calls[function] = answer
                    self.direct[function] = _directly(function) if _takes_the_error(function) else answer

    async def answer(self, connection: Connection, error: BaseException) -> ReturnValue:
        """Return what the response to an error is made of."""
        if isinstance(error, ClientDisconnect):
            raise error
        location = connection.scope.get(REDIRECT)
        if location is not None and isinstance(error, HTTPError):
            error = RequestRedirect(location)
        if getattr(error, _FINAL, False):
            crash(self.app, connection, error)
            return self._page_of_crash(connection, error)
        endpoint: Any = connection.route.endpoint
        if getattr(endpoint, "is_whole", False) and not connection.after_began:
            # what comes before the first step, and what dependencies of hooks have seen
            value: ReturnValue = await connection.run_steps(endpoint.steps(connection, error))
            return value
        if isinstance(error, HTTPError) and not self.calls and error.__cause__ is None:
            body = usual_page(error.status) if error.detail in (None, reason_phrase(error.status)) else None
            if body is not None and not self.app.config["TRAP_HTTP_EXCEPTIONS"]:
                return error_response(connection, error) or _with_headers(
                    fenrir_core.Response(body, error.status), error
                )
        value = await connection.run_steps(self._steps(connection, error), bool)
        return value

    def _steps(self, connection: Connection, error: BaseException) -> Steps:
        try:
            value = yield from self.handled(connection, error, self.calls)
        except Exception as raised:
            value = yield from self.unhandled(connection, raised, self.calls)
        return to_flask(connection, value)

    def handled(self, connection: Connection, error: BaseException, calls: Dict[Function, Caller]) -> Steps:
        """Return the value of the handler of an error, or the page of an HTTP error; what is yielded is awaited.

        Args:
            connection: The connection.
            error: The error.
            calls: How handlers are called: `calls` or `direct`.

        Raises:
            BaseException: The error itself, where nothing handles it.
        """
        found = werkzeug_error(error) if isinstance(error, HTTPError) else error
        http = found if isinstance(found, HTTPException) and not self.app.trap_http_exception(found) else None
        is_routing = http is not None and (http.code is None or isinstance(http, RoutingException))
        call = None if is_routing else self._handler(connection, found, calls)
        if call is not None:
            value = call(connection, found)
            return (yield value) if iscoroutine(value) else value
        if http is None:
            raise error
        formatted = error if isinstance(error, HTTPError) else kernel_error(http)
        response = None if formatted is None or is_routing else error_response(connection, formatted)
        return page(connection, http, error) if response is None else response

    def unhandled(self, connection: Connection, error: BaseException, calls: Dict[Function, Caller]) -> Steps:
        """Return the value of the handler of status 500 for an error that nothing handles, or a page; it is logged."""
        crash(self.app, connection, error)
        internal = InternalServerError(original_exception=error)
        call = self._handler(connection, internal, calls)
        if call is None:
            return self._page_of_crash(connection, error)
        value = call(connection, internal)
        return (yield value) if iscoroutine(value) else value

    def _handler(self, connection: Connection, error: BaseException, calls: Dict[Function, Caller]) -> Optional[Caller]:
        function = self.app._find_error_handler(error, reversed(connection.route.group))
        return None if function is None else calls[function]

    def _page_of_crash(self, connection: Connection, error: BaseException) -> fenrir_core.Response:
        return error_response(connection, error) or page(connection, InternalServerError())


def _takes_the_error(function: Function) -> bool:
    """Return whether an error handler is a synchronous function of the error alone."""
    if Call.of(function).mode == "async":
        return False
    try:
        (item,) = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return item.kind is not item.VAR_KEYWORD and item.kind is not item.KEYWORD_ONLY and item.default is item.empty


def _directly(function: Function) -> Caller:
    return lambda connection, error: function(error)


def page(connection: Connection, found: HTTPException, error: Optional[BaseException] = None) -> fenrir_core.Response:
    """Return the page of an HTTP error, with the headers of the kernel's error that it stands for."""
    if found.response is not None or found.code is None or type(found).get_response is not HTTPException.get_response:
        return to_kernel(connection, found.get_response())
    # PERF: no response of Werkzeug's, 6 us
    is_usual = type(found) is default_exceptions.get(found.code) and "description" not in vars(found)
    made = fenrir_core.Response(usual_page(found.code) or "" if is_usual else found.get_body(), found.code)
    made.raw_headers = [encode_header(name, value) for name, value in found.get_headers()]
    return _with_headers(made, error)


def _with_headers(made: fenrir_core.Response, error: Optional[BaseException]) -> fenrir_core.Response:
    """Return a response with the headers of the kernel's error that it is for."""
    if not made.raw_headers:
        made.raw_headers.append(type_header("text/html"))
    if isinstance(error, HTTPError):
        for name, value in (error.headers or {}).items():
            if name.lower() != "content-type":
                made.headers[name] = value
    return made


@lru_cache(maxsize=64)
def usual_page(status: int) -> Optional[str]:
    """Return the page of an HTTP error without a text of its own, or None for a status without an error."""
    kind = default_exceptions.get(status)
    return None if kind is None else kind().get_body()
