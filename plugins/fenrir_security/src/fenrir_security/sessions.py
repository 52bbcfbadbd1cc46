"""Sessions: a new id at each log-in, and an end.

It is told of every session that a plugin opens, whatever stores it: a signed cookie or Redis. When one began and when
it was last used is kept in the session itself, so that no store has to know.
"""

from __future__ import annotations

import secrets
import time
from typing import Any, Mapping, MutableMapping, Optional, Tuple

from fenrir_core import Build, Call, Connection, Route, RouteHook, current_connection
from fenrir_core.authoring import SessionListeners, before_save, opened_sessions

from .tokens import Slot, TokenStore

#: The key in a session of what this module keeps there: when it began, when it was last used (seconds), its id.
KEY = "_security"
#: How old the time of the last use may get before it is written again, as a part of `session_idle`.
_DUE = 0.1


class Rules:
    """When the sessions of an app end.

    Args:
        idle: Seconds without a request; None for no end.
        lifetime: Seconds from the beginning, or from the last log-in; None for no end.
    """

    def __init__(self, idle: Optional[int], lifetime: Optional[int]) -> None:
        self._idle, self._lifetime = idle, lifetime

    def opened(self, connection: Connection, session: MutableMapping[str, Any]) -> None:
        """Empty a session that has ended, and note when one begins and is used."""
        now = int(time.time())
        times = _times(session)
        if times is not None:
            began, seen = times
            if self._has_ended(now, began, seen):
                session.clear()
            elif self._idle is not None and now - seen > self._idle * _DUE:
                session[KEY] = [began, now, *session[KEY][2:]]
        elif KEY in session:
            session.clear()  # a store that this app shares with another wrote something else there
        if not connection.started and connection.scope["type"] == "http":
            # what the session has when it is saved, a later request finds with its time
            before_save(connection, session, _stamp)

    def _has_ended(self, now: int, began: int, seen: int) -> bool:
        return (self._idle is not None and now - seen >= self._idle) or (
            self._lifetime is not None and now - began >= self._lifetime
        )

    async def check(self, connection: Connection) -> None:
        """Apply the rules to the session that ASGI middleware has opened: a `before` step."""
        session = _of_middleware(connection)
        if session is not None:
            self.opened(connection, session)


def _of_middleware(connection: Connection) -> Optional[MutableMapping[str, Any]]:
    """Return the session that ASGI middleware has opened; None if there is none, or a plugin has told of it."""
    session: Optional[MutableMapping[str, Any]] = connection.scope.get("session")
    return None if any(session is other for other in opened_sessions(connection)) else session


def _times(session: Mapping[str, Any]) -> Optional[Tuple[int, int]]:
    stamp = session.get(KEY)
    if isinstance(stamp, (list, tuple)) and len(stamp) >= 2 and all(type(part) is int for part in stamp[:2]):
        return stamp[0], stamp[1]
    return None


def _stamp(session: MutableMapping[str, Any]) -> None:
    if session and KEY not in session:
        now = int(time.time())
        session[KEY] = [now, now]
    elif len(session) == 1 and KEY in session:
        session.clear()  # nothing else is left in it: it is over


def rotate_session(session: Optional[MutableMapping[str, Any]] = None) -> None:
    """Make what a client had before worthless: call it at each log-in and change of rights.

    A session on the server moves to a new id, and the old one is deleted. One in a signed cookie is signed anew, with
    a new id in it; a copy of the old cookie that somebody kept is valid until it expires, since no server knows of it.
    The time of `session_lifetime` begins again, and the client gets new CSRF tokens, if they are on.

    Args:
        session: The session: Flask's `session`, `request.session`, one of `fenrir-redis`; by default all that the
            current request has opened.

    Raises:
        NoRequest: The code runs outside a request.
        RuntimeError: No session is open.
    """
    connection = current_connection("rotate_session()")
    given = [session] if session is not None else [*opened_sessions(connection), _of_middleware(connection)]
    found = [each for each in given if each is not None]
    if not found:
        raise RuntimeError(
            f"{connection.label}: rotate_session() found no session. Use it before, or pass it: "
            "rotate_session(session)."
        )
    for each in found:
        rotate = getattr(each, "rotate", None)
        if rotate is not None:
            rotate()
        if rotate is None or KEY in each:
            now = int(time.time())
            each[KEY] = [now, now, secrets.token_urlsafe(12)]
    tokens = connection.app.store(TokenStore).tokens
    if tokens is not None and tokens.key() is not None and not connection.started:
        connection.facade(Slot).renew(tokens)


def route_hook(route: Route, build: Build) -> Optional[RouteHook]:
    """Return the step that applies the rules to a session of ASGI middleware; None without rules."""
    idle, lifetime = build.settings["session_idle"], build.settings["session_lifetime"]
    listeners = build.app.store(SessionListeners)
    if idle is None and lifetime is None:
        listeners.by_name.pop("security", None)
        return None
    rules = Rules(idle, lifetime)
    listeners.by_name["security"] = rules.opened
    kinds = frozenset({"http", "websocket"})
    return RouteHook("session rules", Call(rules.check, "async"), order="outer", priority=40, kinds=kinds)
