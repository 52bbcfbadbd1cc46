"""Registration of error handlers, hooks around requests and what templates use; methods of the hybrid app."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Iterable, List, Optional, Type, Union

from werkzeug.exceptions import HTTPException, default_exceptions

from fenrir_core import App, BuildError
from fenrir_core.authoring import ErrorFunction, F, caller, check_callable, name_of, refuse_bare, where_is

from .._types import Decorated, Function
from ..state import State

Matches = Union[Type[BaseException], int]


def _add(app: App, name: str, place: str, function: F) -> F:
    """Add a function for the whole app to a mapping of the app's state, and return it."""
    check_callable(function, name)
    with app.registering(f"the {name} function {name_of(function)!r}", where_is(function), keeps_arguments=True):
        getattr(app.store(State), place)[None].append(function)
    return function


# -------------------------------------------------------------------- errors


def add_error_handler(app: App, matches: Any, function: Function, scope: Optional[str] = None) -> None:
    """Register an error handler.

    Raises:
        BuildError: `matches` is neither an exception class nor an error status.
    """
    is_class = inspect.isclass(matches) and issubclass(matches, BaseException)
    if not is_class and not (isinstance(matches, int) and 400 <= matches <= 599):
        raise BuildError(
            f"{where_is(function)}: an error handler can't be registered for {matches!r}: pass an exception class, or "
            "a status from 400 to 599."
        )
    code: Optional[int] = getattr(matches, "code", None)
    if is_class and issubclass(matches, HTTPException) and default_exceptions.get(code or 0) is matches:
        matches = code  # the kernel's own errors of this status, too; 500 also receives unhandled exceptions
    what = f"the error handler {name_of(function)!r}"
    with app.registering(what, where_is(function), keeps_routes=True, keeps_error_handlers=False):
        app.store(State).kernel_handlers.append((matches, ErrorFunction(function), scope))


def exception_classes(exceptions: Iterable[Any]) -> List[Type[BaseException]]:
    """Return the arguments of a decorator `exception`, lists among them taken apart.

    Raises:
        BuildError: There are none, or the decorator was used without parentheses.
    """
    classes: List[Type[BaseException]] = []
    for item in exceptions:
        refuse_bare(item, "exception(ValueError)", object)
        classes.extend(item if isinstance(item, (list, tuple, set, frozenset)) else [item])
    if not classes:
        raise BuildError(
            f"{caller()[0]}: @app.exception() needs exception classes, for example @app.exception(ValueError)."
        )
    return classes


def exception(app: App, *exceptions: Any) -> Callable[[F], F]:
    """Register the decorated function as the handler of exception classes.

    The function takes the error, or the request and the error; its other parameters are filled
    as an endpoint's are (`Depends()`, for example). What it returns becomes the response, as
    with an endpoint: the status is 200 unless it returns another.

    Args:
        *exceptions: Exception classes, or lists or sets of them. Subclasses are included; of several
            handlers the most specific is called.

    Raises:
        BuildError: No class is passed, or one is not an exception class.
    """
    classes = exception_classes(exceptions)

    def decorate(function: F) -> F:
        for matches in classes:
            add_error_handler(app, matches, function)
        return function

    return decorate


def errorhandler(app: App, code_or_exception: Matches) -> Callable[[F], F]:
    """Register the decorated function as the handler of an exception class or HTTP status; see `exception`."""
    refuse_bare(code_or_exception, "errorhandler(404) or @app.errorhandler(ValueError)", object)

    def decorate(function: F) -> F:
        add_error_handler(app, code_or_exception, function)
        return function

    return decorate


def register_error_handler(app: App, code_or_exception: Matches, f: Callable[..., Any]) -> None:
    """Register `f` as the handler of an exception class or HTTP status; see `exception`."""
    add_error_handler(app, code_or_exception, f)


# -------------------------------------------------------------------- around requests


def before_request(app: App, f: F) -> F:
    """Call the decorated function before each request's handler; a value that it returns becomes the response."""
    return _add(app, "before_request", "before_request_funcs", f)


def after_request(app: App, f: F) -> F:
    """Call the decorated function with each response; it returns the response to send."""
    return _add(app, "after_request", "after_request_funcs", f)


def teardown_request(app: App, f: F) -> F:
    """Call the decorated function at the end of each request, with the unhandled exception or None."""
    return _add(app, "teardown_request", "teardown_request_funcs", f)


def teardown_appcontext(app: App, f: F) -> F:
    """Call the decorated function at the end of each request and each app context."""
    check_callable(f, "teardown_appcontext")
    with app.registering(f"the teardown_appcontext function {name_of(f)!r}", where_is(f), keeps_arguments=True):
        app.store(State).teardown_appcontext_funcs.append(f)
    return f


# -------------------------------------------------------------------- templates


def context_processor(app: App, f: F) -> F:
    """Add the dict that the decorated function returns to the variables of each template.

    Raises:
        BuildError: The function is a coroutine function; templates are rendered synchronously.
    """
    if inspect.iscoroutinefunction(f):
        raise BuildError(
            f"{where_is(f)}: a context processor must be a plain function, because templates are rendered "
            "synchronously. Await in a before_request function and store the result in `g`."
        )
    return _add(app, "context_processor", "template_context_processors", f)


def _register(app: App, place: str, name: Decorated) -> Function:
    def add(function: Any, given: Optional[str] = None) -> Any:
        check_callable(function, f"template {place[:-1]}")
        state = app.store(State)
        key = given or function.__name__
        getattr(state, place)[key] = function
        if state.environment is not None:
            getattr(state.environment, place)[key] = function
        return function

    return add(name) if callable(name) else lambda function: add(function, name)


def template_filter(app: App, name: Any = None) -> Any:
    """Register the decorated function as a template filter, under its own or another name."""
    return _register(app, "filters", name)


def template_test(app: App, name: Any = None) -> Any:
    """Register the decorated function as a template test, under its own or another name."""
    return _register(app, "tests", name)


def template_global(app: App, name: Any = None) -> Any:
    """Register the decorated function as a template global, under its own or another name."""
    return _register(app, "globals", name)
