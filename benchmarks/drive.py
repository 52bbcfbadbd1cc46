"""Drivers of an app in this process: no socket, no client library, only the messages of the protocol."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple
from urllib.parse import unquote

from .cases import Answer, Case, EchoCase

Message = Dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
_STARTUP_SECONDS = 20.0


class Channel:
    """The server's side of one request: delivers the body once, then waits like a client that stays connected."""

    __slots__ = ("message",)

    def __init__(self, message: Message) -> None:
        self.message: Optional[Message] = message

    async def receive(self) -> Message:
        """Return the request body; after that, wait until cancelled."""
        message = self.message
        if message is None:
            await asyncio.get_running_loop().create_future()
        self.message = None
        return message  # type: ignore[return-value]


class Visitor:
    """The server's side of one WebSocket: delivers the messages, then waits like a client that stays connected."""

    __slots__ = ("messages",)

    def __init__(self, messages: List[Message]) -> None:
        self.messages = iter(messages)

    async def receive(self) -> Message:
        """Return the next message; after the last one, wait until cancelled."""
        for message in self.messages:
            return message
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


async def drop(message: Message) -> None:
    """Discard a message, like a server whose socket is never full."""


class ASGIDriver:
    """A driver that sends one case's request to an ASGI app repeatedly.

    Use it as an async context manager: the app's lifespan runs meanwhile. An app without
    lifespan (it raises) is served without, as servers do.
    """

    def __init__(self, app: Any, case: Case) -> None:
        self.app, self.case = app, case
        self._state: Dict[str, Any] = {}
        self._stop: asyncio.Event
        self._started: asyncio.Future[None]
        self._life: asyncio.Task[None]

    async def __aenter__(self) -> ASGIDriver:
        # COMPAT: Python 3.8 and 3.9 bind an event to the current loop, so it is made inside the running one
        self._stop = asyncio.Event()
        self._started = asyncio.get_running_loop().create_future()
        self._life = asyncio.ensure_future(self._live())
        await asyncio.wait_for(self._started, _STARTUP_SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.wait_for(self._life, _STARTUP_SECONDS)

    async def _live(self) -> None:
        asked = 0

        async def receive() -> Message:
            nonlocal asked
            asked += 1
            if asked == 1:
                return {"type": "lifespan.startup"}
            await self._stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                self._started.set_exception(RuntimeError(message.get("message") or "the app did not start"))
            elif message["type"] == "lifespan.startup.complete":
                self._started.set_result(None)

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self.app(scope, receive, send)
        except Exception:
            if self._started.done():
                raise
        if not self._started.done():
            self._started.set_result(None)

    def scope(self) -> Dict[str, Any]:
        """Return the scope of one request."""
        case = self.case
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": case.method,
            "scheme": "http",
            "path": case.path,
            "raw_path": case.path.encode("ascii"),
            "query_string": case.query,
            "root_path": "",
            "headers": list(case.headers),
            "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 8000),
            "state": dict(self._state),
        }

    def request(self) -> Message:
        """Return the only message that the client sends."""
        return {"type": "http.request", "body": self.case.body, "more_body": False}

    def receive(self) -> Receive:
        """Return the `receive` of one request."""
        return Channel(self.request()).receive

    async def answer(self) -> Answer:
        """Serve one request and return the whole response."""
        sent: List[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(self.scope(), self.receive(), send)
        return self._answer_of(sent)

    def _answer_of(self, sent: List[Message]) -> Answer:
        answer = Answer()
        for message in sent:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {
                    bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1")
                    for name, value in message["headers"]
                }
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")
        return answer

    async def batch(self, count: int) -> float:
        """Serve `count` requests one after the other; return the seconds that the app took.

        Scopes and channels are made before the clock starts, since they are the server's work.
        """
        calls: List[Tuple[Any, Receive]] = [(self.scope(), self.receive()) for _ in range(count)]
        app, send, clock = self.app, drop, self.case.clock
        began = clock()
        for scope, receive in calls:
            await app(scope, receive, send)
        return clock() - began


class EchoDriver(ASGIDriver):
    """A driver that opens one case's WebSocket to an ASGI app repeatedly."""

    case: EchoCase

    def scope(self) -> Dict[str, Any]:
        """Return the scope of one connection."""
        scope = {**super().scope(), "type": "websocket", "scheme": "ws", "subprotocols": [], "extensions": {}}
        del scope["method"]
        return scope

    def receive(self) -> Receive:
        """Return the `receive` of one connection."""
        texts = [{"type": "websocket.receive", "text": text} for text in self.case.messages]
        goodbye = {"type": "websocket.disconnect", "code": 1000}
        return Visitor([{"type": "websocket.connect"}, *texts, goodbye]).receive

    def _answer_of(self, sent: List[Message]) -> Answer:
        accepted = bool(sent) and sent[0]["type"] == "websocket.accept"
        texts = [message["text"] for message in sent if message["type"] == "websocket.send"]
        return Answer(101 if accepted else 403, {}, "\n".join(texts).encode())


class WSGIDriver:
    """A driver that sends one case's request to a WSGI app repeatedly; the counterpart of `ASGIDriver`."""

    def __init__(self, app: Any, case: Case) -> None:
        self.app, self.case = app, case

    async def __aenter__(self) -> WSGIDriver:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def _environ(self) -> Dict[str, Any]:
        case = self.case
        environ: Dict[str, Any] = {
            "REQUEST_METHOD": case.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(case.path),
            "QUERY_STRING": case.query.decode("ascii"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(case.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in case.headers:
            key = name.decode("ascii").upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = value.decode("latin-1")
        return environ

    async def answer(self) -> Answer:
        """Serve one request and return the whole response."""
        answer = Answer()

        def start(status: str, headers: List[Tuple[str, str]], exc_info: Any = None) -> None:
            answer.status = int(status.split(" ", 1)[0])
            answer.headers = {name.lower(): value for name, value in headers}

        chunks = self.app(self._environ(), start)
        answer.body = b"".join(chunks)
        _close(chunks)
        return answer

    async def batch(self, count: int) -> float:
        """Serve `count` requests one after the other; return the seconds that the app took."""
        environs = [self._environ() for _ in range(count)]
        app, clock = self.app, self.case.clock
        began = clock()
        for environ in environs:
            chunks = app(environ, _start)
            for _ in chunks:
                pass
            _close(chunks)
        return clock() - began


def _start(status: str, headers: List[Tuple[str, str]], exc_info: Any = None) -> None:
    return None


def _close(chunks: Any) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
