"""Sessions: a dict in a signed cookie, opened at its first use.

COMPAT: salt, key derivation and digest are those of Flask 3, so that users stay logged in
when an application moves here.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, Dict, MutableMapping, NoReturn, Optional, cast

from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

import fenrir_core
from fenrir_core import Connection, NoRequest
from fenrir_core.authoring import Scope, printable, session_opened, session_saving

from ._types import Passed, SomeApp, SomeResponse, Stored, Values
from .conversion import as_werkzeug
from .cookies import dump_cookie
from .json.tag import TaggedJSONSerializer
from .request import Request, request_of
from .state import State

logger = logging.getLogger("fenrir.flask")


class SessionMixin(MutableMapping[str, Stored]):
    """The attributes of every session besides those of a mapping."""

    #: Whether the request came without a session.
    new = False
    #: Whether it must be saved; set it to True after changing a nested object.
    modified = True
    #: Whether the request used it.
    accessed = True

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser session, for `PERMANENT_SESSION_LIFETIME`."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)


class SecureCookieSession(CallbackDict, SessionMixin):  # type: ignore[type-arg]  # generic in newer releases only
    """A session in a cookie, which tracks changes.

    Args:
        initial: What it begins with.
    """

    modified = False
    accessed = False
    #: The ASGI scope of the connection it was opened for, or None.
    scope: Optional[Scope] = None
    #: Whether it was saved already, so that a later change is lost.
    is_saved = False

    def __init__(self, initial: Any = None) -> None:
        super().__init__(initial, _changed)

    def __getitem__(self, key: str) -> Stored:
        self.accessed = True
        return super().__getitem__(key)

    def get(self, key: str, default: Stored = None) -> Stored:
        """Return a value, or `default`."""
        self.accessed = True
        return super().get(key, default)

    def setdefault(self, key: str, default: Stored = None) -> Stored:
        """Return a value, after setting it to `default` if the key is missing."""
        self.accessed = True
        if key in self:
            return super().__getitem__(key)
        return super().setdefault(key, default)


def _changed(session: SecureCookieSession) -> None:
    scope = session.scope
    if scope is not None and (session.is_saved or scope["type"] == "websocket"):
        logger.warning(
            "%s: the session was changed after the headers were sent, so this change is lost. Change it before the "
            "response starts.",
            printable(scope.get("path")),
        )
    session.modified = session.accessed = True


class NullSession(SecureCookieSession):
    """The empty session of an app without a secret key, which can be read but not changed."""

    def _fail(self, *args: object, **kwargs: object) -> NoReturn:
        raise RuntimeError(
            "The session is unavailable because no secret key was set: there is nothing to sign its cookie with. Set "
            "the secret_key on the application to something unique and secret: `app.secret_key = ...`. Create one "
            "with: python -c 'import secrets; print(secrets.token_hex())'"
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = __ior__ = _fail


#: The name that hybrid apps know it by.
Session = SecureCookieSession


class SessionInterface:
    """The base of what opens and saves sessions.

    Subclass it to store sessions elsewhere, and assign an instance to `app.session_interface`.
    """

    null_session_class = NullSession
    #: Whether it stores pickled objects.
    pickle_based = False

    def open_session(self, app: SomeApp, request: Request) -> Optional[SessionMixin]:
        """Return the session of a request, a mutable mapping with `SessionMixin`, or None for a null session."""
        raise NotImplementedError

    def save_session(self, app: SomeApp, session: SessionMixin, response: SomeResponse) -> None:
        """Store a session; called just before the headers are sent."""
        raise NotImplementedError

    def make_null_session(self, app: SomeApp) -> SessionMixin:
        """Return an empty session that can't be changed."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Return whether a session is a null session."""
        return isinstance(obj, self.null_session_class)

    def get_cookie_name(self, app: SomeApp) -> str:
        """Return `SESSION_COOKIE_NAME`."""
        return str(app.config["SESSION_COOKIE_NAME"])

    def get_cookie_domain(self, app: SomeApp) -> Optional[str]:
        """Return `SESSION_COOKIE_DOMAIN`."""
        return app.config["SESSION_COOKIE_DOMAIN"]  # type: ignore[no-any-return]

    def get_cookie_path(self, app: SomeApp) -> str:
        """Return `SESSION_COOKIE_PATH`, else `APPLICATION_ROOT`."""
        return app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]  # type: ignore[no-any-return]

    def get_cookie_httponly(self, app: SomeApp) -> bool:
        """Return `SESSION_COOKIE_HTTPONLY`."""
        return bool(app.config["SESSION_COOKIE_HTTPONLY"])

    def get_cookie_secure(self, app: SomeApp) -> bool:
        """Return `SESSION_COOKIE_SECURE`."""
        return bool(app.config["SESSION_COOKIE_SECURE"])

    def get_cookie_samesite(self, app: SomeApp) -> Optional[str]:
        """Return `SESSION_COOKIE_SAMESITE`."""
        return app.config["SESSION_COOKIE_SAMESITE"]  # type: ignore[no-any-return]

    def get_cookie_partitioned(self, app: SomeApp) -> bool:
        """Return `SESSION_COOKIE_PARTITIONED`."""
        return bool(app.config["SESSION_COOKIE_PARTITIONED"])

    def get_expiration_time(self, app: SomeApp, session: SessionMixin) -> Optional[datetime]:
        """Return when a permanent session expires; None for one that ends with the browser session."""
        if not session.permanent:
            return None
        return datetime.now(timezone.utc) + lifetime_of(app)

    def should_set_cookie(self, app: SomeApp, session: SessionMixin) -> bool:
        """Return whether to send the cookie: the session changed, or a permanent one is renewed."""
        return bool(session.modified or (session.permanent and app.config["SESSION_REFRESH_EACH_REQUEST"]))


