"""What a proxy in front changes: the address of the client, and the path of the app.

Each server does this in its own way, so it is done here, the same for all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

from fenrir_core import App
from fenrir_core.authoring import LIMITS, parse_host, require_host, sent_host

from .addresses import Trusted, address_of
from .options import ServeOptions

#: The default of --trusted-proxy: proxies on this machine.
LOCAL = ("127.0.0.1", "::1")
#: Bytes that stand for no limit of a head, and of a message.
_LARGE, _HUGE = 8 * 1024 * 1024, 1 << 40


def at_the_edge(app: Any, options: ServeOptions) -> Any:
    """Return an ASGI app wrapped as the options ask, or as it is if they ask for nothing."""
    prefix = options.root_path.strip("/")
    if prefix:
        app = _BelowPath(app, f"/{prefix}")
    if options.proxy_headers:
        app = _BehindProxy(app, options.trusted_proxies or LOCAL)
    return app


def requiring_hosts(app: Any) -> Any:
    """Return an app that refuses requests by HTTP/1.1 without `Host` (RFC 9112, section 3.2)."""
    if isinstance(app, App):
        require_host(app)  # it looks at the header itself
        return app
    return _RequiringHosts(app)


def with_limits(app: Any, options: ServeOptions) -> ServeOptions:
    """Return the options with the limits of an app that a server applies itself.

    A head has the request line and names, too; what is over the app's own limit but not over this gets its response.
    """
    values: Dict[str, Any] = {limit.name: limit.default for limit in LIMITS}
    if isinstance(app, App):
        values.update((name, app.settings[name]) for name in values)
    headers, message = values["max_header_size"], values["max_websocket_message"]
    return replace(
        options,
        max_head=2 * (_LARGE if headers is None else headers) + 16 * 1024,
        max_message=_HUGE if message is None else message,
    )


async def refuse(send: Any, status: int) -> None:
    """Send a response without a body, and end the connection."""
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


class _RequiringHosts:
    """Middleware that refuses requests whose `Host` is missing or invalid, for apps that are not Fenrir's."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Serve a connection (ASGI 3.0)."""
        if scope["type"] == "http" and sent_host(scope) is None:
            if scope["http_version"] == "1.1" or any(name == b"host" for name, _ in scope["headers"]):
                return refuse(send, 400)
        return self._app(scope, receive, send)


class RefusingAmbiguousLengths:
    """Middleware that refuses requests with both `Content-Length` and `Transfer-Encoding`, and ends their connection.

    Source: RFC 9112, section 6.1.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a connection (ASGI 3.0)."""
        names = {name for name, _ in scope["headers"]} if scope["type"] == "http" else ()
        if b"content-length" not in names or b"transfer-encoding" not in names:
            await self._app(scope, receive, send)
            return
        await refuse(send, 400)


class _BelowPath:
    """Middleware that sets the app's `root_path`, whether the proxy strips that path or leaves it on.

    Source: ASGI 3.0, "HTTP connection scope": `path` is the full path, `root_path` included.
    """

    def __init__(self, app: Any, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        if scope["type"] != "lifespan":
            scope = dict(scope, root_path=self._prefix)
            path, raw = scope["path"], scope.get("raw_path")
            if not (path + "/").startswith(self._prefix + "/"):
                scope["path"] = self._prefix + path
                if raw is not None:
                    scope["raw_path"] = self._prefix.encode("utf-8") + raw
        return self._app(scope, receive, send)


class _BehindProxy:
    """Middleware that takes `X-Forwarded-For`, `-Proto` and `-Host` from trusted proxies."""

    def __init__(self, app: Any, trusted: Sequence[str]) -> None:
        self._app, self._trusted = app, Trusted(trusted)

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        if scope["type"] != "lifespan" and self._is_trusted(scope.get("client")):
            scope = self._seen_through(scope)
        return self._app(scope, receive, send)

    def _is_trusted(self, client: Optional[Tuple[str, int]]) -> bool:
        # a Unix socket has no address: the file's permissions decide which processes may connect
        return not client or not client[0] or address_of(client[0]) in self._trusted

    def _seen_through(self, scope: Any) -> Any:
        given: Dict[bytes, List[str]] = {}
        for name, value in scope["headers"]:
            if name.startswith(b"x-forwarded-"):
                words = [word.strip() for word in value.decode("latin-1").split(",")]
                given.setdefault(name, []).extend(word for word in words if word)
        changed: Dict[str, Any] = {}
        # each proxy appends the address it saw, so the last one that is no trusted proxy is the client
        for text in reversed(given.get(b"x-forwarded-for", ())):
            address = address_of(text)
            if address is None:
                break  # what is before it was appended by whoever wrote that
            changed["client"] = (str(address), 0)
            if address not in self._trusted:
                break
        protocols = given.get(b"x-forwarded-proto")
        if protocols and protocols[-1].lower() in ("http", "https", "ws", "wss"):
            secure = protocols[-1].lower() in ("https", "wss")
            plain = "ws" if scope["type"] == "websocket" else "http"
            changed["scheme"] = plain + "s" * secure
        hosts = given.get(b"x-forwarded-host")
        if hosts and parse_host(hosts[-1]) is not None:
            others_headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            changed["headers"] = [(b"host", hosts[-1].encode("latin-1")), *others_headers]
        return {**scope, **changed}
