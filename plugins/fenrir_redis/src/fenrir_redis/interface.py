"""Flask's `session` in Redis, by the methods that its session interface has; nothing of Flask is imported."""

from __future__ import annotations

from typing import Any

from .sessions import Session, loaded_session


class RedisSessionInterface:
    """Keep what `session` of the Flask paradigm holds in Redis: ``app.session_interface = RedisSessionInterface()``.

    Flask looks at its session in synchronous code, so with this interface the session is
    loaded before each handler, for clients that send its cookie. `session=False` on a route
    spares it that.
    """

    def open_session(self, app: Any, request: Any) -> Session:
        """Return the session that was loaded for this request; a new one for a client without.

        Raises:
            RuntimeError: It was not loaded.
        """
        del app, request
        return loaded_session()

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Do nothing: a session that was opened is saved anyway, before the headers are sent."""

    def make_null_session(self, app: Any) -> Session:
        """Return an empty session that is not kept."""
        del app
        return Session()

    def is_null_session(self, obj: object) -> bool:
        """Tell that no session is one that can't be changed."""
        del obj
        return False
