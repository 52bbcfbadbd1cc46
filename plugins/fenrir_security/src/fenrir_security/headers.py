"""Security headers: the preset, and the middleware that adds them and secures cookies.

It is middleware, so that it has the last word over every answer: of routes, mounted apps, error handlers, other
middleware.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Awaitable, List, Mapping, Optional, Sequence, Tuple, Union

from fenrir_core import current_connection
from fenrir_core.authoring import CSP_NONCE, ASGIApp, Message, RawHeaders, Receive, Scope, Send, encode_header

#: Stands in a policy for the nonce of the response; a page without nonces is sent the policy without it.
NONCE = "{nonce}"
#: The policy of the preset, besides `frame-ancestors`: what the app serves itself, and inline what has the nonce.
DEFAULT_POLICY = (
    f"default-src 'self'; script-src 'self' {NONCE}; style-src 'self' {NONCE}; img-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
_STARTS = ("http.response.start", "websocket.http.response.start")
_COOKIES_START = (*_STARTS, "websocket.accept")
_YEAR = 365 * 24 * 60 * 60
_POLICY = b"content-security-policy"


@dataclass(frozen=True)
class SecurityHeaders:
    """The headers that every response gets, unless it has them; the value of the setting `security_headers`.

    Args:
        content_type_options: Whether to send ``X-Content-Type-Options: nosniff``.
        referrer_policy: `Referrer-Policy`; None for none.
        frames: Who may show the app in a frame: ``"none"``, ``"self"``, or origins; None says nothing. Sent as
            ``frame-ancestors``, and as `X-Frame-Options` for old browsers where that can say it.
        hsts: Seconds for which browsers must use https, sent under TLS only; None for none.
        hsts_subdomains: Whether subdomains must, too.
        hsts_preload: Whether browsers may list the host (needs `hsts_subdomains`).
        opener_policy: `Cross-Origin-Opener-Policy`; None for none.
        permissions_policy: `Permissions-Policy`, as in ``camera=(), geolocation=()``; None for none.
        csp: `Content-Security-Policy`: text, or sources by directive; ``{nonce}`` stands for the response's nonce. None
            for `frame-ancestors` alone.
        csp_report_only: Whether browsers only report what the policy would forbid.

    Raises:
        ValueError: Two values contradict each other, or one can't be sent.
    """

    content_type_options: bool = True
    referrer_policy: Optional[str] = "strict-origin-when-cross-origin"
    frames: Union[str, Sequence[str], None] = "none"
    hsts: Optional[int] = _YEAR
    hsts_subdomains: bool = False
    hsts_preload: bool = False
    opener_policy: Optional[str] = "same-origin"
    permissions_policy: Optional[str] = None
    csp: Union[str, Mapping[str, Sequence[str]], None] = DEFAULT_POLICY
    csp_report_only: bool = False

    def __post_init__(self) -> None:
        if self.hsts_preload and (not self.hsts_subdomains or (self.hsts or 0) < _YEAR):
            raise ValueError("hsts_preload needs hsts_subdomains and an hsts of a year (31536000) or more")
        for name, value in [*self.plain(), *self.under_tls(), ("content-security-policy", self.policy())]:
            encode_header(name, value or "")

    def plain(self) -> List[Tuple[str, str]]:
        """Return the headers of every response, besides the policy."""
        found = [("x-content-type-options", "nosniff")] if self.content_type_options else []
        given = (
            ("referrer-policy", self.referrer_policy),
            ("x-frame-options", {"none": "DENY", "self": "SAMEORIGIN"}.get(str(self.frames))),
            ("cross-origin-opener-policy", self.opener_policy),
            ("permissions-policy", self.permissions_policy),
        )
        return found + [(name, value) for name, value in given if value is not None]

    def under_tls(self) -> List[Tuple[str, str]]:
        """Return the further headers of responses under TLS."""
        if self.hsts is None:
            return []
        subdomains, preload = "; includeSubDomains" * self.hsts_subdomains, "; preload" * self.hsts_preload
        return [("strict-transport-security", f"max-age={self.hsts}{subdomains}{preload}")]

    @property
    def has_nonce(self) -> bool:
        """Whether the policy names a nonce."""
        return NONCE in (self.policy() or "")

    def policy(self) -> Optional[str]:
        """Return the content security policy with its placeholders; None for none."""
        text = self.csp if isinstance(self.csp, str) or self.csp is None else _joined(self.csp)
        parts = [] if text is None else [text.strip().rstrip(";")]
        if self.frames is not None and "frame-ancestors" not in (text or ""):
            ancestors = f"'{self.frames}'" if isinstance(self.frames, str) else " ".join(self.frames)
            parts.append(f"frame-ancestors {ancestors}")
        return "; ".join(parts) or None


def _joined(directives: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{name} {' '.join([of] if isinstance(of, str) else of)}" for name, of in directives.items())


class Nonce:
    """The nonce of one response, made at its first use.

    Args:
        is_named: Whether the app's own policy names it.
    """

    __slots__ = ("is_named", "is_sent", "value")

    def __init__(self, is_named: bool) -> None:
        self.is_named, self.is_sent, self.value = is_named, False, ""

    def __call__(self) -> str:
        """Return the nonce."""
        if not self.value:
            self.value = secrets.token_urlsafe(16)
        return self.value


class SecurityMiddleware:
    """Middleware that adds security headers, and `Secure` to cookies under TLS.

    Args:
        app: The ASGI app.
        headers: The headers; None for none.
        secures_cookies: Whether cookies under TLS get `Secure`.
    """

    def __init__(self, app: ASGIApp, headers: Optional[SecurityHeaders], secures_cookies: bool) -> None:
        self.app, self._secures_cookies = app, secures_cookies
        self._plain = [] if headers is None else _encoded(headers.plain())
        self._tls = [] if headers is None else self._plain + _encoded(headers.under_tls())
        self._names = frozenset(name for name, _ in self._tls)
        policy = None if headers is None else headers.policy()
        reports = headers is not None and headers.csp_report_only
        self._policy_name = _POLICY + (b"-report-only" if reports else b"")
        self._policy = None if policy is None else policy.encode("latin-1")
        #: The policy of a page without nonces.
        self._bare = b"" if policy is None else _without_nonce(policy).encode("latin-1")
        self._adds = headers is not None
        self._has_nonce = headers is not None and headers.has_nonce

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return the coroutine that serves a connection."""
        is_tls = scope.get("scheme") in ("https", "wss")
        if scope["type"] not in ("http", "websocket") or not (self._adds or is_tls):
            return self.app(scope, receive, send)
        nonce: Optional[Nonce] = None
        if self._adds:
            nonce = scope[CSP_NONCE] = Nonce(self._has_nonce)

        def send_secured(message: Message) -> Awaitable[None]:
            kind = message["type"]
            if kind in _COOKIES_START:
                headers: RawHeaders = list(message.get("headers", ()))
                if is_tls and self._secures_cookies:
                    headers = [_secured(pair) if pair[0] == b"set-cookie" else pair for pair in headers]
                if kind in _STARTS and self._adds:
                    self._add(headers, is_tls, nonce)
                message = {**message, "headers": headers}
            return send(message)

        return self.app(scope, receive, send_secured)

    def _add(self, headers: RawHeaders, is_tls: bool, nonce: Optional[Nonce]) -> None:
        """Add the headers that a response does not have."""
        present = {name for name, _ in headers}
        added = self._tls if is_tls else self._plain
        headers += added if present.isdisjoint(self._names) else [pair for pair in added if pair[0] not in present]
        if self._policy is not None and self._policy_name not in present:
            headers.append((self._policy_name, self._policy_with(nonce)))

    def _policy_with(self, nonce: Optional[Nonce]) -> bytes:
        assert self._policy is not None
        if nonce is None or not self._has_nonce:
            return self._bare
        nonce.is_sent = True
        if not nonce.value:
            return self._bare
        return self._policy.replace(NONCE.encode(), f"'nonce-{nonce.value}'".encode())


