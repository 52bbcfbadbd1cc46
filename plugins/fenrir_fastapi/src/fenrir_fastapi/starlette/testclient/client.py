"""The test client."""

from __future__ import annotations

import inspect
import math
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple, Type
from urllib.parse import urljoin

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from fenrir_core import App, FenrirError
from fenrir_core.authoring import ERRORS, UNSTARTED, ASGIApp, Message, Receive, Scope, Send

from ..types import Values
from .driving import ASGI
from .transport import Transport, Upgrade
from .websocket import WebSocketTestSession


class TestClient(httpx.Client):
    """A client that calls an ASGI app without a server, from synchronous code.

    As a context manager it starts the app and stops it at the end, and all requests share one
    event loop. Otherwise the app is not started and each request has its own event loop.

    Args:
        app: Any ASGI application, also one for ASGI 2.
        base_url: The base of relative URLs.
        raise_server_exceptions: Whether an unhandled error of the app is raised in the test
            instead of answered with 500.
        root_path: The ASGI `root_path`.
        backend, backend_options: The event loop, see `anyio.run`.
        cookies, headers, follow_redirects: As `httpx.Client`.
        client: The client's host and port in the scope.

    Raises:
        ValueError: The app is one of the kernel's, which run on asyncio, and another event loop is asked for.
    """

    __test__ = False
    #: The portal to the event loop of all requests, between start and stop.
    portal: Optional[BlockingPortal] = None

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: str = "asyncio",
        backend_options: Optional[Values] = None,
        cookies: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        follow_redirects: bool = True,
        client: Tuple[str, int] = ("testclient", 50000),
    ) -> None:
        if backend != "asyncio" and isinstance(app, App):
            raise ValueError(
                f"{type(app).__name__} runs on asyncio: its threads, streams and lifespan are asyncio's. Leave out "
                f'`backend="{backend}"`; apps of the class Starlette and other ASGI apps run on it.'
            )
        self.app = app if _is_asgi3(app) else _from_asgi2(app)
        self.app_state: Values = {}
        self._backend: Values = {"backend": backend, "backend_options": backend_options or {}}
        self._errors: List[BaseException] = []
        self._handler = Transport(self, raise_server_exceptions, root_path, client)
        super().__init__(
            base_url=base_url,
            headers={"user-agent": "testclient", **(headers or {})},
            transport=self._handler,
            follow_redirects=follow_redirects,
            cookies=cookies,
        )

    def extensions(self, errors: List[BaseException]) -> Values:
        """Return the ASGI extensions of a connection, with the list that collects the app's unhandled errors."""
        found: Values = {"websocket.http.response": {}, "http.response.debug": {}, ERRORS: errors}
        if self.portal is None:
            found[UNSTARTED] = {}
        return found

    @contextmanager
    def portal_factory(self) -> Iterator[BlockingPortal]:
        """Return the block in which the event loop of a connection runs: the client's, or one of its own."""
        if self.portal is not None:
            yield self.portal
        else:
            with start_blocking_portal(**self._backend) as portal:
                yield portal

    def websocket_connect(
        self, url: str, subprotocols: Optional[Sequence[str]] = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """Return a WebSocket session; entering it connects.

        Args:
            url: A path, or a whole URL.
            subprotocols: The subprotocols that the client offers, in order of preference.
            **kwargs: As for `httpx.Client.build_request`: headers, params, cookies, …
        """
        headers = {"connection": "upgrade", "sec-websocket-key": "testserver==", "sec-websocket-version": "13"}
        if subprotocols is not None:
            headers["sec-websocket-protocol"] = ", ".join(subprotocols)
        given = httpx.Headers({**headers, **dict(kwargs.pop("headers", None) or {})})
        base = self.base_url.copy_with(scheme="wss" if self.base_url.scheme == "https" else "ws")
        try:
            self.request("GET", urljoin(str(base), url), headers=given, **kwargs)
        except Upgrade as upgrade:
            return WebSocketTestSession(self.app, upgrade.scope, self.portal_factory, upgrade.errors)
        raise RuntimeError("Expected WebSocket upgrade")

    def __enter__(self) -> TestClient:
        with ExitStack() as stack:
            self.portal = stack.enter_context(start_blocking_portal(**self._backend))
            stack.callback(setattr, self, "portal", None)
            to_app: Any = anyio.create_memory_object_stream(math.inf)
            from_app: Any = anyio.create_memory_object_stream(math.inf)
            for channel in (*to_app, *from_app):
                stack.callback(channel.close)
            self._to_app, self._from_app = to_app, from_app
            self.task = self.portal.start_task_soon(self.lifespan)
            self.portal.call(self.wait_startup)
            stack.callback(self.portal.call, self.wait_shutdown)
            self._exits = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]] = None,
        error: Optional[BaseException] = None,
        trace: Optional[TracebackType] = None,
    ) -> None:
        self._exits.close()

    async def lifespan(self) -> None:
        """Run the app's lifespan."""
        scope = {"type": "lifespan", "asgi": dict(ASGI), "state": self.app_state, "extensions": {ERRORS: self._errors}}
        try:
            await self.app(scope, self._to_app[1].receive, self._from_app[0].send)
        finally:
            await self._from_app[0].send(None)

    async def wait_startup(self) -> None:
        """Start the app; an error of its start-up is raised here."""
        await self._ask("lifespan.startup")

    async def wait_shutdown(self) -> None:
        """Stop the app; an error of its shutdown is raised here."""
        if self.task.done():
            self.task.result()
        else:
            await self._ask("lifespan.shutdown")
            await self._from_app[1].receive()
            self.task.result()

    async def _ask(self, event: str) -> None:
        await self._to_app[0].send({"type": event})
        message: Optional[Message] = await self._from_app[1].receive()
        if message is None:
            self.task.result()
        if self._errors:
            raise self._errors.pop()
        if message is not None and message["type"].endswith(".failed"):
            await self._from_app[1].receive()
            self.task.result()
            raise FenrirError(message.get("message") or f"The app failed at {event}.")


def _is_asgi3(app: Any) -> bool:
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    if inspect.isfunction(app):
        return len(inspect.signature(app).parameters) != 1 or inspect.iscoroutinefunction(app)
    call = getattr(app, "__call__", None)  # noqa: B004  # the method itself
    try:
        return len(inspect.signature(call or app).parameters) != 1
    except (TypeError, ValueError):
        return True


def _from_asgi2(app: Any) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope)(receive, send)

    return serve
