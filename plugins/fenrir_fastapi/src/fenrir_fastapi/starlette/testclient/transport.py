"""The transport that hands httpx's requests to an ASGI app."""

from __future__ import annotations

from io import BytesIO
from typing import List, Optional, Tuple
from urllib.parse import unquote

import anyio
import httpx

from fenrir_core.authoring import DEFAULT_PORTS, Message

from ..types import Values
from .driving import ASGI, Driver


class Upgrade(Exception):
    """Raised instead of a response: the request is a WebSocket's."""

    def __init__(self, scope: Values, errors: List[BaseException]) -> None:
        self.scope, self.errors = scope, errors


class Transport(httpx.BaseTransport):
    """An httpx transport that calls the app and collects its responses."""

    def __init__(self, client: Driver, raise_errors: bool, root_path: str, peer: Tuple[str, int]) -> None:
        self.client, self.raise_errors, self.root_path, self.peer = client, raise_errors, root_path, peer

    def scope(self, request: httpx.Request, kind: str, errors: List[BaseException]) -> Values:
        """Return the ASGI scope of a request."""
        url = request.url
        raw = url.raw_path.split(b"?", 1)[0]
        port = url.port or DEFAULT_PORTS.get(url.scheme, 80)
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        if not any(name == b"host" for name, _ in headers):
            headers.insert(0, (b"host", url.netloc))
        return {
            "type": kind,
            "asgi": dict(ASGI),
            "http_version": "1.1",
            "scheme": url.scheme,
            "path": unquote(raw.decode("ascii")),
            "raw_path": raw,
            "root_path": self.root_path,
            "query_string": url.query,
            "headers": headers,
            "client": self.peer,
            "server": (url.host, port),
            "state": dict(self.client.app_state),
            "extensions": self.client.extensions(errors),
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Serve one request."""
        errors: List[BaseException] = []
        if request.url.scheme in ("ws", "wss"):
            scope = self.scope(request, "websocket", errors)
            offered = request.headers.get("sec-websocket-protocol")
            scope["subprotocols"] = [] if offered is None else [name.strip() for name in offered.split(",")]
            raise Upgrade(scope, errors)
        scope = self.scope(request, "http", errors)
        scope["method"] = request.method
        exchange = _Exchange(request)
        try:
            with self.client.portal_factory() as portal:
                exchange.complete = portal.call(anyio.Event)
                portal.call(self.client.app, scope, exchange.receive, exchange.send)
        except BaseException as error:
            if self.raise_errors:
                if errors and isinstance(error, Exception):
                    raise errors[0] from None
                raise
        if self.raise_errors and errors:
            raise errors[0]
        if exchange.status is None:
            assert not self.raise_errors, "TestClient did not receive any response."
            return httpx.Response(500, request=request)
        return exchange.response()


class _Exchange:
    """The client's side of one request."""

    #: Set when the response is complete; made in the event loop.
    complete: anyio.Event

    def __init__(self, request: httpx.Request) -> None:
        self.request = request
        self._sent = False
        self.status: Optional[int] = None
        self.headers: List[Tuple[bytes, bytes]] = []
        self.body = BytesIO()
        self.debug: Values = {}

    async def receive(self) -> Message:
        """Return the body, then, when the response is complete, the disconnect."""
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": self.request.read()}
        if not self.complete.is_set():
            await self.complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Handle a message of the app."""
        kind = message["type"]
        if kind == "http.response.start":
            assert self.status is None, 'Received multiple "http.response.start" messages.'
            self.status = message["status"]
            self.headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif kind == "http.response.body":
            assert self.status is not None, 'Received "http.response.body" without "http.response.start".'
            assert not self.complete.is_set(), 'Received "http.response.body" after response completed.'
            if self.request.method != "HEAD":
                self.body.write(message.get("body", b""))
            if not message.get("more_body", False):
                self.complete.set()
        elif kind == "http.response.debug":
            self.debug = message["info"]

    def response(self) -> httpx.Response:
        """Return the response; that of a template has the attributes `template` and `context`."""
        assert self.status is not None
        stream = httpx.ByteStream(self.body.getvalue())
        found = httpx.Response(self.status, headers=self.headers, stream=stream, request=self.request)
        for name, value in self.debug.items():
            setattr(found, name, value)
        return found
