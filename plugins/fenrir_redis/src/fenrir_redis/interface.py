"""Flask's `session` in Redis, through the methods of its session interface; nothing of Flask is imported."""

from __future__ import annotations

from typing import Any

from .sessions import Session, loaded_session


class RedisSessionInterface:
    """A session interface for the Flask paradigm that stores `session` in Redis.

    Set it with ``app.session_interface = RedisSessionInterface()``.

    Flask looks at its session in synchronous code, so with this interface the session is
    loaded before each handler, for clients that send its cookie. `session=False` on a route
    prevents that.
    """

    def open_session(self, app: Any, request: Any) -> Session:
        """Return the session that was loaded for this request, or a new one.

        Raises:
            RuntimeError: It was not loaded.
        """
        del app, request
        return loaded_session()

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Do nothing: an open session is saved anyway, before the headers are sent."""

    def make_null_session(self, app: Any) -> Session:
        """Return an empty session that is not stored."""
        del app
        return Session()

    def is_null_session(self, obj: object) -> bool:
        """Return False: every session can be changed."""
        del obj
        return False
