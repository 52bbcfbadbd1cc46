"""CSRF tokens, for browsers that say nothing of where a request comes from.

The client has a random secret in a signed cookie. Pages have that secret masked with another random text each time, so
that its bytes can't be guessed from the length of compressed answers (BREACH).

Source: OWASP's CSRF Prevention Cheat Sheet, "Signed Double-Submit Cookie".
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from html import escape
from typing import Any, Mapping, Optional, Union

from fenrir_core import Connection, current_connection
from fenrir_core.authoring import encode_header, format_cookie

FIELD, HEADER = "csrf_token", "x-csrf-token"
#: Bytes of a secret; its text has no padding.
_SIZE = 24
_REMEDY = "Set `security_key` (FENRIR_SECURITY_KEY) to a long random text, or the app's secret_key."


class Tokens:
    """What signs and checks the tokens of an app.

    Args:
        app: The app.
        settings: Its settings.
    """

    def __init__(self, app: Any, settings: Mapping[str, Any]) -> None:
        self._app, self._settings = app, settings

    def key(self) -> Optional[bytes]:
        """Return the key of signatures; None if none is set."""
        found: Union[str, bytes, None] = self._settings["security_key"]
        if not found:  # Flask's may be set at any time
            found = getattr(self._app, "secret_key", None) or self._settings.get("secret_key")
        return found.encode() if isinstance(found, str) else found or None

    def cookie_name(self, connection: Connection) -> str:
        """Return the name of the cookie; under TLS one that no other host and no plain request can set."""
        return "__Host-csrf" if is_tls(connection) else "csrf"

    def secret_of(self, connection: Connection) -> Optional[bytes]:
        """Return the secret in the client's cookie; None without a cookie that this app has signed."""
        secret, dot, signature = connection.cookies.get(self.cookie_name(connection), "").partition(".")
        key = self.key()
        if not dot or key is None or not hmac.compare_digest(self._sign(key, secret, connection), signature.encode()):
            return None
        return urlsafe_b64decode(secret)

    def cookie(self, connection: Connection, secret: bytes) -> str:
        """Return the value of the cookie for a secret.

        Raises:
            RuntimeError: There is no key.
        """
        key = self.key()
        if key is None:
            raise RuntimeError(f"There is no key to sign CSRF tokens with. {_REMEDY}")
        text = urlsafe_b64encode(secret).decode()
        return f"{text}.{self._sign(key, text, connection).decode()}"

    def _sign(self, key: bytes, secret: str, connection: Connection) -> bytes:
        name = self._settings["csrf_session_cookie"]
        session = connection.cookies.get(name, "") if name else ""
        content = f"fenrir-security csrf\n{secret}\n{session}".encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(hmac.new(key, content, hashlib.sha256).digest()).rstrip(b"=")


class Slot:
    """The token of one request: `connection.facade(Slot)`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._secret: Optional[bytes] = None
        #: The value of the cookie that the response sets; empty where the client keeps its own.
        self.value = ""

    def secret(self, tokens: Tokens) -> bytes:
        """Return the client's secret, a new one if it has none."""
        if self._secret is None:
            self._secret = tokens.secret_of(self._connection)
            if self._secret is None:
                self.renew(tokens)
            self._connection.on_response_start(_vary)
        return self._secret  # type: ignore[return-value]  # `renew` has set it

    def renew(self, tokens: Tokens) -> None:
        """Make a new secret, and send its cookie with the response.

        Raises:
            RuntimeError: There is no key, or the headers are sent already.
        """
        connection = self._connection
        if connection.started:
            raise RuntimeError(
                f"{connection.label}: the first CSRF token of a client needs a cookie, and the headers are sent "
                "already. Call csrf_token() before the response starts."
            )
        secret = secrets.token_bytes(_SIZE)
        value = tokens.cookie(connection, secret)
        if not self.value:
            connection.on_response_start(partial(_set_cookie, connection, tokens))
        self._secret, self.value = secret, value


def _set_cookie(connection: Connection, tokens: Tokens, response: Any) -> None:
    value = connection.facade(Slot).value
    name = tokens.cookie_name(connection)
    text = format_cookie(name, value, secure=is_tls(connection), httponly=True, samesite="lax")
    response.raw_headers.append(encode_header("set-cookie", text))


def _vary(response: Any) -> None:
    response.headers.add_vary("Cookie")


def masked(secret: bytes) -> str:
    """Return a token for a page: a random pad, and the secret in its disguise."""
    pad = secrets.token_bytes(_SIZE)
    return urlsafe_b64encode(pad + bytes(one ^ other for one, other in zip(secret, pad))).decode()


def is_token(token: object, secret: bytes) -> bool:
    """Return whether a client's token has the secret."""
    if not isinstance(token, str):
        return False
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except ValueError:  # no Base64, or no ASCII
        return False
    if len(raw) != 2 * _SIZE:
        return False
    return hmac.compare_digest(bytes(one ^ other for one, other in zip(raw[:_SIZE], raw[_SIZE:])), secret)


def is_tls(connection: Connection) -> bool:
    """Return whether the client's connection is encrypted, as the server or a trusted proxy says."""
    return connection.scheme in ("https", "wss")


class TokenStore:
    """What signs the tokens of an app: `app.store(TokenStore)`."""

    def __init__(self) -> None:
        self.tokens: Optional[Tokens] = None


def tokens_of(connection: Connection, name: str) -> Tokens:
    """Return what signs the tokens of the app that serves a connection.

    Raises:
        RuntimeError: CSRF protection is off in that app.
    """
    tokens = connection.app.store(TokenStore).tokens
    if tokens is None:
        raise RuntimeError(f"{name} needs CSRF protection, which is off in this app: set csrf=True or secure=True.")
    return tokens


class Markup(str):
    """HTML that template engines such as Jinja2 don't escape."""

    def __html__(self) -> str:
        """Return the HTML."""
        return self


def csrf_token() -> str:
    """Return a CSRF token of the current client, for a form's field ``csrf_token`` or the header ``X-CSRF-Token``.

    A client without one gets a cookie with the response. Each call returns another text; all are valid.

    Raises:
        NoRequest: The code runs outside a request.
        RuntimeError: CSRF protection is off, there is no key, or the response has started.
    """
    connection = current_connection("csrf_token()")
    return masked(connection.facade(Slot).secret(tokens_of(connection, "csrf_token()")))


def csrf_field() -> Markup:
    """Return the hidden field with `csrf_token`, as HTML that Jinja2 does not escape; raises as that does."""
    return Markup(f'<input type="hidden" name="{FIELD}" value="{escape(csrf_token())}">')
