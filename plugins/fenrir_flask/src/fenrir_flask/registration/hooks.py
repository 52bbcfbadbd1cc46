"""What is called while an app is put together: one function each, for `Flask` and the hybrid app."""

from __future__ import annotations

import inspect
from typing import Any, Callable, List, Optional, Type, Union

from fenrir_core import App, BuildError
from fenrir_core.authoring import F, name_of, where_is

from ..exceptions import InternalServerError
from ..state import Hook, State

Matches = Union[Type[BaseException], int]


def state_of(app: App, what: str, where: str = "") -> State:
    """Return the app's state, to change it.

    Raises:
        BuildError: The app is built, so that a change would come too late.
    """
    app.check_open(what, where)
    return app.store(State)


# -------------------------------------------------------------------- errors


def add_error_handler(app: App, matches: Any, function: Callable[..., Any], scope: Optional[str] = None) -> None:
    """Register an error handler.

    Raises:
        BuildError: `matches` is neither an exception class nor an HTTP error's status.
    """
    is_class = inspect.isclass(matches) and issubclass(matches, BaseException)
    if not is_class and not (isinstance(matches, int) and 400 <= matches <= 599):
        raise BuildError(
            f"{where_is(function)}: an error handler can't be for {matches!r}: give an exception class, or a status "
            "from 400 to 599."
        )
    if matches is InternalServerError:
        matches = 500  # so that it also gets what nobody else handled
    state_of(app, f"the error handler {name_of(function)!r}", where_is(function)).handlers.append(
        (matches, function, scope)
    )


def exception(app: App, *exceptions: Any) -> Callable[[F], F]:
    """Answer exceptions with the decorated function.

    Args:
        *exceptions: Exception classes, or lists of them. The handler is for subclasses too; of
            several the most specific is called.

    The function takes the error, or the request and the error; whatever else it declares is
    filled as in a handler (`Depends()`, for example). What it returns becomes the response, as
    a handler's value does: status 200 unless it says otherwise.
    """
    classes: List[Any] = []
    for item in exceptions:
        classes.extend(item if isinstance(item, (list, tuple)) else [item])
    if not classes:
        raise BuildError("@app.exception() needs the exception classes that it is for: @app.exception(ValueError).")

    def decorate(function: F) -> F:
        for matches in classes:
            add_error_handler(app, matches, function)
        return function

    return decorate


def errorhandler(app: App, code_or_exception: Matches) -> Callable[[F], F]:
    """Answer an exception class or an HTTP status with the decorated function; see `exception`."""

    def decorate(function: F) -> F:
        add_error_handler(app, code_or_exception, function)
        return function

    return decorate


def register_error_handler(app: App, code_or_exception: Matches, f: Callable[..., Any]) -> None:
    """Answer an exception class or an HTTP status with `f`; see `exception`."""
    add_error_handler(app, code_or_exception, f)


# -------------------------------------------------------------------- around requests


def before_request(app: App, f: F) -> F:
    """Call the decorated function before each request's handler; a value that it returns is the answer."""
    state_of(app, "before_request").before.append(Hook(f))
    return f


def after_request(app: App, f: F) -> F:
    """Call the decorated function with each response; it returns the response to send."""
    state_of(app, "after_request").after.append(Hook(f))
    return f


def teardown_request(app: App, f: F) -> F:
    """Call the decorated function at the end of each request, with the unhandled exception or None."""
    state_of(app, "teardown_request").teardown.append(Hook(f))
    return f


def teardown_appcontext(app: App, f: F) -> F:
    """Call the decorated function when what `g` belongs to ends: after each request, and after app scopes."""
    state_of(app, "teardown_appcontext").teardown_appcontext.append(f)
    return f


def url_value_preprocessor(app: App, f: F) -> F:
    """Call the decorated function with the endpoint and the path parameters, which it may change."""
    state_of(app, "url_value_preprocessor").url_value_preprocessors.append(Hook(f))
    return f


def url_defaults(app: App, f: F) -> F:
    """Call the decorated function with the endpoint and values of each `url_for`, to add to them."""
    state_of(app, "url_defaults").url_defaults.append(Hook(f))
    return f


# -------------------------------------------------------------------- templates


def context_processor(app: App, f: F) -> F:
    """Add the dict that the decorated function gives to what each template can use.

    Raises:
        BuildError: The function is a coroutine function; templates are rendered synchronously.
    """
    if inspect.iscoroutinefunction(f):
        raise BuildError(
            f"{where_is(f)}: a context processor must be a plain function, because templates are rendered "
            "synchronously. Await in a before_request function and keep the result in `g`."
        )
    state_of(app, "context_processor").context_processors.append(Hook(f))
    return f


def _register(app: App, place: str, name: Any) -> Any:
    def add(function: Any, given: Optional[str] = None) -> Any:
        state = app.store(State)
        key = given or function.__name__
        getattr(state, place)[key] = function
        if state.environment is not None:
            getattr(state.environment, place)[key] = function
        return function

    return add(name) if callable(name) else lambda function: add(function, name)


def template_filter(app: App, name: Any = None) -> Any:
    """Make the decorated function a filter of templates, under its own or the given name."""
    return _register(app, "filters", name)


def template_test(app: App, name: Any = None) -> Any:
    """Make the decorated function a test of templates, under its own or the given name."""
    return _register(app, "tests", name)


def template_global(app: App, name: Any = None) -> Any:
    """Make the decorated function a global of templates, under its own or the given name."""
    return _register(app, "globals", name)


def add_template_filter(app: App, f: Callable[..., Any], name: Optional[str] = None) -> None:
    """Make `f` a filter of templates."""
    _register(app, "filters", name or f.__name__)(f)


def add_template_test(app: App, f: Callable[..., Any], name: Optional[str] = None) -> None:
    """Make `f` a test of templates."""
    _register(app, "tests", name or f.__name__)(f)


def add_template_global(app: App, f: Callable[..., Any], name: Optional[str] = None) -> None:
    """Make `f` a global of templates."""
    _register(app, "globals", name or f.__name__)(f)
