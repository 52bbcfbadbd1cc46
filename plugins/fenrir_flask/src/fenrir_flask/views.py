"""Class-based views."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, ClassVar, Collection, Dict, List, Optional

from fenrir_core import BuildError, current_connection
from fenrir_core.authoring import ANY_METHODS

# COMPAT: Flask dispatches to these eight; a view's method `query` is not a handler
_METHODS = tuple(method.lower() for method in ANY_METHODS if method != "QUERY")


class View:
    """The base of class-based views; subclasses define `dispatch_request`, `def` or `async def`.

    Its parameters are filled as a handler's are.
    """

    #: The HTTP methods that the view handles; GET by default.
    methods: ClassVar[Optional[Collection[str]]] = None
    #: Decorators for the view function, innermost first.
    decorators: ClassVar[List[Callable[..., Any]]] = []
    #: Whether a new instance is created for each request.
    init_every_request: ClassVar[bool] = True
    provide_automatic_options: ClassVar[Optional[bool]] = None

    #: The method that handles requests; each subclass has parameters of its own.
    dispatch_request: Callable[..., Any]

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Callable[..., Any]:
        """Return a view function, for `add_url_rule`.

        Args:
            name: The name of its endpoint.
            *class_args, **class_kwargs: The arguments of the class.

        Raises:
            BuildError: The class has no `dispatch_request`.
        """
        if not hasattr(cls, "dispatch_request"):
            raise BuildError(f"{cls.__qualname__} has no dispatch_request() method to handle requests.")
        shared = None if cls.init_every_request else cls(*class_args, **class_kwargs)
        holder: List[Any] = []

        def instance() -> Any:
            return holder[0].view_class(*class_args, **class_kwargs) if shared is None else shared

        def finished(method: str) -> Any:
            made = _calling(instance, method, getattr(cls, method))
            made.__name__, made.__doc__, made.__module__ = name, cls.__doc__, cls.__module__
            for decorator in cls.decorators:
                made = decorator(made)
            return made

        view = finished("dispatch_request")
        view.view_class, view.methods = cls, cls.methods
        view.provide_automatic_options = cls.provide_automatic_options
        view.view_steps = {verb: finished(method) for verb, method in cls._steps().items()}
        holder.append(view)
        return view  # type: ignore[no-any-return]

    @classmethod
    def _steps(cls) -> Dict[str, str]:
        """Return HTTP methods with the names of the methods that handle them."""
        return {}


class MethodView(View):
    """A view with a method for each HTTP method: `get`, `post`, …; HEAD falls back to `get`.

    Each is a route of its own, so that its parameters are filled as a handler's are.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" not in cls.__dict__:
            found = [name.upper() for name in _METHODS if hasattr(cls, name)]
            cls.methods = found or None

    def dispatch_request(self, **values: Any) -> Any:
        """Call the method that handles the request's HTTP method."""
        method = current_connection().scope["method"].lower()
        found = getattr(self, method, None) or (getattr(self, "get", None) if method == "head" else None)
        if found is None:
            raise TypeError(f"{type(self).__qualname__} has no method {method}(), which its `methods` name.")
        return found(**values)

    @classmethod
    def _steps(cls) -> Dict[str, str]:
        if cls.dispatch_request is not MethodView.dispatch_request:
            return {}
        return {name.upper(): name for name in _METHODS if hasattr(cls, name)}


def _calling(instance: Callable[[], Any], name: str, method: Any) -> Any:
    """Return a function that calls a method of the view's instance and has that method's parameters."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(instance(), name)(*args, **kwargs)

    async def call_async(*args: Any, **kwargs: Any) -> Any:
        return await getattr(instance(), name)(*args, **kwargs)

    made: Any = functools.wraps(method)(call_async if inspect.iscoroutinefunction(method) else call)
    signature = inspect.signature(method)
    made.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
    return made
