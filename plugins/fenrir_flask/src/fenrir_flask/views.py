"""Views that are classes."""

from __future__ import annotations

import inspect
from typing import Any, Callable, ClassVar, Collection, List, Optional

from fenrir_core import current_connection

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


class View:
    """Answer a rule with an object: subclasses give `dispatch_request`, `def` or `async def`."""

    #: The methods that it answers; GET by default.
    methods: ClassVar[Optional[Collection[str]]] = None
    #: Decorators for the view function, the first one innermost.
    decorators: ClassVar[List[Callable[..., Any]]] = []
    #: Whether each request gets an object of its own.
    init_every_request: ClassVar[bool] = True
    provide_automatic_options: ClassVar[Optional[bool]] = None

    def dispatch_request(self, **values: Any) -> Any:
        """Answer a request; `values` are the path parameters."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Callable[..., Any]:
        """Make a view function, for `add_url_rule`.

        Args:
            name: The name of its endpoint.
            *class_args, **class_kwargs: What the class is called with.
        """
        shared = None if cls.init_every_request else cls(*class_args, **class_kwargs)

        def instance() -> Any:
            return view.view_class(*class_args, **class_kwargs) if shared is None else shared  # type: ignore[attr-defined]

        if cls._is_async():

            async def answer(**values: Any) -> Any:
                step = instance()._step()
                if inspect.iscoroutinefunction(step):
                    return await step(**values)
                return await current_connection().app.run_in_thread(step, **values)

            view: Callable[..., Any] = answer
        else:

            def respond(**values: Any) -> Any:
                return instance()._step()(**values)

            view = respond
        view.__name__, view.__doc__, view.__module__ = name, cls.__doc__, cls.__module__
        view.__qualname__ = f"{cls.__qualname__}.as_view.<locals>.{name}"
        for decorator in cls.decorators:
            view = decorator(view)
        view.view_class = cls  # type: ignore[attr-defined]
        view.methods = cls.methods  # type: ignore[attr-defined]
        return view

    @classmethod
    def _is_async(cls) -> bool:
        return inspect.iscoroutinefunction(cls.dispatch_request)

    def _step(self) -> Callable[..., Any]:
        return self.dispatch_request


class MethodView(View):
    """Answer each HTTP method with the method of that name: `get`, `post`, …; HEAD falls back to `get`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" not in cls.__dict__:
            found = [name.upper() for name in _METHODS if hasattr(cls, name)]
            cls.methods = found or None

    def dispatch_request(self, **values: Any) -> Any:
        """Call the method for the request's method."""
        return self._step()(**values)

    @classmethod
    def _is_async(cls) -> bool:
        return any(inspect.iscoroutinefunction(getattr(cls, name, None)) for name in _METHODS)

    def _step(self) -> Callable[..., Any]:
        if type(self).dispatch_request is not MethodView.dispatch_request:
            return self.dispatch_request
        method = current_connection().scope["method"].lower()
        found = getattr(self, method, None) or (getattr(self, "get", None) if method == "head" else None)
        assert found is not None, f"{type(self).__name__} has no method {method}()."
        return found  # type: ignore[no-any-return]
