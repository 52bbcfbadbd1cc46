"""Refusal of requests for other hosts."""

from __future__ import annotations

from typing import Optional, Sequence

from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, host_matches, sent_host

from ..datastructures import URL
from ..responses import PlainTextResponse, RedirectResponse

__all__ = ["TrustedHostMiddleware"]


class TrustedHostMiddleware:
    """Middleware that answers 400 where the `Host` header has none of the allowed hosts, or is invalid.

    Args:
        allowed_hosts: Hosts without port; ``"*.example.com"`` for subdomains (of any depth), ``"*"`` for all requests.
        www_redirect: Whether to redirect to ``www.`` and the host if only that is allowed.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Optional[Sequence[str]] = None, www_redirect: bool = True) -> None:
        hosts = ["*"] if allowed_hosts is None else list(allowed_hosts)
        for host in hosts:
            assert "*" not in host[1:] and (not host.startswith("*") or host == "*" or host.startswith("*.")), (
                "Domain wildcard patterns must be like '*.example.com'."
            )
        self.app, self.allowed_hosts, self.www_redirect = app, hosts, www_redirect
        self.allow_any = "*" in hosts
        self._names = [host for host in hosts if not host.startswith("*")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if self.allow_any or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host = sent_host(scope) or ""
        if any(host_matches(host, known) for known in self.allowed_hosts):
            await self.app(scope, receive, send)
            return
        response: ASGIApp = PlainTextResponse("Invalid host header", 400)
        if self.www_redirect and any(host_matches(f"www.{host}", known) for known in self._names):
            url = URL(scope=scope)
            response = RedirectResponse(str(url.replace(netloc=f"www.{url.netloc}")))
        await response(scope, receive, send)
