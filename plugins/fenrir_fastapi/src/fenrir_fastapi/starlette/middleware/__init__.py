"""ASGI middleware, and the class that configures it."""

from __future__ import annotations

from typing import Any, Iterator

from fenrir_core.authoring import ASGIApp

__all__ = ["Middleware"]


class Middleware:
    """A middleware class with its arguments, for `FastAPI(middleware=[…])`."""

    def __init__(self, cls: Any, *args: Any, **kwargs: Any) -> None:
        self.cls, self.args, self.kwargs = cls, args, kwargs

    def __iter__(self) -> Iterator[Any]:
        return iter((self.cls, self.args, self.kwargs))

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.kwargs.items())]
        return f"{type(self).__name__}({', '.join([getattr(self.cls, '__name__', repr(self.cls)), *given])})"

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Return the app, wrapped in the middleware."""
        wrapped: ASGIApp = self.cls(app, *self.args, **self.kwargs)
        return wrapped
