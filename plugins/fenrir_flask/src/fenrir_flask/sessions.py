"""Sessions: a dict in a signed cookie, opened at its first use.

COMPAT: salt, key derivation and digest are those of Flask 3, so that users stay logged in
when an application moves here.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Optional, Tuple, cast

from itsdangerous import BadSignature, URLSafeTimedSerializer

from fenrir_core import Connection, NoRequest
from fenrir_core.authoring import Scope, printable

from .json.tag import TaggedJSONSerializer
from .request import Request
from .state import State

logger = logging.getLogger("fenrir.flask")
#: The most bytes of a cookie; browsers silently drop longer ones.
MAX_COOKIE = 4093
_MISSING: Any = object()


class SessionMixin:
    """The attributes of every session besides those of a dict."""

    #: Whether the request came without a session.
    new = False
    #: Whether it must be saved; set it to True after changing a nested object.
    modified = True
    #: Whether the request used it.
    accessed = True

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser session, for `permanent_session_lifetime`."""
        return bool(cast(Any, self).get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        cast(Any, self)["_permanent"] = bool(value)


class Session(Dict[str, Any], SessionMixin):
    """A session in a cookie, which tracks changes."""

    modified = False
    #: The ASGI scope of the connection it was opened for, or None.
    scope: Optional[Scope] = None
    #: Whether it was saved already, so that a later change is lost.
    is_saved = False

    def _change(self) -> None:
        scope = self.scope
        if scope is not None and (self.is_saved or scope["type"] == "websocket"):
            logger.warning(
                "%s: the session was changed after the headers were sent, so this change is lost. Change it before "
                "the response starts.",
                printable(scope.get("path")),
            )
        self.modified = True

    def __setitem__(self, key: str, value: Any) -> None:
        self._change()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self._change()
        super().__delitem__(key)

    def clear(self) -> None:
        """Remove all keys, which deletes the cookie."""
        self._change()
        super().clear()

    def pop(self, key: str, default: Any = _MISSING) -> Any:
        """Remove a key and return its value, or `default`."""
        self._change()
        return super().pop(key) if default is _MISSING else super().pop(key, default)

    def popitem(self) -> Tuple[str, Any]:
        """Remove and return the last pair."""
        self._change()
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a value, after setting it to `default` if the key is missing."""
        if key not in self:
            self._change()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Update from pairs, as a dict does."""
        self._change()
        super().update(*args, **kwargs)

    def __ior__(self, other: Any) -> Session:  # type: ignore[override,misc]
        self.update(other)
        return self


class NullSession(Session):
    """The empty session of an app without a secret key, which can be read but not changed."""

    def _change(self) -> None:
        raise RuntimeError(
            "The session can't be changed because the app has no secret key to sign its cookie with. Set one: "
            "`app.secret_key = ...`, the setting `secret_key`, or the environment variable SECRET_KEY. "
            "Create one with: python -c 'import secrets; print(secrets.token_hex())'"
        )


SecureCookieSession = Session


class SessionInterface:
    """The base of what opens and saves sessions.

    Subclass it to store sessions elsewhere, and assign an instance to `app.session_interface`.
    """

    null_session_class = NullSession

    def open_session(self, app: Any, request: Any) -> Optional[Any]:
        """Return the session of a request, a mutable mapping with `SessionMixin`, or None for a null session."""
        raise NotImplementedError

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Store a session; called just before the headers are sent."""
        raise NotImplementedError

    def make_null_session(self, app: Any) -> Any:
        """Return an empty session that can't be changed."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Return whether a session is a null session."""
        return isinstance(obj, self.null_session_class)

    def get_cookie_name(self, app: Any) -> str:
        """Return the setting `session_cookie_name`."""
        return str(app.settings["session_cookie_name"])

    def get_cookie_domain(self, app: Any) -> Optional[str]:
        """Return the setting `session_cookie_domain`."""
        return app.settings["session_cookie_domain"]  # type: ignore[no-any-return]

    def get_cookie_path(self, app: Any) -> str:
        """Return the setting `session_cookie_path`, else `application_root`."""
        return app.settings["session_cookie_path"] or app.settings["application_root"]  # type: ignore[no-any-return]

    def get_cookie_httponly(self, app: Any) -> bool:
        """Return the setting `session_cookie_httponly`."""
        return bool(app.settings["session_cookie_httponly"])

    def get_cookie_secure(self, app: Any) -> bool:
        """Return the setting `session_cookie_secure`."""
        return bool(app.settings["session_cookie_secure"])

    def get_cookie_samesite(self, app: Any) -> Optional[str]:
        """Return the setting `session_cookie_samesite`."""
        return app.settings["session_cookie_samesite"]  # type: ignore[no-any-return]

    def get_cookie_partitioned(self, app: Any) -> bool:
        """Return the setting `session_cookie_partitioned`."""
        return bool(app.settings["session_cookie_partitioned"])

    def get_expiration_time(self, app: Any, session: Any) -> Optional[datetime]:
        """Return when a permanent session expires; None for one that ends with the browser session."""
        if not session.permanent:
            return None
        lifetime: timedelta = app.settings["permanent_session_lifetime"]
        return datetime.now(timezone.utc) + lifetime

    def should_set_cookie(self, app: Any, session: Any) -> bool:
        """Return whether to send the cookie: the session changed, or a permanent one is renewed."""
        return bool(session.modified or (session.permanent and app.settings["session_refresh_each_request"]))


class SecureCookieSessionInterface(SessionInterface):
    """A session interface that stores sessions in a cookie: signed, not encrypted, so the client can read it."""

    salt = "cookie-session"
    digest_method = staticmethod(hashlib.sha1)  # inside HMAC, where SHA-1 is sound
    key_derivation = "hmac"
    serializer = TaggedJSONSerializer()
    session_class = Session

    def get_signing_serializer(self, app: Any) -> Optional[URLSafeTimedSerializer]:
        """Return the serializer that signs the cookie, or None without a secret key; former keys are accepted."""
        key = app.settings["secret_key"]
        if not key:
            return None
        keys = (*(app.settings["secret_key_fallbacks"] or ()), key)
        made: Dict[Any, URLSafeTimedSerializer] = app.store(State).serializers
        found = made.get((self, keys))
        if found is None:
            options = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
            found = URLSafeTimedSerializer(
                list(keys), salt=self.salt, serializer=self.serializer, signer_kwargs=options
            )
            made[self, keys] = found
        return found

    def open_session(self, app: Any, request: Any) -> Optional[Session]:
        """Return the session in the cookie; it is empty if the cookie is forged, broken or expired."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            session = self.session_class()
            session.new = True
            return session
        max_age = int(app.settings["permanent_session_lifetime"].total_seconds())
        try:
            return self.session_class(serializer.loads(value, max_age=max_age))
        except (BadSignature, ValueError, TypeError):
            return self.session_class()

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Set the cookie if the session changed or is renewed; delete it if the session was emptied."""
        if session.accessed:
            response.headers.add_vary("Cookie")
        name = self.get_cookie_name(app)
        if not session:
            if session.modified:
                response.set_cookie(name, "", max_age=0, expires=0, **self._cookie_options(app))
            return
        if not self.should_set_cookie(app, session):
            return
        serializer = self.get_signing_serializer(app)
        assert serializer is not None  # without a key the session is empty
        value = serializer.dumps(dict(session))
        text = value if isinstance(value, str) else value.decode("ascii")
        if len(text) > MAX_COOKIE:
            logger.warning(
                "The session cookie has %s bytes; browsers drop cookies over %s bytes. Store less in the session.",
                len(text),
                MAX_COOKIE,
            )
        response.set_cookie(name, text, expires=self.get_expiration_time(app, session), **self._cookie_options(app))

    def _cookie_options(self, app: Any) -> Dict[str, Any]:
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
            "partitioned": self.get_cookie_partitioned(app),
        }


def open_session(connection: Connection) -> Any:
    """Return the session of a connection, and have it saved before the headers are sent.

    Raises:
        NoRequest: The connection is neither a request nor a WebSocket.
    """
    if connection.scope["type"] not in ("http", "websocket"):
        raise NoRequest("session")
    app = connection.app
    interface: SessionInterface = app.store(State).session_interface or DEFAULT_INTERFACE
    session = interface.open_session(app, connection.facade(Request))
    if session is None:
        session = interface.make_null_session(app)
    if isinstance(session, Session):
        session.scope, session.is_saved = connection.scope, connection.started

    def save(response: Any) -> None:
        if not interface.is_null_session(session):
            interface.save_session(app, session, response)
        else:
            response.headers.add_vary("Cookie")
        if isinstance(session, Session):
            session.is_saved = True

    connection.on_response_start(save)
    return session


DEFAULT_INTERFACE = SecureCookieSessionInterface()
