"""Class-based views, and the request view in the class that the app chose."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any, Callable, Iterable, List, Optional, Tuple, TypeVar

from fenrir_core import App, Connection

from .exceptions import MethodNotAllowed
from .request import Request

F = TypeVar("F", bound=Callable[..., Any])
HTTP_METHODS = ("GET", "POST", "PUT", "HEAD", "OPTIONS", "PATCH", "DELETE")


class RequestClass:
    """Hold the class of one app's requests."""

    def __init__(self) -> None:
        self.kind: Any = Request
        #: What `request_reader` gave for which class.
        self.reader: Optional[Tuple[Any, Callable[[Connection], Any]]] = None


def request_of(connection: Connection) -> Request:
    """Return the one request view of a connection."""
    app = connection.app
    return connection.facade(app.store(RequestClass).kind)  # type: ignore[no-any-return]


def request_reader(app: App) -> Callable[[Connection], Request]:
    """Return `request_of` for one app, made at build; always the same function."""
    known = app.store(RequestClass)
    kind: Any = known.kind
    if known.reader is not None and known.reader[0] is kind:
        return known.reader[1]
    is_own = kind.__init__ is Request.__init__ and kind.__new__ is object.__new__
    new = object.__new__ if is_own and kind.make_context is Request.make_context else None

    def read(connection: Any) -> Any:
        # PERF: `Connection.facade` and `Request.__init__` written out, half their cost
        views = connection.facades
        found = None if views is None else views.get(kind)
        if found is None:
            if new is None:
                found = kind(connection)
            else:
                found = new(kind)
                found._connection = connection
                found.scope = connection.scope
                found.ctx = connection.sanic_ctx = SimpleNamespace()
            if views is None:
                connection.facades = {kind: found}
            else:
                views[kind] = found
        return found

    known.reader = kind, read
    return read


class HTTPMethodView:
    """Answer each method by the method of this class with its name: `get`, `post`, …

    Register it with `app.add_route(View.as_view(), uri)`, or on definition:
    ``class View(HTTPMethodView, attach=app, uri="/view")``. An object is made for each request.
    """

    #: Decorators of the view function, applied in order.
    decorators: List[Callable[..., Any]] = []

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
        """List the methods that the class answers."""
        return [name for name in HTTP_METHODS if callable(getattr(cls, name.lower(), None))]

    @classmethod
    def as_view(cls, *class_args: Any, **class_kwargs: Any) -> Any:
        """Return a handler that makes an object of the class for each request."""

        async def view(request: Any, **values: Any) -> Any:
            value = cls(*class_args, **class_kwargs).dispatch_request(request, **values)
            return await value if inspect.isawaitable(value) else value

        handler: Any = view
        for decorator in cls.decorators:
            handler = decorator(handler)
        handler.view_class = cls
        handler.__name__, handler.__qualname__ = cls.__name__, cls.__qualname__
        handler.__doc__, handler.__module__ = cls.__doc__, cls.__module__
        return handler

    def dispatch_request(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the method of the request."""
        handler = getattr(self, request.method.lower(), None)
        if handler is None and request.method == "HEAD":
            handler = getattr(self, "get", None)
        if handler is None:
            raise MethodNotAllowed(method=request.method, allowed_methods=self.own_methods())
        return handler(request, *args, **kwargs)


def stream(function: F) -> F:
    """Mark a handler as one that reads `request.stream` itself."""
    function.is_stream = True  # type: ignore[attr-defined]
    return function
