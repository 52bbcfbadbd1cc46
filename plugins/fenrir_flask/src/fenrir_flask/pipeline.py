"""The handling of a request step by step, as methods that subclasses of `Flask` may override.

An app that overrides none of them is served by compiled routes, which do the same; see `serving`.
"""

from __future__ import annotations

import functools
import inspect
import sys
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    NoReturn,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    cast,
)

from werkzeug.exceptions import BadRequestKeyError, HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect, RoutingException

import fenrir_core
from fenrir_core.authoring import printable, session_saving

from ._types import Function, Passed, ReturnValue, SomeResponse, Values
from .ctx import AppContext, collect, current_context
from .debughelpers import FormDataRoutingRedirect
from .exceptions import werkzeug_error
from .filling import askers
from .observing import record_error, record_match
from .return_values import make_werkzeug
from .sansio.app import App
from .sessions import interface_of
from .signals import (
    appcontext_tearing_down,
    got_request_exception,
    request_finished,
    request_started,
    request_tearing_down,
)

if TYPE_CHECKING:
    from fenrir_wsgi import Environ, StartResponse

    from .wrappers import Request, Response

#: What `sys.exc_info` returns.
ExcInfo = Union[Tuple[Type[BaseException], BaseException, TracebackType], Tuple[None, None, None]]
M = TypeVar("M", bound=Function)


def contextual(method: M) -> M:
    """Have a method take the context as its first argument, or find it where it is called without."""

    @functools.wraps(method)
    def call(self: Pipeline, *args: Passed, **kwargs: Passed) -> ReturnValue:
        context = kwargs.pop("ctx", None)
        if context is None and args and isinstance(args[0], AppContext):
            context, args = args[0], args[1:]
        if context is None:
            context = current_context(f"{method.__name__}()")
        value: ReturnValue = method(self, context, *args, **kwargs)
        return value

    call.with_context = (call, method)  # type: ignore[attr-defined]  # for `_call`; a decorator copies it
    return cast(M, call)


