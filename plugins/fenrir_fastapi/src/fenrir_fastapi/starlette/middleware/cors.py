"""Cross-origin requests.

Source: WHATWG Fetch, "CORS protocol".
"""

from __future__ import annotations

import re
from typing import Dict, Optional, Sequence

from fenrir_core.authoring import ANY_METHODS, ASGIApp, Message, Receive, Scope, Send

from ..datastructures import Headers, MutableHeaders
from ..responses import PlainTextResponse

__all__ = ["CORSMiddleware"]

#: The methods that ``"*"`` stands for; browsers never send TRACE (Fetch, "forbidden method").
_METHODS = tuple(sorted(set(ANY_METHODS) - {"TRACE"}))
#: What the response to a preflight request varies by.
_PREFLIGHT = (
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
)
#: Header fields that any page may send (Fetch, "CORS-safelisted request-header").
_SAFE = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})


class CORSMiddleware:
    """Middleware that answers preflight requests and tells browsers which pages may read responses.

    Args:
        allow_origins: Origins, or ``"*"``; `allow_origin_regex` matches further ones.
        allow_methods, allow_headers: Methods and headers that a request may have, or ``"*"``.
        allow_credentials: Whether cookies may be sent.
        expose_headers: Response headers that pages may read.
        max_age: Seconds that a browser may cache the response to a preflight request.
        allow_private_network: Whether pages of the public network may send requests.
    """

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Sequence[str] = (),
        allow_methods: Sequence[str] = ("GET",),
        allow_headers: Sequence[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: Optional[str] = None,
        allow_private_network: bool = False,
        expose_headers: Sequence[str] = (),
        max_age: int = 600,
    ) -> None:
        self.app = app
        self.origins, self.regex = frozenset(allow_origins), allow_origin_regex and re.compile(allow_origin_regex)
        self.any_origin = "*" in self.origins
        self.methods = _METHODS if "*" in allow_methods else tuple(allow_methods)
        self.any_header = "*" in allow_headers
        self.headers = sorted(_SAFE | {name for name in allow_headers if name != "*"})
        self._known = frozenset(name.lower() for name in self.headers)
        self.credentials, self.private = allow_credentials, allow_private_network
        #: Whether the response varies by origin.
        self.varies = not self.any_origin or allow_credentials
        self.simple: Dict[str, str] = {}
        if self.any_origin:
            self.simple["access-control-allow-origin"] = "*"
        if allow_credentials:
            self.simple["access-control-allow-credentials"] = "true"
        if expose_headers:
            self.simple["access-control-expose-headers"] = ", ".join(expose_headers)
        self.max_age = max_age

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(raw=list(scope["headers"]))
        if "origin" in headers and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self.preflight_response(headers)(scope, receive, send)
        else:
            await self.simple_response(scope, receive, send, headers)

    def is_allowed_origin(self, origin: str) -> bool:
        """Return whether pages of an origin may send requests."""
        if self.any_origin or origin in self.origins:
            return True
        return bool(self.regex and self.regex.fullmatch(origin))

    def preflight_response(self, request_headers: Headers) -> PlainTextResponse:
        """Return the response to a preflight request."""
        found = {"vary": _PREFLIGHT, **self.simple, "access-control-allow-methods": ", ".join(self.methods)}
        found.pop("access-control-expose-headers", None)
        found["access-control-max-age"] = str(self.max_age)
        refused, origin = [], request_headers["origin"]
        if not self.is_allowed_origin(origin):
            refused.append("origin")
        elif self.varies:
            found["access-control-allow-origin"] = origin
        if request_headers["access-control-request-method"] not in self.methods:
            refused.append("method")
        asked = request_headers.get("access-control-request-headers")
        if self.any_header:
            if asked is not None:
                found["access-control-allow-headers"] = asked
        else:
            found["access-control-allow-headers"] = ", ".join(self.headers)
            if any(name.strip().lower() not in self._known for name in (asked or "").split(",") if name.strip()):
                refused.append("headers")
        if "access-control-request-private-network" in request_headers:
            if self.private:
                found["access-control-allow-private-network"] = "true"
            else:
                refused.append("private-network")
        if refused:
            return PlainTextResponse(f"Disallowed CORS {', '.join(refused)}", 400, found)
        return PlainTextResponse("OK", 200, found)

    async def simple_response(self, scope: Scope, receive: Receive, send: Send, request_headers: Headers) -> None:
        """Serve any other request."""

        async def with_headers(message: Message) -> None:
            await self.send(message, send, request_headers)

        await self.app(scope, receive, with_headers)

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """Send a message of the app, with the headers for its origin."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": list(message.get("headers") or ())}
            headers, origin = MutableHeaders(raw=message["headers"]), request_headers.get("origin")
            if origin is not None:
                headers.update(self.simple)
            if origin is not None and self.varies and self.is_allowed_origin(origin):
                self.allow_explicit_origin(headers, origin)
            else:  # also without an `Origin` header: a cache must not serve this response to a page of an origin
                headers.add_vary_header("Origin")
        await send(message)

    @staticmethod
    def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
        """Allow pages of one origin to read the response."""
        headers["access-control-allow-origin"] = origin
        headers.add_vary_header("Origin")
