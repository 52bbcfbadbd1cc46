"""Contexts: the namespace behind `g`, and the app context for code outside of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from fenrir_core import BuildError, Connection, current
from fenrir_core.authoring import AppContext as KernelContext

from .state import State

_MISSING: Any = object()


class Globals:
    """The namespace behind `g`: data that code shares during one request, by attribute or item.

    Args:
        connection: The connection it belongs to.
    """

    def __init__(self, connection: Connection) -> None:
        # the connection is not stored: __dict__ holds the user's data and nothing else
        del connection

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...
        def __delattr__(self, name: str) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"g has no {name!r} in this request. Set it first, or use g.get({name!r}, default).")

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or `default`."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """Remove an attribute and return its value.

        Raises:
            KeyError: The attribute is missing and no default was passed.
        """
        return self.__dict__.pop(name) if default is _MISSING else self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return an attribute, after setting it to `default` if it is missing."""
        return self.__dict__.setdefault(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __delitem__(self, name: str) -> None:
        del self.__dict__[name]

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<g {self.__dict__!r}>"


class AppContext:
    """A context manager in which `current_app`, `g` and `url_for` work outside of requests.

    At its end the `teardown_appcontext` functions are called, last first.

    Args:
        app: The app; it is built at the first use.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self._tokens: Any = []

    def push(self) -> None:
        """Enter the context."""
        self._tokens.append(current.set(KernelContext(self.app).connection))

    def pop(self, exc: Any = None) -> None:
        """Leave the context.

        Args:
            exc: The exception that ended it, which teardown functions receive.

        Raises:
            BuildError: A teardown function is asynchronous.
        """
        try:
            for function in reversed(self.app.store(State).teardown_appcontext):
                answer = function(exc)
                if hasattr(answer, "__await__"):
                    answer.close()
                    raise BuildError(f"{function!r} is asynchronous. Use `async with app.context():` instead.")
        finally:
            current.reset(self._tokens.pop())

    def __enter__(self) -> AppContext:
        self.push()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.pop(error)
