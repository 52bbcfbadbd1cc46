"""Class-based views."""

from __future__ import annotations

import inspect
from typing import Any, Iterable, List, Optional

from fenrir_core.authoring import ANY_METHODS, F

from .exceptions import MethodNotAllowed
from .request import Request
from .values import AnyCallable


class HTTPMethodView:
    """The base of class-based views: each HTTP method is served by the method of its name, such as `get`.

    Register one with `app.add_route(View.as_view(), uri)`, or in its definition:
    ``class View(HTTPMethodView, attach=app, uri="/view")``. An instance is made for each request.
    """

    #: Decorators of the handler, applied in order.
    decorators: List[AnyCallable] = []

    def __init_subclass__(
        cls,
        attach: Any = None,
        uri: str = "",
        methods: Optional[Iterable[str]] = None,
        **options: Any,
    ) -> None:
        if attach is not None:
            cls.attach(attach, uri, methods, **options)

    @classmethod
    def attach(cls, to: Any, uri: str, methods: Optional[Iterable[str]] = None, **options: Any) -> None:
        """Register this view with an app or a blueprint."""
        to.add_route(cls.as_view(), uri, methods or cls.own_methods(), **options)

    @classmethod
    def own_methods(cls) -> List[str]:
        """Return the HTTP methods that the class has methods for."""
        return [name for name in ANY_METHODS if callable(getattr(cls, name.lower(), None))]

    @classmethod
    def as_view(cls, *class_args: Any, **class_kwargs: Any) -> Any:
        """Return a handler that makes an instance of the class for each request.

        Args:
            *class_args, **class_kwargs: For the class.
        """

        async def view(request: Request, **values: Any) -> Any:
            value = cls(*class_args, **class_kwargs).dispatch_request(request, **values)
            return await value if inspect.isawaitable(value) else value

        handler: Any = view
        if cls.decorators:
            handler.__module__ = cls.__module__
            for decorator in cls.decorators:
                handler = decorator(handler)
        handler.view_class = cls
        handler.__name__, handler.__qualname__ = cls.__name__, cls.__qualname__
        handler.__doc__, handler.__module__ = cls.__doc__, cls.__module__
        return handler

    def dispatch_request(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Call the method that serves the request.

        Raises:
            MethodNotAllowed: The class has no such method.
        """
        handler = getattr(self, request.method.lower(), None)
        if handler is None and request.method == "HEAD":
            handler = getattr(self, "get", None)
        if handler is None:
            raise MethodNotAllowed(
                f"Method {request.method} not allowed for URL {request.path}",
                method=request.method,
                allowed_methods=self.own_methods(),
            )
        return handler(request, *args, **kwargs)


def stream(func: F) -> F:
    """Mark a handler that reads the body itself, by `request.stream`."""
    func.is_stream = True  # type: ignore[attr-defined]  # any function takes attributes
    return func
