"""Sessions in a signed cookie, which Starlette reads and writes alike."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any, Dict, Optional, Union

from itsdangerous import BadSignature, TimestampSigner

from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

from ..datastructures import MutableHeaders, Secret
from ..requests import HTTPConnection
from ..types import Values

__all__ = ["Session", "SessionMiddleware"]


class Session(Dict[str, Any]):
    """The values of a session.

    Attributes:
        accessed: Whether it was looked at, so that the response depends on the cookie.
        modified: Whether it was changed, so that the cookie must be sent.
    """

    accessed = False
    modified = False

    def mark_accessed(self) -> None:
        """Note that the session was looked at."""
        self.accessed = True

    def mark_modified(self) -> None:
        """Note that the session was changed."""
        self.accessed = self.modified = True

    def __setitem__(self, key: str, value: object) -> None:
        self.mark_modified()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.mark_modified()
        super().__delitem__(key)

    def clear(self) -> None:
        """Remove everything."""
        self.mark_modified()
        super().clear()

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a key and return its value, or the default."""
        if key in self:
            self.mark_modified()
        return super().pop(key, *default)

    def popitem(self) -> Any:
        """Remove the last key and return it with its value."""
        self.mark_modified()
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, which is set to `default` if it is missing."""
        if key not in self:
            self.mark_modified()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set the keys of a mapping or of pairs."""
        self.mark_modified()
        super().update(*args, **kwargs)

    def __ior__(self, other: Any) -> Session:  # type: ignore[override,misc,unused-ignore]  # not in typeshed's 3.8
        self.update(other)
        return self


class SessionMiddleware:
    """Middleware that keeps `request.session`, a dict of JSON values, in a signed cookie.

    The client can read the session but not change it. The cookie is Starlette's own: nobody is logged out when an
    app moves. It is sent only where the session was changed, and `Vary: Cookie` where it was looked at.

    Args:
        secret_key: Signs the cookie.
        session_cookie: The cookie's name.
        max_age: Seconds until it expires; None for the browser's session.
        path, same_site, https_only, domain, partitioned: The cookie's attributes.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: Union[str, Secret],
        session_cookie: str = "session",
        max_age: Optional[int] = 14 * 24 * 60 * 60,
        path: str = "/",
        same_site: str = "lax",
        https_only: bool = False,
        domain: Optional[str] = None,
        partitioned: bool = False,
    ) -> None:
        self.app, self.session_cookie, self.max_age, self.path = app, session_cookie, max_age, path
        self.signer = TimestampSigner(str(secret_key))
        flags = ["httponly", f"samesite={same_site}"]
        flags += ["secure"] * https_only
        flags += [] if domain is None else [f"domain={domain}"]
        flags += ["partitioned"] * partitioned
        self.security_flags = "; ".join(flags)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        found = self._read(HTTPConnection(scope).cookies.get(self.session_cookie))
        scope["session"] = Session(found or {})
        was_empty, before = found is None, json.dumps(found)

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                session = scope["session"]
                headers = MutableHeaders(scope=message)
                if getattr(session, "accessed", True):
                    headers.add_vary_header("Cookie")
                    if session and json.dumps(session) != before:  # also where a value in it was changed in place
                        headers.append("set-cookie", self._cookie(self._write(session), self._age()))
                    elif not session and not was_empty:
                        expired = "expires=Thu, 01 Jan 1970 00:00:00 GMT; "
                        headers.append("set-cookie", self._cookie("null", expired))
            await send(message)

        await self.app(scope, receive, with_cookie)

    def _age(self) -> str:
        return "" if self.max_age is None else f"Max-Age={self.max_age}; "

    def _cookie(self, value: str, expiry: str) -> str:
        return f"{self.session_cookie}={value}; path={self.path}; {expiry}{self.security_flags}"

    def _write(self, session: Values) -> str:
        return self.signer.sign(b64encode(json.dumps(session).encode())).decode()

    def _read(self, value: Optional[str]) -> Optional[Values]:
        """Return the values of a cookie; None without a valid one."""
        if value is None:
            return None
        try:
            found = json.loads(b64decode(self.signer.unsign(value.encode(), max_age=self.max_age)))
        except (BadSignature, ValueError):
            return None
        return found if isinstance(found, dict) else None
