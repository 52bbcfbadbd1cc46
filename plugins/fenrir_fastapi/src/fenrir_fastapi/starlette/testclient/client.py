"""The test client."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type

import httpx

from fenrir_core.authoring import ERRORS, UNSTARTED, ASGIApp

from .event_loop import EventLoopThread
from .lifespan import LifespanDriver
from .transport import Transport
from .websocket import WebSocketTestSession


class TestClient(httpx.Client):
    """A client that calls an ASGI app without a server, from synchronous code.

    As a context manager it starts the app and stops it at the end, and all requests share one
    event loop. Otherwise the app is not started and each request has its own event loop.

    Args:
        app: Any ASGI application.
        base_url: The base of relative URLs.
        raise_server_exceptions: Whether an unhandled error of the app is raised in the test
            instead of answered with 500.
        root_path: The ASGI `root_path`.
        backend, backend_options: For compatibility; the event loop is asyncio's.
        cookies, headers, follow_redirects: As `httpx.Client`.
        client: The client's host and port in the scope.
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
        self._running: Optional[EventLoopThread] = None
        self._lifespan: Optional[LifespanDriver] = None
        self._handler = Transport(self, raise_server_exceptions, root_path, client)
        super().__init__(
            base_url=base_url,
            headers={"user-agent": "testclient", **(headers or {})},
            transport=self._handler,
            follow_redirects=follow_redirects,
            cookies=cookies,
        )

    def extensions(self, errors: List[BaseException]) -> Dict[str, Any]:
        """Return the ASGI extensions of a connection, with the list that collects the app's unhandled errors."""
        found: Dict[str, Any] = {"websocket.http.response": {}, ERRORS: errors}
        if self._lifespan is None:
            found[UNSTARTED] = {}
        return found

    def event_loop(self) -> Tuple[EventLoopThread, bool]:
        """Return the loop to run on, and whether it must be closed after use."""
        return (EventLoopThread(), True) if self._running is None else (self._running, False)

    def run(self, work: Any) -> Any:
        """Run a coroutine on the client's loop, or on a new one."""
        loop, is_own = self.event_loop()
        try:
            return loop.call(work)
        finally:
            if is_own:
                loop.close()

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
        base = httpx.URL(self.base_url).copy_with(scheme="wss" if self.base_url.scheme == "https" else "ws")
        request = self.build_request("GET", base.join(url), headers=given, **kwargs)
        errors: List[BaseException] = []
        scope = self._handler.scope(request, "websocket", errors)
        scope["subprotocols"] = list(subprotocols or ())
        return WebSocketTestSession(self, scope, errors)

    def __enter__(self) -> TestClient:
        self._running = EventLoopThread()
        self._lifespan = LifespanDriver(self.app, self.app_state)
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
