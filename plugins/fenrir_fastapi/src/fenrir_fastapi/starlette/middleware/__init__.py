"""ASGI middleware, and the class that configures it."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Optional, Sequence

from fenrir_core.authoring import ASGIApp

from .body_limit import RequestBodyLimitMiddleware

__all__ = ["Middleware", "wrapped"]

#: What makes the app that wraps another one; Starlette's own name for it, which code imports for type hints.
_MiddlewareFactory = Callable[..., ASGIApp]


class Middleware:
    """A middleware class with its arguments, for `FastAPI(middleware=[…])`."""

    def __init__(self, cls: _MiddlewareFactory, *args: Any, **kwargs: Any) -> None:
        self.cls, self.args, self.kwargs = cls, args, kwargs

    def __iter__(self) -> Iterator[Any]:
        return iter((self.cls, self.args, self.kwargs))

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.kwargs.items())]
        return f"{type(self).__name__}({', '.join([getattr(self.cls, '__name__', ''), *given])})"

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Return the app, wrapped in the middleware."""
        return self.cls(app, *self.args, **self.kwargs)


def wrapped(app: ASGIApp, middleware: Optional[Sequence[Any]], max_body_size: Optional[int] = None) -> ASGIApp:
    """Return an app inside of middleware, outermost first, and of a limit for the request's body."""
    for cls, args, kwargs in reversed(middleware or ()):
        app = cls(app, *args, **kwargs)
    return app if max_body_size is None else RequestBodyLimitMiddleware(app, max_body_size=max_body_size)
