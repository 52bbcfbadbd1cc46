"""Sessions: the client holds an opaque id, Redis the content.

A session is loaded at its first use and written once, before the headers of the
response are sent. Redis stores only the SHA-256 of an id, so that reading the
database is not enough to take over a session.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any, Dict, Mapping, Optional

from fenrir_core import Connection, HTTPError, InvalidJSON, NoRequest, current_connection
from fenrir_core.authoring import dumps, encode_header, format_cookie, loads, printable, session_opened

from .client import State, client_of, logger

_is_id = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch
#: A session is renewed when less than this part of its lifetime is left, not at each request.
_DUE = 0.9


class Session(Dict[str, Any]):
    """A session: a dict of JSON values that is stored in Redis.

    Changes are detected at any depth. An empty session is not stored; one that becomes
    empty is deleted, and so is its cookie.
    """

    #: Its id, if the client and Redis have it.
    _id: Optional[str] = None
    #: Its content in Redis.
    _stored = b""
    #: Milliseconds of its lifetime left when it was loaded; -1 for ever.
    _left = -1
    _is_rotated = False

    @property
    def new(self) -> bool:
        """Whether the client sent no known session."""
        return self._id is None

    def rotate(self) -> None:
        """Move the content to a new id; call it at each log-in and change of rights.

        The old id, which an attacker may know or have planted, becomes worthless.
        """
        self._is_rotated = True

    def clear(self) -> None:
        """Remove everything, which deletes the session. What is added after that gets a new id."""
        super().clear()
        self._is_rotated = True


class SessionStore:
    """The store of one app's sessions.

    Args:
        settings: The app's settings.
        state: The plugin's state, which has the client.
    """

    def __init__(self, settings: Mapping[str, Any], state: State) -> None:
        secure = settings["redis_session_secure"]
        self.cookie = settings["redis_session_cookie"] or ("__Host-session" if secure else "session_id")
        self.lifetime: int = settings["redis_session_lifetime"]
        self.rolling: bool = settings["redis_session_rolling"]
        self._prefix: str = settings["redis_prefix"] + "session:"
        self._state = state
        self._attributes = {"secure": secure, "httponly": True, "samesite": settings["redis_session_samesite"]}
        format_cookie(self.cookie, "", **self._attributes)  # an error at start-up if browsers would reject the cookie

    def sent_id(self, connection: Connection) -> Optional[str]:
        """Return the id that the client sent, if it has the form of one."""
        value = connection.cookies.get(self.cookie)
        return value if value is not None and _is_id(value) else None

    async def load(self, connection: Connection) -> Session:
        """Return the session of a client; a new one for an id that is not known.

        Raises:
            HTTPError: Redis does not respond (503).
        """
        session = Session()
        sent = self.sent_id(connection)
        if sent is None:
            return session
        key = self._key(sent)
        pipeline = client_of(connection).pipeline(transaction=False)
        found, left = await self._ask(pipeline.get(key).pttl(key).execute())
        if found is None:
            return session
        stored = found.encode() if isinstance(found, str) else found
        try:
            content = loads(stored)
        except InvalidJSON as error:
            logger.error("A session is not JSON (%s): it is treated as empty.", error)
            content = None
        if isinstance(content, dict):
            session.update(content)
            session._id, session._stored, session._left = sent, stored, left
        return session

    async def save(self, connection: Connection, session: Session, content: bytes, response: Any) -> None:
        """Write a changed session, and set or delete the cookie.

        Args:
            content: The session as `encode` returns it.
        """
        response.headers.add_vary("Cookie")
        client = client_of(connection)
        if not session:
            if session._id is not None:
                await self._ask(client.delete(self._key(session._id)))
            # an unknown id is deleted on demand only: a concurrent log-in may just have replaced it
            if session._id is not None or (session._is_rotated and self.cookie in connection.cookies):
                self._set_cookie(response, "", 0)
            return
        if session._id is None or session._is_rotated:
            await self._begin(client, session, content, response)
        elif content != session._stored:
            # XX: a session that was deleted in the meantime (a log-out) is not created again
            keep: Any = {"ex": self.lifetime} if self.rolling else {"keepttl": True}
            if not await self._ask(client.set(self._key(session._id), content, xx=True, **keep)):
                logger.info("%s: the session has ended in the meantime, its change is lost", printable(connection.path))
            elif self.rolling:
                self._set_cookie(response, session._id, self.lifetime)
        elif self.rolling and session._left < self.lifetime * 1000 * _DUE:
            if await self._ask(client.expire(self._key(session._id), self.lifetime)):
                self._set_cookie(response, session._id, self.lifetime)

    async def _begin(self, client: Any, session: Session, content: bytes, response: Any) -> None:
        """Store a session under a new id, in place of the old one."""
        fresh = secrets.token_urlsafe(32)
        pipeline = client.pipeline(transaction=True)
        if session._id is not None:
            pipeline.delete(self._key(session._id))
        pipeline.set(self._key(fresh), content, ex=self.lifetime)
        await self._ask(pipeline.execute())
        self._set_cookie(response, fresh, self.lifetime)

    def _key(self, identity: str) -> str:
        return self._prefix + hashlib.sha256(identity.encode()).hexdigest()

    def _set_cookie(self, response: Any, value: str, max_age: int) -> None:
        text = format_cookie(self.cookie, value, max_age=max_age, expires=max_age, **self._attributes)
        response.raw_headers.append(encode_header("set-cookie", text))

    async def _ask(self, command: Any) -> Any:
        try:
            return await command
        except self._state.errors as error:
            self._state.complain("Sessions", error)
            raise HTTPError(503, "The session can't be reached. Try again later.") from error


def encode(session: Session) -> bytes:
    """Return the JSON of a session.

    Raises:
        TypeError: It has a value without a JSON form; the message names the key.
    """
    try:
        return dumps(session)
    except (TypeError, ValueError):
        for key, value in session.items():
            try:
                dumps({key: value})
            except (TypeError, ValueError) as error:
                raise TypeError(f"session[{key!r}] can't be stored: {error}") from None
        raise


class Slot:
    """The session of one request: `connection.facade(Slot)`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.session: Optional[Session] = None
        #: Its content when it can no longer be saved.
        self._last: Optional[bytes] = None

    def fill(self, session: Session) -> Session:
        """Set the session, and have it saved before the headers are sent."""
        connection = self.connection
        self.session = connection.scope["session"] = session  # Starlette's `request.session` reads it from there
        if connection.started or connection.scope["type"] == "websocket":
            self._last = encode(session)
        else:
            connection.on_response_start(self._save)
        connection.add_cleanup(self._check)
        session_opened(connection, session)
        return session

    async def _save(self, response: Any) -> None:
        assert self.session is not None
        self._last = encode(self.session)
        await store_of(self.connection).save(self.connection, self.session, self._last, response)

    async def _check(self, _: Optional[BaseException]) -> None:
        if self._last is not None and self.session is not None and encode(self.session) != self._last:
            logger.warning(
                "%s: the session was changed after the headers were sent, so this change is lost. Change it before "
                "the response starts.",
                printable(self.connection.path),
            )