@functools.lru_cache(maxsize=256)
def _takes_context(function: Callable[..., object]) -> bool:
    """Return whether the first parameter of an overriding method, after `self`, is the context."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    if inspect.ismethod(function) or not parameters:
        candidates = parameters[:1]
    else:
        candidates = parameters[1:2] if parameters[0].name == "self" else parameters[:1]
    for item in candidates:
        name = item.annotation if isinstance(item.annotation, str) else getattr(item.annotation, "__name__", "")
        return item.name in ("ctx", "context") or name.rpartition(".")[2] == "AppContext"
    return False


class Pipeline(App):
    """The steps of a request."""

    def _call(self, name: str, context: AppContext, *args: Passed, **kwargs: Passed) -> Any:
        """Call a step, which may be overridden with or without a parameter for the context."""
        method = getattr(self, name)
        function = getattr(method, "__func__", method)
        of, own = getattr(function, "with_context", (None, None))
        if of is function and own is not None:  # PERF: the context is not looked for, 1 us a step
            return own(self, context, *args, **kwargs)
        if _takes_context(function):
            return method(context, *args, **kwargs)
        return method(*args, **kwargs)

    @functools.cached_property
    def _askers(self) -> Dict[int, Function]:
        """The functions that ask for more than Flask passes, as ones that are filled, by their `id`."""
        return askers(self)  # type: ignore[arg-type]  # an app with more

    # ------------------------------------------------------------ the walk

    def wsgi_app(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a WSGI request; middleware may wrap it: ``app.wsgi_app = Middleware(app.wsgi_app)``."""
        context = self.request_context(environ)
        error: Optional[BaseException] = None
        try:
            try:
                context.push()
                response: Response = self._call("full_dispatch_request", context)
            except Exception as raised:
                error = raised
                record_error(environ, raised)
                response = self._call("handle_exception", context, raised)
            except BaseException:
                error = sys.exc_info()[1]
                raise
            return response(environ, start_response)
        finally:
            preserve = environ.get("werkzeug.debug.preserve_context")
            if preserve is not None:
                preserve(context)
            if error is not None and self.should_ignore_error(error):
                error = None
            context.pop(error)

    def request_context(  # type: ignore[override]  # Flask's takes an environment
        self, environ: Union[Values, str], *args: Passed, **options: Passed
    ) -> Any:
        """Return the context of a WSGI request; of a path the kernel's context of a request without a client."""
        if isinstance(environ, str):
            return super().request_context(environ, *args, **options)
        return AppContext.from_environ(self, environ)  # type: ignore[arg-type]  # an app with more

    @contextual
    def full_dispatch_request(self, ctx: AppContext) -> Response:
        """Handle the request, from its first hook to the response that is sent."""
        self._got_first_request = True
        environ, rule = ctx.request.environ, ctx.request.url_rule
        if rule is not None:
            record_match(self, environ, rule)  # type: ignore[arg-type]  # an app with more
        try:
            request_started.send(self, _async_wrapper=self.ensure_sync)
            value = self._call("preprocess_request", ctx)
            if value is None:
                value = self._call("dispatch_request", ctx)
        except Exception as error:
            record_error(environ, error)
            value = self._call("handle_user_exception", ctx, error)
        found: Response = self._call("finalize_request", ctx, value)
        return found

    @contextual
    def preprocess_request(self, ctx: AppContext) -> ReturnValue:
        """Call the functions before the view; what one returns is the response."""
        request = ctx.request
        names = (None, *reversed(request.blueprints))
        for name in names:
            for function in self.url_value_preprocessors.get(name, ()):
                function(request.endpoint, request.view_args)
        for name in names:
            for function in self.before_request_funcs.get(name, ()):
                value = self.ensure_sync(function)()
                if value is not None:
                    made: ReturnValue = value
                    return made
        return None

    @contextual
    def dispatch_request(self, ctx: AppContext) -> ReturnValue:
        """Call the view with the values of the path, by name."""
        request = ctx.request
        if request.routing_exception is not None:
            self.raise_routing_exception(request)
        rule: Any = request.url_rule
        if getattr(rule, "provide_automatic_options", False) and request.method == "OPTIONS":
            found: ReturnValue = self._call("make_default_options_response", ctx)
            return found
        view = self.view_functions[rule.endpoint]
        value: ReturnValue = self.ensure_sync(self._askers.get(id(view), view))(**(request.view_args or {}))
        return value

    @contextual
    def finalize_request(self, ctx: AppContext, rv: ReturnValue, from_error_handler: bool = False) -> SomeResponse:
        """Return the response of what a view or an error handler returned, after the functions that follow."""
        response: SomeResponse = self.make_response(rv)
        try:
            response = self._call("process_response", ctx, response)
            request_finished.send(self, _async_wrapper=self.ensure_sync, response=response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception("Request finalizing failed with an error while handling an error")
        return response

    @contextual
    def process_response(self, ctx: AppContext, response: SomeResponse) -> SomeResponse:
        """Call the functions after the view, and save the session."""
        functions: List[Function] = list(ctx._after_request_functions)
        for name in (*ctx.request.blueprints, None):
            functions.extend(reversed(self.after_request_funcs.get(name, ())))
        for function in functions:
            response = self.ensure_sync(function)(response)
        session = ctx._get_session()
        interface = interface_of(self)  # type: ignore[arg-type]  # an app with more
        if not interface.is_null_session(session):
            if ctx._connection is not None:
                session_saving(ctx._connection, session)
            interface.save_session(self, session, response)  # type: ignore[arg-type]  # an app with more
        return response

    @contextual
    def do_teardown_request(self, ctx: AppContext, exc: Optional[BaseException] = None) -> None:
        """Call the functions at the end of the request, with the error that nobody handled."""
        failures: List[Exception] = []
        for name in (*ctx.request.blueprints, None):
            for function in reversed(self.teardown_request_funcs.get(name, ())):
                collect(failures, self.ensure_sync(function), exc)
        collect(failures, lambda: request_tearing_down.send(self, _async_wrapper=self.ensure_sync, exc=exc))
        if failures:
            raise failures[0]

    @contextual
    def do_teardown_appcontext(self, ctx: AppContext, exc: Optional[BaseException] = None) -> None:
        """Call the functions at the end of the context."""
        failures: List[Exception] = []
        for function in reversed(self.teardown_appcontext_funcs):
            collect(failures, self.ensure_sync(function), exc)
        collect(failures, lambda: appcontext_tearing_down.send(self, _async_wrapper=self.ensure_sync, exc=exc))
        if failures:
            raise failures[0]

    # ------------------------------------------------------------ responses

    def make_response(self, rv: ReturnValue) -> SomeResponse:
        """Return the response of what a view returned.

        str and bytes are HTML, dict and list are JSON, an iterator is streamed, a tuple is `(body, status)`,
        `(body, headers)` or `(body, status, headers)`.

        Raises:
            TypeError: It is None or none of these.
        """
        return make_werkzeug(self, rv)  # type: ignore[arg-type]  # an app with more

    @contextual
    def make_default_options_response(self, ctx: AppContext) -> ReturnValue:
        """Return the answer to OPTIONS: the allowed methods."""
        response = self.response_class()
        assert ctx.url_adapter is not None
        response.allow.update(ctx.url_adapter.allowed_methods())
        return response

    def raise_routing_exception(self, request: Request) -> NoReturn:
        """Raise the error where no rule matched.

        Raises:
            FormDataRoutingRedirect: In debug mode, where a redirect would lose the body.
        """
        error = request.routing_exception
        assert error is not None
        if (
            self.debug
            and isinstance(error, RequestRedirect)
            and error.code not in {307, 308}
            and request.method not in {"GET", "HEAD", "OPTIONS"}
        ):
            raise FormDataRoutingRedirect(request)
        raise error

    # ------------------------------------------------------------ errors

    @contextual
    def handle_http_exception(self, ctx: AppContext, e: HTTPException) -> ReturnValue:
        """Return what the handler of an HTTP error returns, or the error itself."""
        if e.code is None or isinstance(e, RoutingException):
            return e
        handler = self._find_error_handler(e, ctx.request.blueprints if ctx.has_request else ())
        return e if handler is None else self.ensure_sync(handler)(e)

    @contextual
    def handle_user_exception(self, ctx: AppContext, e: Exception) -> ReturnValue:
        """Return what the handler of an error returns; raise it where there is none."""
        if isinstance(e, fenrir_core.HTTPError):
            e = werkzeug_error(e)
        if isinstance(e, BadRequestKeyError) and (self.debug or self.config["TRAP_BAD_REQUEST_ERRORS"]):
            e.show_exception = True
        if isinstance(e, HTTPException) and not self.trap_http_exception(e):
            found: ReturnValue = self._call("handle_http_exception", ctx, e)
            return found
        handler = self._find_error_handler(e, ctx.request.blueprints if ctx.has_request else ())
        if handler is None:
            raise e
        value: ReturnValue = self.ensure_sync(handler)(e)
        return value

    @contextual
    def handle_exception(self, ctx: AppContext, e: Exception) -> ReturnValue:
        """Return the response to an error that nobody handled: status 500; raise it in debug mode and in tests."""
        info = sys.exc_info()
        got_request_exception.send(self, _async_wrapper=self.ensure_sync, exception=e)
        if self.raises_unhandled:
            raise e
        self._call("log_exception", ctx, info)
        server_error: Any = InternalServerError(original_exception=e)
        handler = self._find_error_handler(server_error, ctx.request.blueprints if ctx.has_request else ())
        if handler is not None:
            server_error = self.ensure_sync(handler)(server_error)
        found: ReturnValue = self._call("finalize_request", ctx, server_error, from_error_handler=True)
        return found

    @contextual
    def log_exception(self, ctx: AppContext, exc_info: ExcInfo) -> None:
        """Log an error that nobody handled."""
        where = f"{printable(ctx.request.path)} [{ctx.request.method}]" if ctx.has_request else "context"
        self.logger.error("Exception on %s", where, exc_info=exc_info)

    # ------------------------------------------------------------ synchronous and asynchronous

    def ensure_sync(self, func: Function) -> Function:
        """Return a synchronous function for a function; made to be overridden.

        One that asks for something explicitly, such as `Depends`, is returned as one that is filled.
        """
        if self._got_first_request and id(func) in self._askers:
            return self._askers[id(func)]
        return self.async_to_sync(func) if inspect.iscoroutinefunction(func) else func

    def async_to_sync(self, func: Function) -> Function:
        """Return a synchronous function that runs a coroutine function to its end."""
        from .async_views import run_to_end

        return run_to_end(func)
