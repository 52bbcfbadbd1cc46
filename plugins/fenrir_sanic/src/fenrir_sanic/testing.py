"""Test clients that answer ``(request, response)``, as those of sanic_testing; they need httpx.

Nothing is served: a request is handed to the app in this process, with its lifespan around it.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from functools import partialmethod
from typing import Any, AsyncIterator, List, Optional, Tuple

import httpx

from fenrir_core.authoring import Message, Scope
from fenrir_core.testing import Client, Session

from .names import check_names
from .registry import enter_test_mode, isolated_apps
from .state import State
from .values import Values

ASGI_HOST = "mockserver"
ASGI_PORT = 1234
ASGI_BASE_URL = f"http://{ASGI_HOST}:{ASGI_PORT}"
HOST = "127.0.0.1"
PORT: Optional[int] = None
_ABSOLUTE = ("http:", "https:", "ftp:", "ftps://", "//", "ws:", "wss:")
Pair = Tuple[Any, Any]
__all__ = (
    "ReusableClient",
    "SanicASGITestClient",
    "SanicTestClient",
    "TestManager",
    "TestingResponse",
    "isolated_apps",
)


class TestingResponse(httpx.Response):
    """A response; `json` is an attribute, and `status` and `body` are known too."""

    __test__ = False

    @property
    def status(self) -> int:
        """The status."""
        return self.status_code

    @property
    def body(self) -> bytes:
        """The body."""
        return self.content

    @property
    def content_type(self) -> Optional[str]:
        """The media type."""
        found: Optional[str] = self.headers.get("content-type")
        return found

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Gathering:
    """What takes note of the requests of an app.

    Args:
        app: The app; it is built again.
    """

    def __init__(self, app: Any) -> None:
        self.app, self.seen = app, []  # type: Any, List[Any]
        state = app.store(State)
        if state.collect is None:
            app.reopen()
            state.collect = self.seen.append
        else:
            self.seen = state.collect.__self__

    def take(self) -> Any:
        """Return the first request since the last call; None if there was none."""
        first = self.seen[0] if self.seen else None
        self.seen.clear()
        return first


class AppTransport(httpx.AsyncBaseTransport):
    """A transport of httpx that hands requests to an app; what the app sends in vain ends the connection.

    Args:
        app: An ASGI app.
        client: The peer's address.
        server: The app's own address.
    """

    def __init__(self, app: Any, client: Tuple[str, int], server: Tuple[str, int]) -> None:
        self.app, self.client, self.server = app, client, server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the app's response.

        Raises:
            httpx.RemoteProtocolError: The app has not answered, or not to the end.
        """
        body = await request.aread()
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
            "method": request.method, "scheme": request.url.scheme, "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0], "query_string": request.url.query, "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw], "client": self.client,
            "server": self.server, "state": {},
        }  # fmt: skip
        messages: List[Message] = []
        inbox = iter(({"type": "http.request", "body": body, "more_body": False},))

        async def receive() -> Message:
            found = next(inbox, None)
            if found is None:
                await asyncio.sleep(3600)
            return found or {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            messages.append(message)

        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if not messages or messages[-1].get("more_body", True):
                raise httpx.RemoteProtocolError(str(error), request=request) from error
        return _response(messages, request)


def _response(messages: List[Message], request: httpx.Request) -> httpx.Response:
    if not messages or (messages[-1]["type"] != "http.response.body" or messages[-1].get("more_body")):
        raise httpx.RemoteProtocolError("The app has not answered to the end.", request=request)
    start, *rest = messages
    headers = list(start.get("headers", ()))
    content = b"".join(message.get("body", b"") for message in rest)
    names = {name.lower() for name, _ in headers}
    if (
        request.method != "HEAD"
        and not names & {b"content-length", b"transfer-encoding"}
        and start["status"] not in (204, 304)
    ):
        headers.append((b"transfer-encoding", b"chunked"))
    return httpx.Response(start["status"], headers=headers, content=content, request=request)


class WebsocketProxy:
    """What went over a WebSocket.

    Args:
        session: The WebSocket.
    """

    def __init__(self, session: Session) -> None:
        self.ws, self.opened = session, True
        self.client_received: List[Any] = []
        self.client_sent: List[Any] = []

    @property
    def server_received(self) -> List[Any]:
        """What the app has received."""
        return self.client_sent

    @property
    def server_sent(self) -> List[Any]:
        """What the app has sent."""
        return self.client_received

    @property
    def subprotocol(self) -> Optional[str]:
        """The subprotocol that the app has chosen."""
        return self.ws.subprotocol

    async def send(self, data: Any) -> None:
        """Send text or bytes."""
        self.client_sent.append(data)
        await self.ws.send(data)

    async def recv(self) -> Any:
        """Return the next message."""
        found = await self.ws.receive()
        self.client_received.append(found)
        return found

    async def close(self, *args: Any) -> None:
        """Close the WebSocket."""
        await self.ws.close(*args)


class SanicTestClient:
    """A client for synchronous tests: ``request, response = client.get("/")``.

    Each request has an event loop and a lifespan of its own.

    Args:
        app: The app.
        port, host: The address that the app takes for its own.
    """

    __test__ = False

    def __init__(self, app: Any, port: Optional[int] = PORT, host: str = HOST) -> None:
        enter_test_mode()
        self.app, self.port, self.host = app, port, host
        self._gathering = Gathering(app)

    def request(self, *args: Any, **kwargs: Any) -> Pair:
        """Send a request, GET by default; `http_method` is the method."""
        return self._sanic_endpoint_test(kwargs.pop("http_method", "GET"), *args, **kwargs)

    # each sends a request of its method
    get = partialmethod(request, http_method="get")
    post = partialmethod(request, http_method="post")
    put = partialmethod(request, http_method="put")
    delete = partialmethod(request, http_method="delete")
    patch = partialmethod(request, http_method="patch")
    options = partialmethod(request, http_method="options")
    head = partialmethod(request, http_method="head")

    def websocket(self, *args: Any, **kwargs: Any) -> Pair:
        """Open a WebSocket; ``mimic(ws)``, a coroutine function, talks."""
        return self._sanic_endpoint_test("websocket", *args, **kwargs)

    def _sanic_endpoint_test(
        self,
        method: str = "get",
        uri: str = "/",
        gather_request: bool = True,
        debug: bool = False,
        server_kwargs: Optional[Values] = None,
        host: Optional[str] = None,
        allow_none: bool = False,
        **kwargs: Any,
    ) -> Pair:
        if self.port is None:
            self.port = 42000
        address = host or self.host, self.port
        url = _url(uri, f"[{address[0]}]" if ":" in address[0] else address[0], self.port, method)
        set_mode(self.app, debug)
        self._gathering.take()
        response = _in_new_loop(self._talk(method, url, address, kwargs))
        if response is None and not allow_none:
            raise ValueError("No response returned to Sanic Test Client.")
        request = self._gathering.take()
        return (request if gather_request else None), response

    async def _talk(self, method: str, url: str, address: Tuple[str, int], kwargs: Values) -> Any:
        async with running(self.app):
            if method == "websocket":
                return await _websocket(self.app, url, **kwargs)
            try:
                return await _send(self.app, method, url, address, **kwargs)
            except httpx.HTTPError:
                return None


def _url(uri: str, host: str, port: int, method: str) -> str:
    if uri.startswith(_ABSOLUTE):
        return uri.replace(":None/", f":{port}/")
    scheme = "ws" if method == "websocket" else "http"
    return f"{scheme}://{host}:{port}{uri if uri.startswith('/') else '/' + uri}"


async def _send(
    app: Any,
    method: str,
    url: str,
    address: Tuple[str, int],
    raw_cookies: Any = None,
    session_kwargs: Optional[Values] = None,
    allow_redirects: Optional[bool] = None,
    follow_redirects: bool = True,
    **kwargs: Any,
) -> TestingResponse:
    transport = AppTransport(app, (address[0], 50000), address)
    follow = follow_redirects if allow_redirects is None else allow_redirects
    async with httpx.AsyncClient(transport=transport, **(session_kwargs or {})) as session:
        response: Any = await session.request(method.upper(), url, follow_redirects=follow, **kwargs)
    response.__class__ = TestingResponse
    if raw_cookies:
        response.raw_cookies = {cookie.name: cookie for cookie in response.cookies.jar}
    return response  # type: ignore[no-any-return]


async def _websocket(app: Any, url: str, mimic: Any = None, subprotocols: Any = None, **kwargs: Any) -> WebsocketProxy:
    path = "/" + url.partition("://")[2].partition("/")[2]
    headers = kwargs.get("headers") or kwargs.get("extra_headers") or {}
    client = Client(app, raise_errors=False, host=url.partition("://")[2].partition("/")[0])
    async with client.websocket(path, headers=headers, subprotocols=subprotocols or ()) as session:
        proxy = WebsocketProxy(session)
        if mimic is not None:
            await mimic(proxy)
            await proxy.send("")
        else:
            await asyncio.sleep(0)
    return proxy


def set_mode(app: Any, debug: bool) -> None:
    """Set the mode of an app for a request."""
    app.state.mode = type(app.state.mode).DEBUG if debug else type(app.state.mode).PRODUCTION


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """Run the lifespan of an app; an error of its start is raised."""
    check_names(app.registered)  # as it is, without the start-up's own error around it
    started = app.lifespan()
    try:
        await started.__aenter__()
    except Exception as error:
        cause: Any = error
        while isinstance(cause.__cause__ or cause.__context__, Exception):
            cause = cause.__cause__ or cause.__context__
        raise cause from None
    try:
        yield
    finally:
        await started.__aexit__(None, None, None)


def _in_new_loop(work: Any) -> Any:
    # COMPAT: not set as the thread's: code between requests that asks for the thread's loop, as on Sanic, gets one
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=2))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class SanicASGITestClient(httpx.AsyncClient):
    """A client for asynchronous tests: ``request, response = await client.get("/")``.

    Args:
        app: The app.
        base_url: What relative URLs are relative to.
        suppress_exceptions: Accepted as in Sanic.
    """

    __test__ = False

    def __init__(self, app: Any, base_url: str = ASGI_BASE_URL, suppress_exceptions: bool = False) -> None:
        enter_test_mode()
        self.sanic_app, self.last_request, self.gather_request = app, None, True
        self._gathering = Gathering(app)
        address = (ASGI_HOST, ASGI_PORT)
        super().__init__(transport=AppTransport(app, address, address), base_url=base_url)

    async def request(  # type: ignore[override]
        self, method: str, url: Any, gather_request: bool = True, *args: Any, **kwargs: Any
    ) -> Pair:
        """Send a request; the arguments are those of httpx."""
        self._gathering.take()
        text = str(url)
        if not text.startswith(_ABSOLUTE):
            text = f"{ASGI_BASE_URL}{text if text.startswith('/') else '/' + text}"
        kwargs.setdefault("follow_redirects", True)
        async with running(self.sanic_app):
            response: Any = await super().request(method, text, *args, **kwargs)
        response.__class__ = TestingResponse
        self.last_request = self._gathering.take() if gather_request else None
        return self.last_request, response

    async def websocket(self, uri: str, subprotocols: Any = None, *args: Any, **kwargs: Any) -> Pair:
        """Open a WebSocket; the app's end of it is run to its end."""
        self._gathering.take()
        async with running(self.sanic_app):
            proxy = await _websocket(self.sanic_app, f"ws://{ASGI_HOST}{uri}", subprotocols=subprotocols, **kwargs)
        return self._gathering.take(), {"opened": proxy.opened}


