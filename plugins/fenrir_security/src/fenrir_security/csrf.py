"""The guard against cross-site request forgery: a step before every handler that an unsafe request can reach.

Source: Fetch Metadata Request Headers, section 2.3 (`Sec-Fetch-Site`); RFC 6454, section 7 (`Origin`); RFC 9110,
section 9.2.1 (safe methods).
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, TypeVar
from urllib.parse import urlsplit

from fenrir_core import Build, Call, Connection, HTTPError, Request, Route, RouteHook
from fenrir_core.authoring import DEFAULT_PORTS, SAFE_METHODS, get_logger, parse_host, printable

from .marks import mark, mark_of
from .tokens import FIELD, HEADER, Tokens, TokenStore, is_tls, is_token

F = TypeVar("F", bound=Callable[..., Any])
logger = get_logger("fenrir.security")
_MARK = "__fenrir_csrf_exempt__"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: Credentials that browsers add by themselves (RFC 7617, 7616, 4559).
_AMBIENT = (b"basic", b"digest", b"negotiate", b"ntlm")
_BOTH = frozenset({"http", "websocket"})

_FOREIGN = "This request comes from another site, whose origin is not trusted."
_UNKNOWN = (
    f"This request says neither by Sec-Fetch-Site nor by Origin where it comes from, and has no CSRF token (field "
    f"{FIELD} or header {HEADER})."
)
_WRONG = "The CSRF token is not the one of this session. Load the page again."


class CSRFError(HTTPError):
    """Raised for a request that may be forged (403)."""

    status = 403

    def __init__(self, detail: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(None, detail, headers)


def csrf_exempt(function: F) -> F:
    """Mark a handler that other sites may call: a webhook whose sender proves itself.

    It works on functions and on methods of resources and views, above or below the decorator that registers them. The
    route option ``csrf=False`` does the same.

    Raises:
        BuildError: It is a class, or something else that can't be marked.
    """
    mark(function, _MARK, True, "csrf_exempt")
    return function


class Guard:
    """What refuses requests that may be forged.

    Args:
        settings: The app's settings.
        tokens: What checks tokens.
    """

    def __init__(self, settings: Mapping[str, Any], tokens: Tokens) -> None:
        self._tokens = tokens
        self._trusted = frozenset(origin.encode() for origin in settings["csrf_trusted_origins"])
        self._accepted = frozenset(
            [b"same-origin", b"none"] + [b"same-site"] * bool(settings["csrf_same_site"])  # none: typed by the user
        )

    async def check(self, connection: Connection) -> None:
        """Refuse a request that may be forged: a `before` step.

        Raises:
            CSRFError: It comes from another site, or does not say where it comes from.
        """
        scope = connection.scope
        is_websocket = scope["type"] == "websocket"
        if not is_websocket and scope["method"] in SAFE_METHODS:
            return
        site: Optional[bytes] = None
        origin: Optional[bytes] = None
        authorization: Optional[bytes] = None
        for name, value in scope["headers"]:
            if name == b"sec-fetch-site":
                site = value if site in (None, value) else b"contradictory"
            elif name == b"origin":
                origin = value if origin in (None, value) else b"contradictory"
            elif name == b"authorization":
                authorization = value
        if site in self._accepted or (authorization and _is_explicit(authorization)) or origin in self._trusted:
            return
        if site is None and origin is not None and origin == own_origin(connection):
            return
        if site is None and origin is None:
            if not is_websocket:  # every browser sends an origin with a WebSocket
                await self._check_token(connection)  # type: ignore[arg-type]  # no WebSocket is a Request
            return
        logger.info(
            "%s was refused: Sec-Fetch-Site is %s, Origin is %s, the app's own origin is %s. Behind a proxy that ends "
            "TLS, trust its headers (fenrir run --proxy-headers); trust another origin by csrf_trusted_origins.",
            connection.label,
            _shown(site),
            _shown(origin),
            _shown(own_origin(connection)),
        )
        raise CSRFError(_FOREIGN)

    async def _check_token(self, request: Request) -> None:
        secret = self._tokens.secret_of(request)
        sent: Any = request.headers.get(HEADER)
        if secret is not None and sent is None and request.content_type in _FORMS:
            if not request.is_loaded:
                await request.body()  # kept, so that a handler can still stream it
            sent = (await request.form()).get(FIELD)
        if secret is None or not is_token(sent, secret):
            logger.info("%s was refused: it has no Sec-Fetch-Site, no Origin and no valid CSRF token", request.label)
            raise CSRFError(_UNKNOWN if sent is None else _WRONG)


def _shown(value: Optional[bytes]) -> str:
    return "missing" if value is None else repr(printable(value.decode("latin-1")))


def _is_explicit(authorization: bytes) -> bool:
    """Return whether credentials are of a kind that browsers never add by themselves, such as ``Bearer``."""
    return authorization.strip().partition(b" ")[0].lower() not in _AMBIENT


def own_origin(connection: Connection) -> Optional[bytes]:
    """Return the origin of the app, as the client and trusted proxies say; None if the host is no host."""
    parsed = parse_host(connection.host)
    return None if parsed is None else _serialized("https" if is_tls(connection) else "http", *parsed).encode()


def _serialized(scheme: str, name: str, port: Optional[int]) -> str:
    host = f"[{name}]" if ":" in name else name.lower()
    return f"{scheme}://{host}" if port in (None, DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def read_origin(text: Any) -> str:
    """Return an origin as browsers send it.

    Raises:
        ValueError: It is none.
    """
    if isinstance(text, str):
        parts = urlsplit(text.strip())
        parsed = parse_host(parts.netloc)
        if parts.scheme in ("http", "https") and parsed is not None and not (parts.path or parts.query):
            return _serialized(parts.scheme, *parsed)
    raise ValueError(f"{text!r} is not an origin such as 'https://example.com' or 'http://localhost:3000'")


def route_hook(route: Route, build: Build) -> Optional[RouteHook]:
    """Return the guard of a route; None if only safe requests reach it, or it is exempt.

    Raises:
        BuildError: A method of a class is marked that has no effect on this route.
    """
    if route.fallback == 200 or (not route.is_websocket and SAFE_METHODS.issuperset(route.methods)):
        return None
    if route.option("csrf") is False or _is_listed(route, build):
        return None
    if mark_of(route, _MARK, "the exemption", "csrf"):
        return None
    store = build.app.store(TokenStore)
    if store.tokens is None:
        store.tokens = Tokens(build.app, build.settings)
    return RouteHook(
        "CSRF guard", Call(Guard(build.settings, store.tokens).check, "async"), order="outer", priority=110, kinds=_BOTH
    )


def _is_listed(route: Route, build: Build) -> bool:
    """Return whether the setting `csrf_exempt` names the route or its mount."""
    path = route.path if route.mount is None else route.mount.prefix
    return path in build.settings["csrf_exempt"]
