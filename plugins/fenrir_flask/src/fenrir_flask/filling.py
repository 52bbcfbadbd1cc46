"""Functions that ask for more than Flask passes, such as `Depends`, where the methods of an app serve the request.

Compiled routes fill such parameters as every route's are; here they are filled before the function is called, in its
thread.
"""

from __future__ import annotations

import functools
import inspect
from itertools import chain
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional

from fenrir_core import BuildError, current, current_connection
from fenrir_core.authoring import unwrap_callable

from ._types import Function, Passed, ReturnValue, SomeApp, Values
from .connections import ContextConnection
from .views import steps_of


def askers(app: SomeApp) -> Dict[int, Function]:
    """Return the views, hooks and error handlers that ask for something explicitly, as filled ones, by their `id`."""
    found: Dict[int, Function] = {
        id(function): Filled(app, function) for function in _functions(app) if asked_by(function)
    }
    for view in app.view_functions.values():
        steps = {method: Filled(app, step) for method, step in steps_of(view).items() if asked_by(step)}
        if steps:
            found[id(view)] = _by_method(view, steps)
    return found


def _functions(app: SomeApp) -> Iterator[Function]:
    yield from app.view_functions.values()
    yield from app.teardown_appcontext_funcs
    for scoped in (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs):
        yield from chain.from_iterable(scoped.values())
    for statuses in app.error_handler_spec.values():
        yield from chain.from_iterable(handlers.values() for handlers in statuses.values())


def _by_method(view: Function, steps: Mapping[str, Filled]) -> Function:
    """Return a `MethodView` whose methods that ask for something are filled."""

    def call(**given: Passed) -> ReturnValue:
        method = current_connection().scope["method"]
        step = steps.get("GET" if method == "HEAD" and method not in steps_of(view) else method, view)
        value: ReturnValue = step(**given)
        return value

    return call


def asked_by(function: Function) -> List[inspect.Parameter]:
    """Return the parameters that ask for something: by a default or an annotation that is Fenrir's."""
    try:
        own = inspect.signature(unwrap_callable(function), follow_wrapped=False)
    except (TypeError, ValueError):
        return []
    names: Mapping[str, object] = getattr(inspect.unwrap(function), "__globals__", {})
    return [item for item in own.parameters.values() if _is_ours(type(item.default)) or _asks(item.annotation, names)]


def _asks(annotation: Any, names: Mapping[str, object]) -> bool:
    if isinstance(annotation, str):
        first, *rest = annotation.partition("[")[0].strip().split(".")
        annotation = functools.reduce(lambda found, name: getattr(found, name, None), rest, names.get(first))
        if getattr(annotation, "__name__", None) == "Annotated":
            return True
    return hasattr(annotation, "__metadata__") or (inspect.isclass(annotation) and _is_ours(annotation))


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0].startswith("fenrir")


class Filled:
    """A view, hook or error handler as a function that is called as Flask calls it.

    Args:
        app: The app.
        function: The function.
    """

    def __init__(self, app: SomeApp, function: Function) -> None:
        self.app, self.function = app, function
        self._names = list(inspect.signature(unwrap_callable(function), follow_wrapped=False).parameters)
        self._collectors: Dict[FrozenSet[str], Optional[Function]] = {}

    def __call__(self, *args: Passed, **given: Passed) -> ReturnValue:
        """Call the function with these values and what else it asks for."""
        connection = current.get(None)
        collect = None
        if isinstance(connection, ContextConnection) and connection.context.has_request:
            collect = self._collector(frozenset((*self._names[: len(args)], *given)))
        is_async = inspect.iscoroutinefunction(self.function)
        call = self.app.async_to_sync(self.function) if is_async else self.function
        if collect is None:
            return call(*args, **given)  # type: ignore[no-any-return]  # Flask's TypeError, where something is missing
        assert isinstance(connection, ContextConnection)
        connection.path_params = connection.context.request.view_args or {}
        connection.receive = connection.receive_body
        values: Values = connection.run_here(self.app.injected(collect)(connection))
        try:
            return call(*args, **given, **values)  # type: ignore[no-any-return]  # what it may return
        except Exception as error:
            replaced = connection.unwind(error)
            if replaced is error:
                raise
            raise replaced from error

    def _collector(self, given: FrozenSet[str]) -> Optional[Function]:
        """Return a function that has the parameters that are not given; None where nothing fills them."""
        if given not in self._collectors:

            async def collect(**values: Passed) -> Values:
                return values

            made: Any = functools.wraps(self.function)(collect)
            asked = [item.replace(kind=item.KEYWORD_ONLY) for item in asked_by(self.function) if item.name not in given]
            made.__signature__ = inspect.Signature(asked)
            self._collectors[given] = made if asked else None
            try:
                self.app.injected(made)
            except BuildError:
                self._collectors[given] = None
        return self._collectors[given]
