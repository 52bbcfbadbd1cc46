"""A context for code outside of requests."""

from __future__ import annotations

from typing import Any

from fenrir_core import BuildError, current
from fenrir_core.authoring import AppContext as KernelContext

from .state import State


class AppContext:
    """Make `current_app`, `g` and `url_for` work outside of requests, for `with`.

    At the end the functions of `teardown_appcontext` are called, last first.

    Args:
        app: The app; it is built.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self._tokens: Any = []

    def push(self) -> None:
        """Begin the context."""
        self._tokens.append(current.set(KernelContext(self.app).connection))

    def pop(self, exc: Any = None) -> None:
        """End the context.

        Args:
            exc: The exception that ended it, handed to the teardown functions.

        Raises:
            BuildError: A teardown function is asynchronous: use `async with app.context()`.
        """
        try:
            for function in reversed(self.app.store(State).teardown_appcontext):
                answer = function(exc)
                if hasattr(answer, "__await__"):
                    answer.close()
                    raise BuildError(f"{function!r} is asynchronous: use `async with app.context():` in its place.")
        finally:
            current.reset(self._tokens.pop())

    def __enter__(self) -> AppContext:
        self.push()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.pop(error)