def store_of(connection: Connection) -> SessionStore:
    """Return the session store of the app that serves a connection.

    Raises:
        NoRequest: The connection is not a client's.
        RuntimeError: Sessions are off in this app.
    """
    if connection.scope["type"] not in ("http", "websocket"):
        raise NoRequest("session")
    store: Optional[SessionStore] = connection.app.store(State).store
    if store is None:
        raise RuntimeError("Sessions in Redis are off in this app: set redis_sessions=True.")
    return store


async def session_of(connection: Connection) -> Session:
    """Return the session of a request, loaded at the first call.

    Raises:
        HTTPError: Redis does not respond (503).
    """
    slot = connection.facade(Slot)
    if slot.session is None:
        found = await store_of(connection).load(connection)
        return slot.fill(found) if slot.session is None else slot.session
    return slot.session


async def preload(connection: Connection) -> None:
    """Load the session, so that synchronous code can use it: a `before` step."""
    await session_of(connection)


def loaded_session() -> Session:
    """Return the session of the running request to synchronous code that has no parameter for it.

    It must have been loaded: by `session=True` on the route, the setting
    `redis_session_preload`, or by an earlier use. A client that sends no session
    cookie gets a new one, for which nothing is loaded.

    Raises:
        NoRequest: The code runs outside a request.
        RuntimeError: It was not loaded.
    """
    connection = current_connection("session")
    slot = connection.facade(Slot)
    if slot.session is not None:
        return slot.session
    if store_of(connection).sent_id(connection) is None:
        return slot.fill(Session())
    raise RuntimeError(
        f"{connection.path}: the session was not loaded before this route, and synchronous code can't wait for it. "
        "Set session=True on the route, or call `await fenrir_redis.open_session()` before."
    )


async def open_session() -> Session:
    """Return the session of the running request, for code that has no parameter for it.

    Raises:
        NoRequest: The code runs outside a request.
        HTTPError: Redis does not respond (503).
    """
    return await session_of(current_connection("session"))
