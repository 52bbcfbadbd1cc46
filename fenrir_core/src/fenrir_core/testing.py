"""Drive an app in process, and check plugins and paradigms: for the tests of apps and of plugins.

No HTTP client and no test framework is needed. Import this room by its own name: nothing
else in the kernel does.

    >>> async with Client(app) as client:
    ...     answer = await client.get("/pets", headers={"accept": "application/json"})
    ...     assert answer.status == 200
"""

from __future__ import annotations

import asyncio
import importlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import unquote_to_bytes

from . import codec
from .app import App
from .errors import FenrirError, HTTPError
from .headers import Headers, encode_header
from .hybrid import Fenrir
from .lifespan import StartupFailed
from .request import current_connection
from .response import PlainTextResponse, Response
from .types import ASGIApp, Message, RawHeaders
from .values import PluginInfo
from .websocket import WebSocket, WebSocketDisconnect

HeadersLike = Union[Mapping[str, str], Sequence[Tuple[str, str]]]
Body = Union[bytes, str, Sequence[bytes]]


class Refused(FenrirError):
    """Say that the app refused a WebSocket; `answer` is what it answered (403 for a bare close)."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"The WebSocket was refused with {answer.status}.")
        self.answer = answer


@dataclass
class Answer:
    """Be a whole answer: its status, its headers (case-insensitive, repeats kept), its body."""

    status: int
    headers: Headers
    body: bytes = b""

    @property
    def text(self) -> str:
        """Give the body as UTF-8 text."""
        return self.body.decode()

    def json(self) -> Any:
        """Read the body as JSON."""
        return codec.loads(self.body)


class _Talk:
    """Be one ASGI conversation: the app runs in a task of its own and is waited for with patience."""

    def __init__(self, app: ASGIApp, scope: Dict[str, Any], patience: float) -> None:
        self.patience, self.gone = patience, False
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        # one place only: an app that streams is held back until its message was taken
        self.outbox: asyncio.Queue[Message] = asyncio.Queue(1)
        self.task = asyncio.ensure_future(app(scope, self.inbox.get, self._send))

    async def _send(self, message: Message) -> None:
        if self.gone:  # ASGI: sending to a client that left does nothing
            await asyncio.sleep(0)
        else:
            await self.outbox.put(message)

    async def next(self) -> Message:
        """Give the app's next message; its own exception if it raised instead."""
        getting = asyncio.ensure_future(self.outbox.get())
        try:
            await asyncio.wait({getting, self.task}, timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                await asyncio.sleep(0)  # what was put just before the end is there after one more turn
            if getting.done():
                return getting.result()
        finally:
            getting.cancel()
        if not self.task.done():
            raise TimeoutError(f"The app sent nothing for {self.patience} s.")
        self.task.result()
        raise AssertionError("The app returned in the middle of its answer.")

    async def leave(self, message: Message) -> None:
        """Go away with `message`, then wait until the app has noticed and ended."""
        self.gone = True
        self.inbox.put_nowait(message)
        while not self.outbox.empty():
            self.outbox.get_nowait()
        await self.end()

    async def end(self) -> None:
        """Wait until the app has ended; raise what it raised."""
        await asyncio.wait({self.task}, timeout=self.patience)
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
            raise TimeoutError(f"The app did not end for {self.patience} s.")
        self.task.result()


class Stream:
    """Be an answer that is read as it comes: iterate it for its chunks (bytes, never empty).

    A chunk is taken from the app only when it is asked for.
    """

    def __init__(self, talk: _Talk, start: Message) -> None:
        self.status: int = start["status"]
        self.headers = Headers(raw=start["headers"])
        self._talk = talk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate the chunks; what the app raises in the middle is raised here."""
        more = not self._talk.gone
        while more:
            message = await self._talk.next()
            more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]
        await self._talk.end()

    async def disconnect(self) -> None:
        """Leave in the middle, and wait until the app has ended."""
        await self._talk.leave({"type": "http.disconnect"})


class Session:
    """Be the client's end of an open WebSocket."""

    def __init__(self, talk: _Talk, accepted: Message) -> None:
        self.subprotocol: Optional[str] = accepted.get("subprotocol")
        self.headers = Headers(raw=accepted.get("headers") or [])
        self._talk = talk

    async def send(self, data: Union[str, bytes]) -> None:
        """Send a text or binary message."""
        kind = "text" if isinstance(data, str) else "bytes"
        await self._talk.inbox.put({"type": "websocket.receive", kind: data})

    async def receive(self) -> Union[str, bytes]:
        """Receive the next message.

        Raises:
            WebSocketDisconnect: The app closed the connection; it has the code and the reason.
        """
        message = await self._talk.next()
        if message["type"] == "websocket.close":
            self._talk.gone = True
            await self._talk.end()
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")
        return message["bytes"] if message.get("text") is None else message["text"]  # type: ignore[no-any-return]

    async def close(self, code: int = 1000) -> None:
        """Close the connection, and wait until the app has ended; a second call does nothing."""
        if not self._talk.gone:
            await self._talk.leave({"type": "websocket.disconnect", "code": code, "reason": ""})


class Client:
    """Drive an ASGI app in process.

    Entered as an async context manager it runs the app's lifespan around its requests;
    without, the app starts at its first request.

    Args:
        app: Any ASGI application.
        raise_errors: Whether an error that nobody handles in the app is raised here instead
            of answered with 500.
        patience: Seconds to wait for each message of the app.

    Raises:
        StartupFailed: On entering: the app answered so; the message is its own.
    """

    def __init__(self, app: ASGIApp, *, raise_errors: bool = True, patience: float = 10.0) -> None:
        self.app, self.raise_errors, self.patience = app, raise_errors, patience
        #: The lifespan state, a copy of which each request gets.
        self.state: Dict[str, Any] = {}
        self._life: Optional[_Talk] = None

    async def __aenter__(self) -> Client:
        """Start the app."""
        life = _Talk(self.app, {"type": "lifespan", "asgi": _ASGI, "state": self.state}, self.patience)
        life.inbox.put_nowait({"type": "lifespan.startup"})
        try:
            message = await life.next()
        except TimeoutError:
            raise
        except Exception:  # ASGI: an app that raises here, or returns, has no lifespan
            return self
        if message["type"] == "lifespan.startup.failed":
            await life.end()
            raise StartupFailed(message.get("message", ""))
        self._life = life
        return self

    async def __aexit__(self, *_: Any) -> None:
        """Stop the app."""
        life, self._life = self._life, None
        if life is not None:
            life.inbox.put_nowait({"type": "lifespan.shutdown"})
            message = await life.next()
            await life.end()
            if message["type"] == "lifespan.shutdown.failed":
                raise FenrirError(f"The app did not stop cleanly: {message.get('message', '')}")

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, *, headers: HeadersLike = (), json: Any = None, body: Body = b""
    ) -> AsyncIterator[Stream]:
        """Ask for `path` and give the answer as it comes; leaving the block before its end disconnects.

        Args:
            path: With its query, percent-encoded.
            json: A value to send as JSON instead of `body`.
            body: str is sent as UTF-8, a list of bytes chunk by chunk.
        """
        pairs = _pairs(headers)
        if json is not None:
            body = codec.dumps(json)
            pairs.append((b"content-type", b"application/json"))
        chunks = [body.encode() if isinstance(body, str) else body] if isinstance(body, (str, bytes)) else list(body)
        errors: List[BaseException] = []
        scope = self._scope("http", path, pairs)
        scope.update(method=method, extensions={"fenrir.errors": errors} if self.raise_errors else {})
        talk = _Talk(self.app, scope, self.patience)
        for index, chunk in enumerate(chunks):
            talk.inbox.put_nowait({"type": "http.request", "body": chunk, "more_body": index + 1 < len(chunks)})
        stream = Stream(talk, await talk.next())
        try:
            yield stream
        finally:
            if not talk.task.done():
                await stream.disconnect()
        if errors:
            raise errors[0]

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Ask for `path` and give the whole answer, after background work is done; see `stream`."""
        async with self.stream(method, path, **options) as stream:
            return Answer(stream.status, stream.headers, b"".join([chunk async for chunk in stream]))

    async def get(self, path: str, **options: Any) -> Answer:
        """Ask with GET; see `stream`."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        """Ask with POST; see `stream`."""
        return await self.request("POST", path, **options)

    @asynccontextmanager
    async def websocket(
        self, path: str, *, headers: HeadersLike = (), subprotocols: Sequence[str] = ()
    ) -> AsyncIterator[Session]:
        """Open a WebSocket; leaving the block closes it.

        Raises:
            Refused: The app did not accept it.
        """
        scope = self._scope("websocket", path, _pairs(headers))
        scope.update(scheme="ws", subprotocols=list(subprotocols), extensions={"websocket.http.response": {}})
        talk = _Talk(self.app, scope, self.patience)
        talk.inbox.put_nowait({"type": "websocket.connect"})
        message = await talk.next()
        if message["type"] != "websocket.accept":
            answer = Answer(message.get("status", 403), Headers(raw=message.get("headers", [])))
            while message.get("more_body", message["type"].endswith(".start")):
                message = await talk.next()
                answer.body += message.get("body", b"")
            await talk.end()
            raise Refused(answer)
        session = Session(talk, message)
        try:
            yield session
        finally:
            await session.close()

    def _scope(self, kind: str, path: str, headers: RawHeaders) -> Dict[str, Any]:
        raw, _, query = path.partition("?")
        return {
            "type": kind, "asgi": _ASGI, "http_version": "1.1", "scheme": "http", "root_path": "",
            "path": unquote_to_bytes(raw).decode(), "raw_path": raw.encode(), "query_string": query.encode(),
            "headers": [(b"host", b"test"), *headers], "client": ("127.0.0.1", 50000), "server": ("test", 80),
            "state": dict(self.state),
        }  # fmt: skip


_ASGI = {"version": "3.0", "spec_version": "2.4"}


def _pairs(headers: HeadersLike) -> RawHeaders:
    return [encode_header(*pair) for pair in (headers.items() if isinstance(headers, Mapping) else headers)]


def make_app(plugins: Sequence[Any] = (), *, autoload: bool = False, **settings: Any) -> Fenrir:
    """Make a hybrid app that has these plugins alone; `settings` as `Fenrir`, `paradigms` too."""
    settings.setdefault("paradigms", ())
    return Fenrir(plugins=plugins, autoload=autoload, **settings)


def check_plugin(plugin: Union[str, ModuleType, Any]) -> None:
    """Check a plugin as far as that can be done without knowing what it is for.

    It is imported, registered, and an app with an HTTP and a WebSocket route is built with
    it, so that every hook is called that such an app calls, and its answers are checked.

    Args:
        plugin: A module, its import path, or an object with hookimpls.

    Raises:
        BuildError: The kernel refuses it: an unknown hook, a wrong answer, an awaitable …
        AssertionError: It says no API version (`fenrir_plugin`), or implements no hook.
    """
    if isinstance(plugin, str):
        plugin = importlib.import_module(plugin)
    assert isinstance(getattr(plugin, "fenrir_plugin", None), PluginInfo), (
        'Say which plugin API it is written for: fenrir_plugin = PluginInfo(api="1").'
    )
    app = make_app([plugin])
    assert app.plugins.records[-1].hooks, "It implements no hook. Mark its functions with @hookimpl."

    @app.get("/check/{name}")
    async def endpoint(name: str) -> str:
        return name

    @app.websocket("/check")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()

    app.build()


# -------------------------------------------------------------------- what every paradigm keeps to


@dataclass(frozen=True)
class ParadigmKit:
    """Say how one paradigm writes the few handlers that the conformance checks need.

    Each function registers one handler in the paradigm's own style; templates are written
    ``/x/{name}``.

    Args:
        name: The paradigm's name.
        make: Called with settings; gives a new app.
        text: `(app, path, text)`: GET answers `text`.
        echo: `(app, path, name)`: GET answers ``{"value": …}`` with the path parameter `name`.
        receive: `(app, path)`: POST answers the body that it received.
        call: `(app, path, function)`: GET calls `function()` inside the handler and answers
            the str that it returns.
        ready: Called with each app when it has started.
    """

    name: str
    make: Callable[..., App]
    text: Callable[[Any, str, str], Any]
    echo: Callable[[Any, str, str], Any]
    receive: Callable[[Any, str], Any]
    call: Callable[[Any, str, Callable[[], str]], Any]
    ready: Callable[[Any], None] = lambda app: None

    @asynccontextmanager
    async def client(self, app: App) -> AsyncIterator[Client]:
        """Start the app and give a client whose unhandled errors are answers."""
        async with Client(app, raise_errors=False) as client:
            self.ready(app)
            yield client


def poison(app: App) -> None:
    """Make every hook of a built app raise from now on: nothing may call one while it serves."""

    class Poisoned:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was looked up after the build.")

    app.plugins.manager = app.plugins.manager.hook = Poisoned()  # type: ignore[assignment,misc]


Check = Callable[[ParadigmKit], Awaitable[None]]


async def _answers_what_a_handler_gives(kit: ParadigmKit) -> None:
    app = kit.make()
    kit.text(app, "/hello", "hällo")
    async with kit.client(app) as client:
        answer = await client.get("/hello")
        assert (answer.status, answer.text) == (200, "hällo")
        assert answer.headers["content-length"] == "6"


async def _passes_path_parameters_decoded(kit: ParadigmKit) -> None:
    app = kit.make()
    kit.echo(app, "/text/{name}", "name")
    kit.echo(app, "/number/{count:int}", "count")
    async with kit.client(app) as client:
        assert (await client.get("/text/a%20%C3%A9")).json() == {"value": "a é"}
        assert (await client.get("/number/12")).json() == {"value": 12}
        assert (await client.get("/number/twelve")).status == 404


async def _answers_methods_and_paths_that_are_not_there(kit: ParadigmKit) -> None:
    app = kit.make()
    kit.text(app, "/hello", "hello")
    async with kit.client(app) as client:
        assert (await client.get("/nowhere")).status == 404
        answer = await client.post("/hello")
        assert (answer.status, "GET" in answer.headers["allow"]) == (405, True)
        answer = await client.request("OPTIONS", "/hello")  # some paradigms derive OPTIONS and HEAD, others do not
        assert (answer.status in (200, 405), "GET" in answer.headers["allow"]) == (True, True)
        answer = await client.request("HEAD", "/hello")
        assert (answer.body, answer.status in (200, 405)) == (b"", True)
        assert answer.status == 405 or answer.headers["content-length"] == "5"


async def _hands_over_the_body_within_its_limit(kit: ParadigmKit) -> None:
    app = kit.make(max_body=10)
    kit.receive(app, "/body")
    async with kit.client(app) as client:
        assert (await client.post("/body", body=[b"one", b"", b"two"])).body == b"onetwo"
        assert (await client.post("/body", body=[b"123456", b"123456"])).status == 413


async def _answers_errors_and_tells_no_secret(kit: ParadigmKit) -> None:
    app = kit.make()

    def forbid() -> str:
        raise HTTPError(403, "not you")

    def fail() -> str:
        raise ZeroDivisionError("secret")

    def miss() -> str:
        raise KeyError("handled")

    async def handle(connection: Any, error: BaseException) -> Response:
        return PlainTextResponse(str(error), 418)

    for path, function in (("/forbid", forbid), ("/fail", fail), ("/miss", miss)):
        kit.call(app, path, function)
    app.add_exception_handler(LookupError, handle)
    async with kit.client(app) as client:
        answers = [await client.get(path) for path in ("/forbid", "/fail", "/miss")]
        assert [answer.status for answer in answers] == [403, 500, 418]
        assert "secret" not in answers[1].text
        assert "handled" in answers[2].text


async def _keeps_concurrent_requests_apart(kit: ParadigmKit) -> None:
    app = kit.make()
    kit.call(app, "/mine/{number:int}", lambda: str(current_connection().path_params["number"]))
    async with kit.client(app) as client:
        answers = await asyncio.gather(*[client.get(f"/mine/{number}") for number in range(50)])
        assert [answer.text for answer in answers] == [str(number) for number in range(50)]


async def _is_frozen_once_built(kit: ParadigmKit) -> None:
    app, other = kit.make(), kit.make()
    kit.text(app, "/hello", "hello")
    async with kit.client(app), kit.client(other) as second:
        assert (await second.get("/hello")).status == 404
        try:
            kit.text(app, "/late", "late")
        except FenrirError as error:
            assert "/late" in str(error), error
        else:  # a framework that takes routes at any time is built again, never served half
            assert not app.is_built, "A route was registered after the build."


#: What every paradigm keeps to: coroutine functions that take a `ParadigmKit` and raise AssertionError.
CONFORMANCE: Tuple[Check, ...] = (
    _answers_what_a_handler_gives,
    _passes_path_parameters_decoded,
    _answers_methods_and_paths_that_are_not_there,
    _hands_over_the_body_within_its_limit,
    _answers_errors_and_tells_no_secret,
    _keeps_concurrent_requests_apart,
    _is_frozen_once_built,
)
