"""Flask's `session` in Redis, by the methods that its session interface has; nothing of Flask is imported."""

from __future__ import annotations

from typing import Any

from fenrir_core import current_connection

from .sessions import Session, Slot, store_of


class RedisSessionInterface:
    """Keep what `session` of the Flask paradigm holds in Redis: ``app.session_interface = RedisSessionInterface()``.

    Flask looks at its session in synchronous code, so with this interface the session is
    loaded before each handler, for clients that send its cookie. `session=False` on a route
    spares it that.
    """

    def open_session(self, app: Any, request: Any) -> Session:
        """Give the session that was loaded for this request; a new one for a client without.

        Raises:
            RuntimeError: It was not loaded.
        """
        del app, request
        connection = current_connection("session")
        slot = connection.view(Slot)
        if slot.session is None:
            if store_of(connection).sent_id(connection) is not None:
                raise RuntimeError(
                    f"{connection.path}: the session was not loaded before this route, and synchronous code can't "
                    "wait for it. Remove session=False, or call `await fenrir_redis.open_session()` before."
                )
            return slot.fill(Session())
        return slot.session

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Do nothing: a session that was opened is saved anyway, before the headers are sent."""

    def make_null_session(self, app: Any) -> Session:
        """Give an empty session that is not kept."""
        del app
        return Session()

    def is_null_session(self, obj: object) -> bool:
        """Tell that no session is one that can't be changed."""
        del obj
        return False