class ReusableClient(SanicTestClient):
    """A client whose requests share one lifespan and one event loop: ``with client: …``."""

    def __init__(self, app: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(app, *args, **kwargs)
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._life: Any = None

    def run(self) -> None:
        """Start the app."""
        self._loop = asyncio.new_event_loop()
        self._life = running(self.app)
        self._loop.run_until_complete(self._life.__aenter__())

    def stop(self) -> None:
        """Stop the app."""
        assert self._loop is not None
        self._loop.run_until_complete(self._life.__aexit__(None, None, None))
        self._loop.close()

    def __enter__(self) -> ReusableClient:
        self.run()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _sanic_endpoint_test(self, method: str = "get", uri: str = "/", *args: Any, **kwargs: Any) -> Pair:
        assert self._loop is not None
        for name in ("gather_request", "debug", "server_kwargs", "host", "allow_none"):
            kwargs.pop(name, None)
        self.port = self.port or 42000
        self._gathering.take()
        url = _url(uri, self.host, self.port, method)
        response = self._loop.run_until_complete(_send(self.app, method, url, (self.host, self.port), **kwargs))
        return self._gathering.take(), response


class TestManager:
    """The clients of an app.

    Args:
        app: The app.
    """

    __test__ = False

    def __init__(self, app: Any) -> None:
        self.test_client, self.asgi_client = SanicTestClient(app), SanicASGITestClient(app)
