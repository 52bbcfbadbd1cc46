"""The client for tests that are plain functions, with an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, AsyncContextManager, AsyncIterator, Awaitable, Iterator, Optional, Type, Union

from .._types import ASGIApp, T
from ..http.sse import ServerSentEvent
from ._client import Client
from ._sending import ClientOptions, Cookies, FollowOptions, RequestOptions, WebSocketOptions
from ._talk import Answer, Session, Stream

if TYPE_CHECKING:
    from typing_extensions import Unpack


class _End(Enum):
    """The type of `END`, so that type checkers can tell it from an item."""

    END = 0


class SyncClient:
    """An in-process client for plain functions; it needs no plugin of a test framework.

    The app starts at the first use and stops when the client is closed or its `with` block
    ends; in between its tasks continue to run.

    Args:
        app: Any ASGI application.
        **options: As in `Client`.
    """

    def __init__(self, app: ASGIApp, **options: Unpack[ClientOptions]) -> None:
        self.client = Client(app, **options)
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._thread: Optional[threading.Thread] = None

    @property
    def app(self) -> ASGIApp:
        """The app."""
        return self.client.app

    @property
    def cookies(self) -> Cookies:
        """The cookies that responses have set."""
        return self.client.cookies

    def __enter__(self) -> SyncClient:
        """Start the app."""
        self._started()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Stop the app."""
        self.close()

    def close(self) -> None:
        """Stop the app, if it was started."""
        loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        try:
            self._wait(loop, self.client.__aexit__())
        finally:
            _end(loop, thread)

    def run(self, awaitable: Awaitable[T]) -> T:
        """Run a coroutine in the app's event loop and return its result."""
        try:
            loop = self._started()
        except BaseException:
            getattr(awaitable, "close", bool)()  # else Python warns that it was never awaited
            raise
        return self._wait(loop, awaitable)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_forever, name="fenrir-testing", daemon=True)
            thread.start()
            try:
                self._wait(loop, self.client.__aenter__())
            except BaseException:
                _end(loop, thread)
                raise
            self._loop, self._thread = loop, thread
        return self._loop

    def _wait(self, loop: asyncio.AbstractEventLoop, awaitable: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(waiting(), loop).result()

    # ------------------------------------------------------------ what `Client` has

    def request(self, method: str, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a request and return the complete response; see `Client.request`."""
        return self.run(self.client.request(method, path, **options))

    def get(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a GET request; see `request`."""
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a HEAD request; see `request`."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send an OPTIONS request; see `request`."""
        return self.request("OPTIONS", path, **options)

    def post(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a POST request; see `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a PUT request; see `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a PATCH request; see `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[FollowOptions]) -> Answer:
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", path, **options)

    @contextmanager
    def stream(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Iterator[SyncStream]:
        """Send a request and return the response as it arrives; see `Client.stream`."""
        with self._opened(self.client.stream(method, path, **options)) as stream:
            yield SyncStream(self, stream)

    @contextmanager
    def events(self, path: str, **options: Unpack[RequestOptions]) -> Iterator[Iterator[ServerSentEvent]]:
        """Request server-sent events and return them as they arrive; see `Client.events`."""
        with self._opened(self.client.events(path, **options)) as events:
            yield _iterate(self, events)

    @contextmanager
    def websocket(self, path: str, **options: Unpack[WebSocketOptions]) -> Iterator[SyncSession]:
        """Open a WebSocket; see `Client.websocket`."""
        with self._opened(self.client.websocket(path, **options)) as session:
            yield SyncSession(self, session)

    @contextmanager
    def _opened(self, manager: AsyncContextManager[T]) -> Iterator[T]:
        found = self.run(manager.__aenter__())
        try:
            yield found
        finally:
            self.run(manager.__aexit__(None, None, None))


class SyncStream:
    """A response that is read as it arrives: iterate it for its chunks."""

    def __init__(self, client: SyncClient, stream: Stream) -> None:
        self.status, self.headers = stream.status, stream.headers
        self._client, self._stream = client, stream

    def __iter__(self) -> Iterator[bytes]:
        """Iterate the chunks; an exception that the app raises in between is raised here."""
        return _iterate(self._client, self._stream.__aiter__())

    def disconnect(self) -> None:
        """Disconnect before the end, and wait until the app has ended."""
        self._client.run(self._stream.disconnect())


class SyncSession:
    """The client's end of an open WebSocket; see `Session`."""

    def __init__(self, client: SyncClient, session: Session) -> None:
        self.subprotocol, self.headers = session.subprotocol, session.headers
        self._client, self._session = client, session

    def send(self, data: Union[str, bytes]) -> None:
        """Send a text or binary message."""
        self._client.run(self._session.send(data))

    def receive(self) -> Union[str, bytes]:
        """Receive the next message; see `Session.receive`."""
        return self._client.run(self._session.receive())

    def close(self, code: int = 1000) -> None:
        """Close the connection, and wait until the app has ended."""
        self._client.run(self._session.close(code))


def _iterate(client: SyncClient, items: AsyncIterator[T]) -> Iterator[T]:
    async def following() -> Union[T, _End]:
        try:
            return await items.__anext__()
        except StopAsyncIteration:  # it can't be set on a Future
            return _End.END

    while True:
        item = client.run(following())
        if item is _End.END:
            return
        yield item


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    async def clear() -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await loop.shutdown_asyncgens()

    try:
        asyncio.run_coroutine_threadsafe(clear(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
