"""Class-based views."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, ClassVar, Collection, Dict, Iterable, List, Optional, Tuple

from werkzeug.routing import Rule

from fenrir_core import current_connection

from ._types import Function, ReturnValue, SomeApp

# COMPAT: Flask dispatches to these eight; a view's method `query` is not a handler
http_method_funcs = frozenset(("get", "post", "head", "options", "delete", "put", "trace", "patch"))


class View:
    """The base of class-based views; subclasses define `dispatch_request`, `def` or `async def`."""

    #: The HTTP methods that the view handles; GET by default.
    methods: ClassVar[Optional[Collection[str]]] = None
    #: Whether OPTIONS is answered by the app.
    provide_automatic_options: ClassVar[Optional[bool]] = None
    #: Decorators for the view function, innermost first.
    decorators: ClassVar[List[Function]] = []
    #: Whether a new instance is created for each request.
    init_every_request: ClassVar[bool] = True

    def dispatch_request(self, *args: Any, **kwargs: Any) -> ReturnValue:
        """Return the response to the request; the arguments are the rule's."""
        raise NotImplementedError(f"{type(self).__qualname__} has no dispatch_request() method.")

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Function:
        """Return a view function, for `add_url_rule`.

        Args:
            name: The name of its endpoint.
            *class_args, **class_kwargs: The arguments of the class.
        """
        shared = None if cls.init_every_request else cls(*class_args, **class_kwargs)

        def instance() -> View:
            made: View = view.view_class(*class_args, **class_kwargs) if shared is None else shared
            return made

        def named(function: Function) -> Function:
            for key, value in (("__name__", name), ("__doc__", cls.__doc__), ("__module__", cls.__module__)):
                setattr(function, key, value)
            return function

        view: Any = named(_calling(instance, "dispatch_request", cls.dispatch_request))
        for decorator in cls.decorators:
            view = decorator(view)
        if cls.decorators:
            named(view)
        else:
            steps = {
                verb: named(_calling(instance, method, getattr(cls, method))) for verb, method in cls._steps().items()
            }
            view.view_steps = (view, steps)
        view.view_class, view.methods = cls, cls.methods
        view.provide_automatic_options = cls.provide_automatic_options
        return view  # type: ignore[no-any-return]

    @classmethod
    def _steps(cls) -> Dict[str, str]:
        """Return HTTP methods with the names of the methods that handle them, which become routes of their own."""
        return {}


class MethodView(View):
    """A view with a method for each HTTP method: `get`, `post`, …; HEAD falls back to `get`.

    Without `decorators` each is a route of its own, so that its parameters are filled as a handler's are.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" not in cls.__dict__:
            found = {name.upper() for name in http_method_funcs if hasattr(cls, name)}
            for base in cls.__bases__:
                found.update(getattr(base, "methods", None) or ())
            if found:
                cls.methods = found

    def dispatch_request(self, **kwargs: Any) -> ReturnValue:
        """Call the method that handles the request's HTTP method."""
        connection = current_connection()
        method = connection.scope["method"].lower()
        found = getattr(self, method, None) or (getattr(self, "get", None) if method == "head" else None)
        if found is None:
            raise TypeError(f"{type(self).__qualname__} has no method {method}(), which its `methods` name.")
        app: SomeApp = connection.app  # type: ignore[assignment]  # an app with more
        call = found if not inspect.iscoroutinefunction(found) else app.ensure_sync(found)
        value: ReturnValue = call(**kwargs)
        return value

    @classmethod
    def _steps(cls) -> Dict[str, str]:
        if cls.dispatch_request is not MethodView.dispatch_request:
            return {}
        return {name.upper(): name for name in sorted(http_method_funcs) if hasattr(cls, name)}


def steps_of(view: Function) -> Dict[str, Function]:
    """Return the functions that serve the methods of a `MethodView`, by method; none for any other view.

    A decorator around a view copies its attributes, but is a view of its own: it has to be called.
    """
    found: Tuple[Optional[Function], Dict[str, Function]] = getattr(view, "view_steps", (None, {}))
    return found[1] if found[0] is view else {}


def methods_of(view: Optional[Function], methods: Optional[Iterable[str]]) -> List[str]:
    """Return the methods of a view: those passed, else its attribute `methods`, else GET.

    Raises:
        TypeError: `methods` is a str instead of a list.
    """
    found = methods if methods is not None else getattr(view, "methods", None) or ("GET",)
    if isinstance(found, str):
        raise TypeError(
            'Allowed methods must be a list of strings, for example: @app.route(..., methods=["POST"]); it is the str '
            f"{found!r}."
        )
    return list(dict.fromkeys(item.upper() for item in found))


def methods_of_rule(rule: Rule) -> List[str]:
    """Return the methods of a rule for which it has a route: not HEAD and OPTIONS that are derived."""
    methods = rule.methods or {"GET"}
    left_out = {"OPTIONS"} if getattr(rule, "provide_automatic_options", False) else set()
    if "GET" in methods:
        left_out.add("HEAD")
    return sorted(methods - left_out)


def _calling(instance: Callable[[], View], name: str, method: Function) -> Function:
    """Return a function that calls a method of the view's instance and has that method's parameters."""

    def call(*args: Any, **kwargs: Any) -> ReturnValue:
        value: ReturnValue = getattr(instance(), name)(*args, **kwargs)
        return value

    async def call_async(*args: Any, **kwargs: Any) -> ReturnValue:
        value: ReturnValue = await getattr(instance(), name)(*args, **kwargs)
        return value

    made: Function = functools.wraps(method)(call_async if inspect.iscoroutinefunction(method) else call)
    signature = inspect.signature(method)
    made.__signature__ = signature.replace(  # type: ignore[attr-defined]  # on a function
        parameters=list(signature.parameters.values())[1:]
    )
    return made
