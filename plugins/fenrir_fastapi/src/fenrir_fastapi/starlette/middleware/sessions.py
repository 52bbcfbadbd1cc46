"""Sessions in a signed cookie."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Dict, Optional

from fenrir_core import Headers, MutableHeaders
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send, format_cookie, parse_cookies

__all__ = ["SessionMiddleware"]


class SessionMiddleware:
    """Middleware that keeps `request.session`, a dict of JSON values, in a signed cookie.

    The client can read the session but not change it.

    Args:
        secret_key: Signs the cookie.
        session_cookie: The cookie's name.
        max_age: Seconds until it expires; None for the browser's session.
        path, same_site, https_only, domain: The cookie's attributes.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: Any,
        session_cookie: str = "session",
        max_age: Optional[int] = 14 * 24 * 60 * 60,
        path: str = "/",
        same_site: str = "lax",
        https_only: bool = False,
        domain: Optional[str] = None,
    ) -> None:
        self.app, self.name, self.max_age = app, session_cookie, max_age
        self._key = hashlib.sha256(b"fenrir session" + str(secret_key).encode()).digest()
        self._attributes: Dict[str, Any] = {
            "path": path, "domain": domain, "secure": https_only, "samesite": same_site, "httponly": True,
        }  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        cookies = parse_cookies("; ".join(Headers(raw=scope["headers"]).getlist("cookie")))
        found = self._read(cookies.get(self.name))
        scope["session"] = dict(found)
        had = bool(found)

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                session = scope["session"]
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                if session:
                    headers.add("set-cookie", self._cookie(self._write(session), self.max_age))
                elif had:
                    headers.add("set-cookie", self._cookie("null", 0))
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, with_cookie)

    def _cookie(self, value: str, max_age: Optional[int]) -> str:
        return format_cookie(self.name, value, max_age=max_age, **self._attributes)

    def _sign(self, text: str) -> str:
        return urlsafe_b64encode(hmac.new(self._key, text.encode(), hashlib.sha256).digest()).decode().rstrip("=")

    def _write(self, session: Dict[str, Any]) -> str:
        data = urlsafe_b64encode(json.dumps(session, separators=(",", ":")).encode()).decode().rstrip("=")
        text = f"{data}.{int(time.time())}"
        return f"{text}.{self._sign(text)}"

    def _read(self, value: Optional[str]) -> Dict[str, Any]:
        text, _, signature = (value or "").rpartition(".")
        if not text or not hmac.compare_digest(signature.encode(), self._sign(text).encode()):
            return {}
        data, _, stamp = text.rpartition(".")
        if self.max_age is not None and int(stamp) + self.max_age < time.time():
            return {}
        found = json.loads(urlsafe_b64decode(data + "=" * (-len(data) % 4)))
        return found if isinstance(found, dict) else {}
