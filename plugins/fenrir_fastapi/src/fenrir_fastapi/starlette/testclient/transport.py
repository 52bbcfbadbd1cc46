"""The transport that hands httpx's requests to an ASGI app."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import unquote

import httpx

from fenrir_core.authoring import DEFAULT_PORTS, Message

from .event_loop import ASGI, Driver


class Transport(httpx.BaseTransport):
    """An httpx transport that calls the app and collects its responses."""

    def __init__(self, client: Driver, raise_errors: bool, root_path: str, peer: Tuple[str, int]) -> None:
        self.client, self.raise_errors, self.root_path, self.peer = client, raise_errors, root_path, peer

    def scope(self, request: httpx.Request, kind: str, errors: List[BaseException]) -> Dict[str, Any]:
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
        exchange = _Exchange(request.read())
        scope = self.scope(request, "http", errors)
        scope["method"] = request.method
        try:
            self.client.run(self.client.app(scope, exchange.receive, exchange.send))
        except Exception as error:
            errors.insert(0, error)
        if self.raise_errors and errors:
            raise errors[0]
        if exchange.status is None:
            if self.raise_errors:
                raise AssertionError("The app ended without a response.")
            return httpx.Response(500, request=request)
        return httpx.Response(
            exchange.status, headers=exchange.headers, stream=httpx.ByteStream(exchange.body), request=request
        )


class _Exchange:
    """The client's side of one request."""

    def __init__(self, body: bytes) -> None:
        self._body: Optional[bytes] = body
        self._complete: Optional[asyncio.Event] = None  # made in the loop's thread: Python 3.8 binds it to the loop
        self._ended = False
        self.status: Optional[int] = None
        self.headers: List[Tuple[bytes, bytes]] = []
        self.body = b""

    async def receive(self) -> Message:
        """Return the body, then, when the response is complete, the disconnect."""
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        if not self._ended:
            self._complete = self._complete or asyncio.Event()
            await self._complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Handle a message of the app."""
        if message["type"] == "http.response.start":
            assert self.status is None, "The app started its response twice."
            self.status = message["status"]
            self.headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            assert self.status is not None, "The app sent a body before the status and headers."
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                self._ended = True
                if self._complete is not None:
                    self._complete.set()