#: What sessions are written with; a tag that is registered with it is one of every app's sessions.
session_json_serializer = TaggedJSONSerializer()


class SecureCookieSessionInterface(SessionInterface):
    """A session interface that stores sessions in a cookie: signed, not encrypted, so the client can read it."""

    salt = "cookie-session"
    digest_method = staticmethod(hashlib.sha1)  # inside HMAC, where SHA-1 is sound
    key_derivation = "hmac"
    serializer = session_json_serializer
    session_class = Session

    def get_signing_serializer(self, app: SomeApp) -> Optional[URLSafeTimedSerializer]:
        """Return the serializer that signs the cookie, or None without a secret key; former keys are accepted."""
        key = app.secret_key
        if not key:
            return None
        keys = (*(app.config["SECRET_KEY_FALLBACKS"] or ()), key)
        made: Dict[Any, URLSafeTimedSerializer] = app.store(State).serializers
        found = made.get((self, keys))
        if found is None:
            options = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
            found = URLSafeTimedSerializer(
                list(keys), salt=self.salt, serializer=self.serializer, signer_kwargs=options
            )
            made[self, keys] = found
        return found

    def open_session(self, app: SomeApp, request: Request) -> Optional[Session]:
        """Return the session in the cookie; it is empty if the cookie is forged, broken or expired."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            session = self.session_class()
            session.new = True
            return session
        max_age = int(lifetime_of(app).total_seconds())
        try:
            return self.session_class(serializer.loads(value, max_age=max_age))
        except (BadSignature, ValueError, TypeError):
            return self.session_class()

    def save_session(self, app: SomeApp, session: SessionMixin, response: SomeResponse) -> None:
        """Set the cookie if the session changed or is renewed; delete it if the session was emptied."""
        name = self.get_cookie_name(app)
        options = self._cookie_options(app)
        if session.accessed:
            response.vary.add("Cookie")
        if not session:
            if session.modified:
                response.delete_cookie(name, **options)
                response.vary.add("Cookie")
            return
        if not self.should_set_cookie(app, session):
            return
        serializer = self.get_signing_serializer(app)
        assert serializer is not None  # without a key the session is empty
        value = serializer.dumps(dict(session))
        text = value if isinstance(value, str) else value.decode("ascii")
        response.set_cookie(name, text, expires=self.get_expiration_time(app, session), **options)
        response.vary.add("Cookie")

    def _cookie_options(self, app: SomeApp) -> Values:
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
            "partitioned": self.get_cookie_partitioned(app),
        }


class CookieWriter:
    """What the session in a cookie needs of a response, on the kernel's.

    Args:
        response: The kernel's response.
    """

    def __init__(self, response: fenrir_core.Response) -> None:
        self._response = response

    @property
    def vary(self) -> CookieWriter:
        """The header `Vary`, as a set."""
        return self

    def add(self, name: str) -> None:
        """Add a name to `Vary`."""
        self._response.headers.add_vary(name)

    def set_cookie(self, key: str, value: str = "", **options: Passed) -> None:
        """Add a cookie."""
        self._response.headers.add("set-cookie", dump_cookie(key, value, **options))

    def delete_cookie(self, key: str, **options: Passed) -> None:
        """Delete a cookie of the client."""
        self.set_cookie(key, expires=0, max_age=0, **options)


def lifetime_of(app: SomeApp) -> timedelta:
    """Return how long a permanent session lasts."""
    value = getattr(app, "permanent_session_lifetime", None)
    value = app.config["PERMANENT_SESSION_LIFETIME"] if value is None else value
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def interface_of(app: SomeApp) -> SessionInterface:
    """Return what opens and saves the sessions of an app."""
    found: Optional[SessionInterface] = getattr(app, "session_interface", None)
    return DEFAULT_INTERFACE if found is None else found


def open_session(connection: Connection) -> SessionMixin:
    """Return the session of a connection, which is opened once, and have it saved before the headers are sent.

    Raises:
        NoRequest: The connection is neither a request nor a WebSocket.
    """
    if connection.scope["type"] not in ("http", "websocket"):
        raise NoRequest("session")
    session = opened_session(connection)
    if session is not None:
        return session
    app: Any = connection.app
    interface = interface_of(app)
    session = interface.open_session(app, connection.facade(request_of))
    if session is None:
        session = interface.make_null_session(app)
    states: Dict[Any, Any] = connection.state
    states[open_session] = session
    session.accessed = True
    if isinstance(session, SecureCookieSession):
        session.scope, session.is_saved = connection.scope, connection.started

    if not getattr(connection.route.endpoint, "is_whole", False):  # else it is saved with the functions after the view
        connection.on_response_start(partial(save_session, connection, session))
    session_opened(connection, session)
    return session


def opened_session(connection: Connection) -> Optional[SessionMixin]:
    """Return the session of a connection, or None if nothing has asked for it."""
    states: Optional[Any] = vars(connection).get("state")
    return None if states is None else states.get(open_session)


def save_session(connection: Connection, session: SessionMixin, response: Any) -> None:
    """Save the session of a connection with its response, the kernel's or Werkzeug's."""
    session_saving(connection, session)
    app: Any = connection.app
    interface = interface_of(app)
    if not interface.is_null_session(session):
        is_cookie = type(interface).save_session is SecureCookieSessionInterface.save_session
        if is_cookie and isinstance(response, fenrir_core.Response):
            # PERF: no response of Werkzeug's
            interface.save_session(app, session, cast(SomeResponse, CookieWriter(response)))
        else:
            with as_werkzeug(response) as own:
                interface.save_session(app, session, own)
    elif isinstance(response, fenrir_core.Response):
        response.headers.add_vary("Cookie")
    else:
        response.vary.add("Cookie")
    if isinstance(session, SecureCookieSession):
        session.is_saved = True


DEFAULT_INTERFACE = SecureCookieSessionInterface()
