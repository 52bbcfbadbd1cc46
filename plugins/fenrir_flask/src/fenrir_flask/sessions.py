"""The session: a dict in a signed cookie, opened when it is first looked at.

COMPAT: salt, key derivation and digest are those of Flask 3, so that an application that is
moved keeps its users logged in.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Optional, Tuple, cast

from itsdangerous import BadSignature, URLSafeTimedSerializer

from fenrir_core import Connection, NoRequest
from fenrir_core.authoring import Scope

from .json.tag import TaggedJSONSerializer
from .request import Request
from .state import State

logger = logging.getLogger("fenrir.flask")
#: Browsers drop longer cookies without a word.
MAX_COOKIE = 4093
_MISSING: Any = object()


class SessionMixin:
    """What every session has besides a dict's methods."""

    #: Whether there was none before this request.
    new = False
    #: Whether it must be saved; set it to True after a change deep inside.
    modified = True
    #: Whether this request looked at it.
    accessed = True

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser, by the setting `permanent_session_lifetime`."""
        return bool(cast(Any, self).get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        cast(Any, self)["_permanent"] = bool(value)


class Session(Dict[str, Any], SessionMixin):
    """A session in a cookie; every change of it is noticed."""

    modified = False
    #: The scope of the connection that it was opened for, or None.
    scope: Optional[Scope] = None
    #: Whether it was saved, so that a change is lost.
    is_saved = False

    def _change(self) -> None:
        scope = self.scope
        if scope is not None and (self.is_saved or scope["type"] == "websocket"):
            logger.warning(
                "%s: the session was changed after the headers were sent, so this change is lost. Change it before "
                "the response starts.",
                scope.get("path"),
            )
        self.modified = True

    def __setitem__(self, key: str, value: Any) -> None:
        self._change()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self._change()
        super().__delitem__(key)

    def clear(self) -> None:
        """Remove everything: the cookie is deleted."""
        self._change()
        super().clear()

    def pop(self, key: str, default: Any = _MISSING) -> Any:
        """Remove a key and give its value, or `default`."""
        self._change()
        return super().pop(key) if default is _MISSING else super().pop(key, default)

    def popitem(self) -> Tuple[str, Any]:
        """Remove the last pair and give it."""
        self._change()
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a value; set it to `default` first if the key is not there."""
        if key not in self:
            self._change()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over pairs, as a dict does."""
        self._change()
        super().update(*args, **kwargs)

    def __ior__(self, other: Any) -> Session:  # type: ignore[override,misc]
        self.update(other)
        return self


class NullSession(Session):
    """The empty session of an app without secret key: reading works, writing says what is missing."""

    def _change(self) -> None:
        raise RuntimeError(
            "The session can't be changed because the app has no secret key, which signs its cookie. Set it: "
            "`app.secret_key = ...`, the setting `secret_key`, or the environment variable SECRET_KEY. "
            "Make one with: python -c 'import secrets; print(secrets.token_hex())'"
        )


SecureCookieSession = Session


class SessionInterface:
    """Open and save sessions; subclass it to keep them elsewhere, and assign it to `app.session_interface`."""

    null_session_class = NullSession

    def open_session(self, app: Any, request: Any) -> Optional[Any]:
        """Return the session of a request: a mutable mapping with `SessionMixin`; None for a null session."""
        raise NotImplementedError

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Store a session, called just before the headers are sent; usually sets a cookie."""
        raise NotImplementedError

    def make_null_session(self, app: Any) -> Any:
        """Return a session that is empty and can't be changed."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Return whether a session is such a one."""
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
        """Return the moment when a permanent session ends; None for one that ends with the browser."""
        if not session.permanent:
            return None
        lifetime: timedelta = app.settings["permanent_session_lifetime"]
        return datetime.now(timezone.utc) + lifetime

    def should_set_cookie(self, app: Any, session: Any) -> bool:
        """Return whether to send the cookie: when it changed, or to renew a permanent one."""
        return bool(session.modified or (session.permanent and app.settings["session_refresh_each_request"]))


class SecureCookieSessionInterface(SessionInterface):
    """Keep the session in a cookie that is signed, not encrypted: the client can read it."""

    salt = "cookie-session"
    digest_method = staticmethod(hashlib.sha1)  # inside HMAC, where SHA-1 is sound
    key_derivation = "hmac"
    serializer = TaggedJSONSerializer()
    session_class = Session

    def get_signing_serializer(self, app: Any) -> Optional[URLSafeTimedSerializer]:
        """Return what signs the cookie, or None without a secret key; old keys still read."""
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
        """Read the cookie; a forged, broken or expired one gives an empty session."""
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
        """Send the cookie where it is due, delete it where the session was emptied."""
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
        assert serializer is not None  # a session that is not empty was opened with a key
        value = serializer.dumps(dict(session))
        text = value if isinstance(value, str) else value.decode("ascii")
        if len(text) > MAX_COOKIE:
            logger.warning(
                "The session cookie has %s bytes; browsers drop what is over %s. Keep less in the session.",
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
    """Open the session of a request and see to it that it is saved before the headers are sent.

    Raises:
        NoRequest: The connection is no client's.
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
