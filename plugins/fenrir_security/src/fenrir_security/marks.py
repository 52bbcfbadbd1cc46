"""Marks that decorators of this plugin leave on handlers, for the build to find."""

from __future__ import annotations

import inspect
from typing import Any

from fenrir_core import BuildError, Route
from fenrir_core.authoring import GUARDED


def mark(function: Any, name: str, value: object, decorator: str) -> None:
    """Set a mark on a handler.

    Raises:
        BuildError: It is a class, or something else that can't be marked.
    """
    try:
        if inspect.isclass(function):
            raise TypeError("it is a class; set it on the methods that handle requests")
        setattr(function, name, value)
        setattr(function, GUARDED, True)
    except (TypeError, AttributeError) as error:
        raise BuildError(f"{decorator} can't be set on {function!r}: {error}.") from None


def mark_of(route: Route, name: str, what: str, option: str) -> Any:
    """Return the mark of a route's handler; None if it has none.

    Args:
        route: The route.
        name: The mark's name.
        what: What it is, for the message.
        option: The route option that does the same.

    Raises:
        BuildError: It is on a method of a class that dispatches methods by itself, and would have no effect.
    """
    found = getattr(route.endpoint, name, None)
    view: Any = route.endpoint if inspect.isclass(route.endpoint) else getattr(route.endpoint, "view_class", None)
    for method in dir(view) if view is not None and found is None else ():
        if hasattr(getattr(view, method, None), name):
            raise BuildError(
                f"{route.where}: {what} of {view.__qualname__}.{method}() would have no effect, since the "
                f"class is one handler for all methods of route {route.path!r}. Add it to `decorators` of the class, "
                f"or set the route option {option}."
            )
    return found
