"""A synchronous client for tests, on httpx: requests, WebSockets, and the app's lifespan as a context manager."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Coroutine, Dict, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union
from urllib.parse import unquote

from fenrir_core import FenrirError, WebSocketDisconnect
from fenrir_core.authoring import ASGIApp, Message

try:
    import httpx
except ImportError as error:  # pragma: no cover - what the message says
    raise ImportError("The test client needs httpx: install it with `pip install httpx`.") from error

T = TypeVar("T")
_ASGI = {"version": "3.0", "spec_version": "2.4"}
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}

__all__ = ["TestClient", "WebSocketDenialResponse", "WebSocketTestSession"]


class _EventLoop:
    """Run an event loop in a thread of its own, so that synchronous code can wait for what runs there."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="test client", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine in the caller's context."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and give its result."""
        return self.start(work).result()

    async def _cancel_rest(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.loop.shutdown_asyncgens()

    def close(self) -> None:
        """Cancel what still runs and end the thread."""
        try:
            self.call(self._cancel_rest())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()


class _Transport(httpx.BaseTransport):
    """Hand httpx's requests to the app and collect its answers."""

    def __init__(self, client: TestClient, raise_errors: bool, root_path: str, peer: Tuple[str, int]) -> None:
        self.client, self.raise_errors, self.root_path, self.peer = client, raise_errors, root_path, peer

    def scope(self, request: httpx.Request, kind: str, errors: List[BaseException]) -> Dict[str, Any]:
        """Make the ASGI scope of a request."""
        url = request.url
        raw = url.raw_path.split(b"?", 1)[0]
        port = url.port or _PORTS.get(url.scheme, 80)
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        if not any(name == b"host" for name, _ in headers):
            headers.insert(0, (b"host", url.netloc))
        return {
            "type": kind,
            "asgi": dict(_ASGI),
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
                raise AssertionError("The app ended without an answer.")
            return httpx.Response(500, request=request)
        return httpx.Response(
            exchange.status, headers=exchange.headers, stream=httpx.ByteStream(exchange.body), request=request
        )


class _Exchange:
    """The client's end of one request."""

    def __init__(self, body: bytes) -> None:
        self._body: Optional[bytes] = body
        self._complete: Optional[asyncio.Event] = None  # made where the loop runs: Python 3.8 binds it there
        self._ended = False
        self.status: Optional[int] = None
        self.headers: List[Tuple[bytes, bytes]] = []
        self.body = b""

    async def receive(self) -> Message:
        """Return the body at once, then, when the answer is complete, that the client left."""
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        if not self._ended:
            self._complete = self._complete or asyncio.Event()
            await self._complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message of the app."""
        if message["type"] == "http.response.start":
            assert self.status is None, "The app started its answer twice."
            self.status = message["status"]
            self.headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            assert self.status is not None, "The app sent a body before the status and headers."
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                self._ended = True
                if self._complete is not None:
                    self._complete.set()


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):  # type: ignore[misc]  # __setstate__
    """The HTTP answer with which the app refused a WebSocket."""


class WebSocketTestSession:
    """The client's end of a WebSocket; a context manager that closes it at its end.

    Attributes:
        scope: The ASGI scope that the app was given.
        accepted_subprotocol, extra_headers: What the app accepted with.
    """

    __test__ = False

    def __init__(self, client: TestClient, scope: Dict[str, Any], errors: List[BaseException]) -> None:
        self.scope, self._errors = scope, errors
        self.accepted_subprotocol: Optional[str] = None
        self.extra_headers: Optional[List[Tuple[bytes, bytes]]] = None
        self._client = client
        self._outbox: queue.Queue[Union[Message, BaseException, None]] = queue.Queue()
        self._inbox: Any = None
        self._loop: Any = None
        self._owns_loop = False

    def __enter__(self) -> WebSocketTestSession:
        self._loop, self._owns_loop = self._client.event_loop()
        try:
            ready: Future[None] = Future()
            self._done = self._loop.start(self._run(ready))
            ready.result()
            self.send({"type": "websocket.connect"})
            message = self.receive()
            self._check_accepted(message)
        except BaseException:
            self._end()
            raise
        self.accepted_subprotocol = message.get("subprotocol")
        self.extra_headers = message.get("headers")
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close(1000)
        self._end()
        while True:
            message = self._outbox.get()
            if message is None:
                return
            if isinstance(message, BaseException):
                raise message

    async def _run(self, ready: Future[None]) -> None:
        self._inbox = asyncio.Queue()
        ready.set_result(None)

        async def send(message: Message) -> None:
            self._outbox.put(message)

        try:
            await self._client.app(self.scope, self._inbox.get, send)
        except Exception as error:
            self._outbox.put(error)
        else:
            if self._errors:
                self._outbox.put(self._errors[0])
        finally:
            self._outbox.put(None)

    def _end(self) -> None:
        if self._owns_loop:
            try:
                self._done.result(timeout=10)
            finally:
                self._loop.close()
        else:
            self._done.result(timeout=10)

    def _check_accepted(self, message: Message) -> None:
        self._raise_on_close(message)
        if message["type"] == "websocket.http.response.start":
            status, headers, body = message["status"], message["headers"], b""
            more = True
            while more:
                part = self.receive()
                body += part.get("body", b"")
                more = part.get("more_body", False)
            raise WebSocketDenialResponse(status, headers=headers, content=body)

    def _raise_on_close(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")

    def send(self, message: Message) -> None:
        """Send an ASGI message to the app."""
        self._loop.loop.call_soon_threadsafe(self._inbox.put_nowait, message)

    def send_text(self, data: str) -> None:
        """Send a text message."""
        self.send({"type": "websocket.receive", "text": data})

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self.send({"type": "websocket.receive", "bytes": data})

    def send_json(self, data: Any, mode: str = "text") -> None:
        """Send a value as JSON, in a text or a binary message."""
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        if mode == "text":
            self.send_text(text)
        else:
            self.send_bytes(text.encode())

    def close(self, code: int = 1000, reason: Optional[str] = None) -> None:
        """Close the connection."""
        self.send({"type": "websocket.disconnect", "code": code, "reason": reason or ""})

    def receive(self) -> Message:
        """Return the app's next ASGI message; its error if it raised.

        Raises:
            FenrirError: The app ended.
        """
        message = self._outbox.get()
        if message is None:
            self._outbox.put(None)
            raise FenrirError("The app ended the WebSocket without closing it.")
        if isinstance(message, BaseException):
            raise message
        return message

    def receive_text(self) -> str:
        """Receive a text message.

        Raises:
            WebSocketDisconnect: The app closed the connection.
        """
        text: str = self._receive_data()["text"]
        return text

    def receive_bytes(self) -> bytes:
        """Receive a binary message; raises as `receive_text`."""
        data: bytes = self._receive_data()["bytes"]
        return data

    def receive_json(self, mode: str = "text") -> Any:
        """Receive a message and read it as JSON; raises as `receive_text`."""
        message = self._receive_data()
        return json.loads(message["text"] if mode == "text" else message["bytes"])

    def _receive_data(self) -> Message:
        message = self.receive()
        self._raise_on_close(message)
        return message


class _Lifespan:
    """Start and stop the app on a loop."""

    def __init__(self, app: ASGIApp, state: Dict[str, Any]) -> None:
        self.app, self.errors = app, []  # type: ignore[var-annotated]
        extensions: Any = {"fenrir.errors": self.errors}
        self.scope = {"type": "lifespan", "asgi": dict(_ASGI), "state": state, "extensions": extensions}

    async def start(self) -> None:
        """Start the app; raises what its start-up raised."""
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox: asyncio.Queue[Optional[Message]] = asyncio.Queue()
        self.task = asyncio.ensure_future(self._run())
        await self._ask("lifespan.startup")

    async def stop(self) -> None:
        """Stop the app; raises what its stop raised."""
        if not self.task.done():
            await self._ask("lifespan.shutdown")
        await self.task

    async def _run(self) -> None:
        try:
            await self.app(self.scope, self.inbox.get, self.outbox.put)
        finally:
            self.outbox.put_nowait(None)

    async def _ask(self, event: str) -> None:
        self.inbox.put_nowait({"type": event})
        message = await self.outbox.get()
        if message is None:
            await self.task
        if self.errors:
            raise self.errors.pop()
        if message is not None and message["type"].endswith(".failed"):
            await self.task
            raise FenrirError(message.get("message") or f"The app failed at {event}.")


class TestClient(httpx.Client):
    """Drive an ASGI app without a server, from synchronous code.

    Used as a context manager it starts the app and stops it at its end, and all requests
    share one event loop; without, nothing is started and each request has a loop of its own.

    Args:
        app: Any ASGI application.
        base_url: What relative URLs are below.
        raise_server_exceptions: Whether an error that the app does not handle is raised in
            the test instead of answered with 500.
        root_path: The ASGI `root_path`.
        backend, backend_options: For compatibility; the event loop is asyncio's.
        cookies, headers, follow_redirects: As `httpx.Client`.
        client: The host and port that the app sees as the peer's.
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: str = "asyncio",
        backend_options: Optional[Dict[str, Any]] = None,
        cookies: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        follow_redirects: bool = True,
        client: Tuple[str, int] = ("testclient", 50000),
    ) -> None:
        self.app = app
        self.app_state: Dict[str, Any] = {}
        self._running: Optional[_EventLoop] = None
        self._lifespan: Optional[_Lifespan] = None
        self._handler = _Transport(self, raise_server_exceptions, root_path, client)
        super().__init__(
            base_url=base_url,
            headers={"user-agent": "testclient", **(headers or {})},
            transport=self._handler,
            follow_redirects=follow_redirects,
            cookies=cookies,
        )

    def extensions(self, errors: List[BaseException]) -> Dict[str, Any]:
        """Return the ASGI extensions of a connection: among them, where the app puts errors that nobody handled."""
        found: Dict[str, Any] = {"websocket.http.response": {}, "fenrir.errors": errors}
        if self._lifespan is None:
            found["fenrir.unstarted"] = {}
        return found

    def event_loop(self) -> Tuple[_EventLoop, bool]:
        """Return the loop to run on, and whether it has to be closed after use."""
        return (_EventLoop(), True) if self._running is None else (self._running, False)

    def run(self, work: Any) -> Any:
        """Run a coroutine on the client's loop, or on one of its own."""
        loop, is_own = self.event_loop()
        try:
            return loop.call(work)
        finally:
            if is_own:
                loop.close()

    def websocket_connect(
        self, url: str, subprotocols: Optional[Sequence[str]] = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """Return the session of a WebSocket; entering it connects.

        Args:
            url: A path, or a whole URL.
            subprotocols: What the client offers, best first.
            **kwargs: As `httpx.Client.build_request`: headers, params, cookies …
        """
        headers = {"connection": "upgrade", "sec-websocket-key": "testserver==", "sec-websocket-version": "13"}
        if subprotocols is not None:
            headers["sec-websocket-protocol"] = ", ".join(subprotocols)
        given = httpx.Headers({**headers, **dict(kwargs.pop("headers", None) or {})})
        base = httpx.URL(self.base_url).copy_with(scheme="wss" if self.base_url.scheme == "https" else "ws")
        request = self.build_request("GET", base.join(url), headers=given, **kwargs)
        errors: List[BaseException] = []
        scope = self._handler.scope(request, "websocket", errors)
        scope["subprotocols"] = list(subprotocols or ())
        return WebSocketTestSession(self, scope, errors)

    def __enter__(self) -> TestClient:
        self._running = _EventLoop()
        self._lifespan = _Lifespan(self.app, self.app_state)
        try:
            self._running.call(self._lifespan.start())
        except BaseException:
            self._stop_loop()
            raise
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]] = None,
        error: Optional[BaseException] = None,
        trace: Optional[TracebackType] = None,
    ) -> None:
        assert self._running is not None and self._lifespan is not None
        try:
            self._running.call(self._lifespan.stop())
        finally:
            self._stop_loop()

    def _stop_loop(self) -> None:
        loop, self._running, self._lifespan = self._running, None, None
        if loop is not None:
            loop.close()
