"""How a case is sent: to the app in process, and to a server as bytes."""

from __future__ import annotations

import asyncio
import http.client
import socket
from typing import Any, List, Optional, Tuple
from urllib.parse import unquote

from tests.asgi import Exchange, Server

from .cases import Case, Got


class InProcess:
    """The app, started, in an event loop of its own."""

    def __init__(self, app: Any) -> None:
        self.app, self.loop = app, asyncio.new_event_loop()
        self.life: Any = self.loop.run_until_complete(self._start())

    async def _start(self) -> Server:
        life = Server(self.app)
        assert (await life.startup())["type"] == "lifespan.startup.complete"
        return life

    def send(self, case: Case) -> Got:
        """Send a case; an exception that gets out of the app is raised."""
        return self.loop.run_until_complete(self._send(case))

    async def _send(self, case: Case) -> Got:
        path, _, query = case.target.partition(b"?")
        headers = [(b"host", b"testserver"), *(raw(pair) for pair in case.headers)]
        if case.body:
            headers.append((b"content-length", str(len(case.body)).encode()))
        exchange = Exchange(
            self.app,
            case.method,
            scope={
                "path": unquote(path.decode("latin-1")),
                "raw_path": path,
                "query_string": query,
                "headers": [(name.lower(), value) for name, value in headers],
                "state": dict(self.life.state),
            },
        )
        exchange.feed(case.body)
        answer = await exchange.finish()
        return Got(answer.status, [(n.decode(), v.decode("latin-1")) for n, v in answer.headers.raw], answer.body)

    def close(self) -> None:
        """Stop the app."""
        self.loop.run_until_complete(self.life.shutdown())
        self.loop.close()


class OnServer:
    """A connection to a server, opened again when it was closed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: Optional[socket.socket] = None

    def send(self, case: Case) -> Got:
        """Send a case."""
        for attempt in range(2):
            if self.socket is None:
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=20)
            try:
                self.socket.sendall(wire(case))
                return self._read(case)
            except (OSError, http.client.HTTPException):
                self.close()  # the server may have closed it after its last answer
                if attempt:
                    raise
        raise AssertionError("not reached")

    def _read(self, case: Case) -> Got:
        assert self.socket is not None
        response = http.client.HTTPResponse(self.socket, method=case.method)
        try:
            response.begin()
            body = response.read()
            headers = list(response.getheaders())
            if response.will_close:
                self.close()
            return Got(response.status, headers, body)
        finally:
            response.close()

    def close(self) -> None:
        """Close the connection."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def raw(pair: Tuple[Any, Any]) -> Tuple[bytes, bytes]:
    """Return a header as bytes; text is UTF-8, as clients send it."""
    name, value = pair
    return name.encode(), value if isinstance(value, bytes) else value.encode()


def wire(case: Case) -> bytes:
    """Return a request as it is sent."""
    lines: List[bytes] = [case.method.encode() + b" " + case.target + b" HTTP/1.1", b"Host: testserver"]
    lines += [name + b": " + value for name, value in map(raw, case.headers)]
    if case.body or case.method in ("POST", "PUT", "PATCH"):
        lines.append(b"Content-Length: %d" % len(case.body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + case.body
