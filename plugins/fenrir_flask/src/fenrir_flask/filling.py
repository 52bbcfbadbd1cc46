"""Views that ask for more than their rule has, such as `Depends`, where the methods of an app serve the request.

Compiled routes fill such parameters as every route's are; here one is filled before the view is called, in its thread.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any, Dict, FrozenSet, List, Mapping, Optional

from fenrir_core import BuildError, current, current_connection
from fenrir_core.authoring import unwrap_callable

from ._types import Function, Passed, ReturnValue, SomeApp, Values
from .connections import ContextConnection
from .views import steps_of


def askers(app: SomeApp) -> Dict[int, Function]:
    """Return the views that ask for something explicitly, each as one that is filled, by their `id`."""
    found: Dict[int, Function] = {}
    for view in app.view_functions.values():
        steps = {method: Filled(app, step) for method, step in steps_of(view).items() if asked_by(step)}
        if steps:
            found[id(view)] = _by_method(view, steps)
        elif asked_by(view):
            found[id(view)] = Filled(app, view)
    return found


def _by_method(view: Function, steps: Mapping[str, Filled]) -> Function:
    """Return a `MethodView` whose methods that ask for something are filled."""

    def call(**given: Passed) -> ReturnValue:
        method = current_connection().scope["method"]
        step = steps.get("GET" if method == "HEAD" and method not in steps_of(view) else method, view)
        value: ReturnValue = step(**given)
        return value

    return call


def asked_by(view: Function) -> List[inspect.Parameter]:
    """Return the parameters of a view that ask for something: by a default or an annotation that is Fenrir's."""
    try:
        own = inspect.signature(unwrap_callable(view), follow_wrapped=False)
    except (TypeError, ValueError):
        return []
    names: Mapping[str, object] = getattr(inspect.unwrap(view), "__globals__", {})
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
    """A view as a function that is called with the values of its rule.

    Args:
        app: The app.
        view: The view.
    """

    def __init__(self, app: SomeApp, view: Function) -> None:
        self.app, self.view = app, view
        self._collectors: Dict[FrozenSet[str], Optional[Function]] = {}

    def __call__(self, **given: Passed) -> ReturnValue:
        """Call the view with these values and what else it asks for."""
        connection = current.get(None)
        collect = self._collector(frozenset(given)) if isinstance(connection, ContextConnection) else None
        view = self.app.async_to_sync(self.view) if inspect.iscoroutinefunction(self.view) else self.view
        if collect is None:
            return view(**given)  # type: ignore[no-any-return]  # Flask's TypeError, where something is missing
        assert isinstance(connection, ContextConnection)
        connection.path_params = given
        connection.receive = connection.receive_body
        values: Values = connection.run_here(self.app.injected(collect)(connection))
        try:
            return view(**given, **values)  # type: ignore[no-any-return]  # what a view may return
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

            made: Any = functools.wraps(self.view)(collect)
            asked = [item.replace(kind=item.KEYWORD_ONLY) for item in asked_by(self.view) if item.name not in given]
            made.__signature__ = inspect.Signature(asked)
            self._collectors[given] = made if asked else None
            try:
                self.app.injected(made)
            except BuildError:
                self._collectors[given] = None
        return self._collectors[given]