def _encoded(pairs: List[Tuple[str, str]]) -> RawHeaders:
    return [encode_header(name, value) for name, value in pairs]


def _without_nonce(policy: str) -> str:
    return policy.replace(f" {NONCE}", "").replace(NONCE, "")


def _secured(pair: Tuple[bytes, bytes]) -> Tuple[bytes, bytes]:
    """Return the header of a cookie with the attribute `Secure`."""
    name, value = pair
    if any(part.strip().lower() == b"secure" for part in value.split(b";")[1:]):
        return pair
    return name, value + b"; Secure"


def csp_nonce() -> str:
    """Return the nonce of the current response, for ``<script nonce="…">`` and ``<style nonce="…">``.

    All calls in one request return the same text, which the response's `Content-Security-Policy` names.

    Raises:
        NoRequest: The code runs outside a request.
        RuntimeError: The app sends no policy with a nonce, or has sent it already without one.
    """
    connection = current_connection("csp_nonce()")
    nonce: Any = connection.scope.get(CSP_NONCE)
    if nonce is None or not nonce.is_named:
        raise RuntimeError(
            "csp_nonce() needs a policy with {nonce}, and this app sends none: set security_headers=True or "
            "secure=True."
        )
    if nonce.is_sent and not nonce.value:
        raise RuntimeError(
            f"{connection.label}: the headers, with a policy without a nonce, are sent already. Call csp_nonce() "
            "before the response starts."
        )
    return str(nonce())
