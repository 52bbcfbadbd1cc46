"""ASGI clients that exchange single messages, for what an HTTP client would hide."""

from __future__ import annotations

import asyncio
from typing import (
    Any,
    Awaitable,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    MutableMapping,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    Union,
)
from urllib.parse import unquote

from fenrir_core import App, Headers

T = TypeVar("T")
Message = MutableMapping[str, Any]
HeaderList = Union[Mapping[str, str], Iterable[Tuple[str, str]]]

#: Seconds after which anything here counts as hanging.
PATIENCE = 20.0


def kernel_app(**settings: Any) -> App:
    """Return an app of the kernel alone, whatever is installed."""
    return App(paradigms=(), autoload=False, **settings)


class Answer:
    """The response as a client sees it; `status` is 0 if it was never started."""

    def __init__(self, sent: List[Message], error: Optional[BaseException]) -> None:
        #: What the app raised to its server, or None.
        self.error = error
        starts = [message for message in sent if message["type"].endswith("http.response.start")]
        parts = [message for message in sent if message["type"].endswith("http.response.body")]
        assert len(starts) <= 1
        self.status: int = starts[0]["status"] if starts else 0
        self.headers = Headers(raw=list(starts[0]["headers"]) if starts else [])
        self.chunks: List[bytes] = [message.get("body", b"") for message in parts if message.get("body")]
        self.body = b"".join(self.chunks)
        self.text = self.body.decode("utf-8", "replace")
        #: Whether the app sent the end of the body.
        self.complete = bool(parts) and not parts[-1].get("more_body", False)


class Exchange:
    """A connection to an app, controlled by the test; create it inside a running event loop."""

    #: Whether an app that goes on to receive after its response is told that the client has gone, as servers do.
    tells_the_end = False

    def __init__(
        self,
        app: Any,
        method: str = "GET",
        path: str = "/",
        *,
        query: str = "",
        headers: HeaderList = (),
        scope: Optional[Mapping[str, Any]] = None,
    ) -> None:
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        self.scope: Dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
            "client": ("203.0.113.9", 4711),
            "server": ("testserver", 80),
            **(scope or {}),
        }
        self.app = app
        self.sent: List[Message] = []
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._changed = asyncio.Event()
        self.task: Optional[asyncio.Future[None]] = None

    def start(self) -> None:
        """Start the app."""
        self.task = asyncio.ensure_future(self.app(self.scope, self.incoming.get, self._send))

    def feed(self, body: bytes = b"", more: bool = False) -> None:
        """Send a piece of the request body."""
        self.incoming.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def leave(self) -> None:
        """Disconnect the client."""
        self.incoming.put_nowait({"type": "http.disconnect"})

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until a message makes `condition` true."""

        async def watch() -> None:
            while not condition():
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(watch(), PATIENCE)

    async def finish(self) -> Answer:
        """Wait until the app has ended."""
        if self.task is None:
            self.start()
        assert self.task is not None
        done, _ = await asyncio.wait({self.task}, timeout=PATIENCE)
        assert done, f"the app hangs; it has sent {self.sent!r}"
        return Answer(self.sent, self.task.exception())

    async def _send(self, message: Message) -> None:
        self.sent.append(message)
        self._changed.set()
        if self.tells_the_end and message["type"] == "http.response.body" and not message.get("more_body"):
            self.leave()
        elif self.tells_the_end and message["type"] == "websocket.close":
            code, reason = message.get("code", 1000), message.get("reason") or ""
            self.incoming.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        await asyncio.sleep(0)  # a server yields to the event loop here, too


async def ask(
    app: Any, method: str = "GET", path: str = "/", *, body: Union[bytes, Sequence[bytes]] = b"", **options: Any
) -> Answer:
    """Send one request; the pieces of a body arrive one by one."""
    exchange = Exchange(app, method, path, **options)
    pieces = [body] if isinstance(body, bytes) else list(body)
    for index, piece in enumerate(pieces):
        exchange.feed(piece, more=index < len(pieces) - 1)
    return await exchange.finish()


def fetch(app: Any, method: str = "GET", path: str = "/", **options: Any) -> Answer:
    """Send one request in a new event loop; see `ask`."""
    return run(ask(app, method, path, **options))


def run(awaitable: Awaitable[T]) -> T:
    """Run a coroutine in a new event loop, or fail if it takes too long."""

    async def main() -> T:
        return await asyncio.wait_for(awaitable, 2 * PATIENCE)

    return asyncio.run(main())


class Socket(Exchange):
    """A WebSocket client of an app.

    Args:
        denial: Whether the server can refuse a handshake with a response.
    """

    def __init__(
        self, app: Any, path: str = "/", *, subprotocols: Sequence[str] = (), denial: bool = True, **options: Any
    ) -> None:
        extra: Dict[str, Any] = {"type": "websocket", "scheme": "ws", "subprotocols": list(subprotocols)}
        if denial:
            extra["extensions"] = {"websocket.http.response": {}}
        super().__init__(app, "GET", path, scope=extra, **options)
        del self.scope["method"]
        self.incoming.put_nowait({"type": "websocket.connect"})

    def say(self, data: Union[str, bytes]) -> None:
        """Send a message."""
        kind = "text" if isinstance(data, str) else "bytes"
        self.incoming.put_nowait({"type": "websocket.receive", kind: data})

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection as the client."""
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    @property
    def heard(self) -> List[Union[str, bytes]]:
        """The received messages, text as str."""
        messages = [message for message in self.sent if message["type"] == "websocket.send"]
        return [message["bytes"] if message.get("text") is None else message["text"] for message in messages]

    @property
    def types(self) -> List[str]:
        """The types of all received messages, without the prefix."""
        return [message["type"][len("websocket.") :] for message in self.sent]

    @property
    def close_code(self) -> Optional[int]:
        """The code of the app's close message, or None."""
        codes = [message["code"] for message in self.sent if message["type"] == "websocket.close"]
        return codes[0] if codes else None


class Server(Exchange):
    """The server's side of an app's lifespan."""

    def __init__(self, app: Any) -> None:
        #: The lifespan state; each connection gets a copy.
        self.state: Dict[str, Any] = {}
        super().__init__(app)
        self.scope: Dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}

    async def startup(self) -> Message:
        """Start the app; return its message."""
        self.start()
        return await self._tell("lifespan.startup")

    async def shutdown(self) -> Message:
        """Stop the app; return its message."""
        answer = await self._tell("lifespan.shutdown")
        assert self.task is not None
        await self.task
        return answer

    async def ask(self, method: str = "GET", path: str = "/", **options: Any) -> Answer:
        """Send a request."""
        return await ask(
            self.app, method, path, scope={"state": dict(self.state), **options.pop("scope", {})}, **options
        )

    async def _tell(self, kind: str) -> Message:
        count = len(self.sent)
        self.incoming.put_nowait({"type": kind})
        await self.until(lambda: len(self.sent) > count)
        return self.sent[-1]
