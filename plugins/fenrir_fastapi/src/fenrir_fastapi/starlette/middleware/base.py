"""Middleware written as `dispatch(request, call_next)`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, AsyncIterator, Awaitable, Callable, Deque, Optional, cast

from fenrir_core import current
from fenrir_core.authoring import ASGIApp, Message, RawHeaders, Receive, Scope, Send

from ..detached import DetachedRequest
from ..requests import Request
from ..responses import Response, StreamingResponse

__all__ = ["BaseHTTPMiddleware", "DispatchFunction", "RequestResponseEndpoint"]

RequestResponseEndpoint = Callable[[Request], Awaitable[Any]]
DispatchFunction = Callable[[Request, RequestResponseEndpoint], Awaitable[Response]]
_DISCONNECT: Message = {"type": "http.disconnect"}
#: Messages that are no part of the response.
_AHEAD = frozenset({"http.response.early_hint", "http.response.push"})
#: Whether a task can begin before the loop's next turn (Python 3.12).
EAGER = hasattr(asyncio, "eager_task_factory")


class BaseHTTPMiddleware:
    """Middleware that calls `dispatch(request, call_next)` for every HTTP request.

    Args:
        app: The wrapped app.
        dispatch: The function; a subclass may have it as a method instead.
    """

    def __init__(self, app: ASGIApp, dispatch: Optional[DispatchFunction] = None) -> None:
        self.app = app
        self.dispatch_func: DispatchFunction = dispatch or self.dispatch

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Return the response to a request; `await call_next(request)` returns that of the wrapped app."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        inner = _Inner(self.app, request)
        try:
            response = await self.dispatch_func(request, inner.call_next)
            if type(response) is PassedResponse and response.background is None:  # PERF: past its `__call__`, 2 us
                await response.stream_response(send)
            else:
                await response(scope, inner.receive, send)
            if inner.task is not None and not inner.has_ended(inner.task):
                await inner.finish(inner.task)
        except BaseException:
            if inner.task is not None:
                inner.task.cancel()
            raise


class _Inner:
    """The wrapped app, run in a task of its own, with its response as an object.

    The app waits with each piece of the body until it is asked for, with the last one until it is sent: what runs
    after the response runs after it.
    """

    def __init__(self, app: ASGIApp, request: Request) -> None:
        self.app, self.request = app, request
        self.task: Optional[asyncio.Task[None]] = None
        #: The scope that the app was called with.
        self.scope: Optional[Scope] = None
        self.messages: Deque[Message] = deque()
        #: What the reader waits for: a message, or the end of the app.
        self._arrival: Optional[asyncio.Future[None]] = None
        #: What the app waits for: that its message is taken.
        self._taken: Optional[asyncio.Future[None]] = None
        #: Whether the response was sent, or another one instead of it.
        self._is_over = False
        self._over: Optional[asyncio.Future[Message]] = None
        self._is_raised = False

    async def call_next(self, request: Request) -> StreamingResponse:
        """Run the wrapped app and return its response as soon as it starts; an error before that is raised here.

        Raises:
            RuntimeError: The app sent no response.
        """
        self.scope = request.scope
        self.task = _begin(self.app(request.scope, self.receive, self.send))
        if not self.task.done():
            self.task.add_done_callback(self._arrived)
        message = self.messages.popleft() if self.messages else await self._next()
        info = None
        while message is not None and message["type"] == "http.response.debug":
            info, message = message["info"], await self._next()
        if message is None:
            self._raise_error(self.task)
            raise RuntimeError("No response returned.")
        response = PassedResponse(self, message["status"], list(message.get("headers") or ()))
        response.info = info
        return response

    async def send(self, message: Message) -> None:
        """Take a message of the app; once another response was sent instead of its own, drop it."""
        if self._is_over:
            return
        if message["type"] in _AHEAD:
            await self.request.connection.send(message)
            return
        self.messages.append(message)
        if self._arrival is not None:
            self._arrived()
        if message["type"] == "http.response.body" and (message.get("more_body") or not self._is_end()):
            self._taken = asyncio.get_running_loop().create_future()
            await self._taken

    def _is_end(self) -> bool:
        """Return whether nothing runs in the app after its response, which then need not wait for its last piece."""
        connection = current.get(None)  # PERF: no turn of the loop for a whole answer
        return (
            connection is not None
            and connection.is_whole
            and connection.scope is self.scope
            and not connection.has_cleanups
        )

    async def receive(self) -> Message:
        """Return the next message for the app; a body that `dispatch` has read comes again."""
        connection = self.request.connection
        assert isinstance(connection, DetachedRequest)
        if self._is_over:
            return _DISCONNECT
        return await connection.pass_on(self._or_over)

    async def _or_over(self, receive: Receive) -> Message:
        """Return the next message, or a disconnect as soon as the response was sent."""
        self._over = self._over or asyncio.get_running_loop().create_future()
        receiving: asyncio.Future[Message] = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({receiving, self._over}, return_when=asyncio.FIRST_COMPLETED)
            return receiving.result() if receiving.done() else _DISCONNECT
        finally:
            receiving.cancel()

    def _arrived(self, task: object = None) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _next(self) -> Optional[Message]:
        """Return the app's next message; None at its end."""
        task = self.task
        while not self.messages:
            if task is None or task.done():
                return None
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        message = self.messages.popleft()
        if message.get("more_body"):
            self._release()
        return message

    def _release(self) -> None:
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(None)

    async def body(self) -> AsyncIterator[Any]:
        """Iterate over the messages of the body; an error of the app is raised here."""
        while True:
            message = await self._next()
            if message is None:
                break
            yield message
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                return
        if self.task is not None:
            self._raise_error(self.task)

    async def pass_body(self, send: Send) -> None:
        """Send the messages of the body on as they come; an error of the app is raised here."""
        while True:  # PERF: no async generator, 3 us less a request
            message = await self._next()
            if message is None:
                if self.task is not None:
                    self._raise_error(self.task)
                break
            if message["type"] != "http.response.body":  # a file that the server sends
                await send(message)
                return
            is_end = not message.get("more_body", False)
            if is_end and self.task is not None and self.task.done():  # PERF: one message instead of two
                await send(message)
                return
            if message.get("body"):
                await send({"type": "http.response.body", "body": message["body"], "more_body": True})
            if is_end:
                break
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _raise_error(self, task: asyncio.Task[None]) -> None:
        """Raise the error of the app, with its own context and not that of the place where it is raised."""
        self._is_raised = True
        error = None if task.cancelled() else task.exception()
        if error is not None:
            raise error from error.__cause__ or error.__context__
        task.result()

    def has_ended(self, task: asyncio.Task[None]) -> bool:
        """Return whether the wrapped app has ended without an error; from now on its messages are dropped."""
        self._is_over = True
        return task.done() and not task.cancelled() and task.exception() is None

    async def finish(self, task: asyncio.Task[None]) -> None:
        """Let the wrapped app end; its error is raised, unless that was done already."""
        self._is_over = True
        self._release()
        if self._over is not None and not self._over.done():
            self._over.set_result(_DISCONNECT)
        if not task.done():
            await asyncio.sleep(0)  # PERF: one turn of the loop, where waiting for the task costs two
        while not task.done():
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        if not self._is_raised:
            self._raise_error(task)


def _begin(work: Any) -> asyncio.Task[None]:
    """Return the task of an app, which has run to its first wait where Python can do that."""
    loop = asyncio.get_running_loop()
    if EAGER:  # PERF: an app that never waits needs no turn of the loop before its response
        return asyncio.Task(work, loop=loop, eager_start=True)  # type: ignore[call-arg,unused-ignore]  # not before 3.12
    return loop.create_task(work)


class PassedResponse(StreamingResponse):
    """The response of the wrapped app, sent on message by message."""

    def __init__(self, inner: _Inner, status_code: int, raw_headers: RawHeaders) -> None:
        # PERF: without the constructors of its bases, 1 us; `content` is made where it is asked for
        self._inner: Optional[_Inner] = inner
        self.info: Optional[Message] = None
        self.status, self.raw_headers, self.background, self.body = status_code, raw_headers, None, b""
        self._iterator: Any = None

    async def _chunks(self) -> AsyncIterator[bytes]:
        assert self._inner is not None
        async for message in self._inner.body():
            if message.get("body"):
                yield message["body"]

    @property
    def body_iterator(self) -> AsyncIterator[Any]:
        """The chunks of the body; it may be replaced."""
        return cast(AsyncIterator[Any], self.content)

    @body_iterator.setter
    def body_iterator(self, chunks: Any) -> None:
        self.content, self._inner = chunks, None

    @property
    def content(self) -> Any:
        """The chunks of the body."""
        if self._iterator is None:
            self._iterator = self._chunks()
        return self._iterator

    @content.setter
    def content(self, chunks: Any) -> None:
        self._iterator = chunks

    async def stream_response(self, send: Send) -> None:
        """Send all of the response."""
        if self.info is not None:
            await send({"type": "http.response.debug", "info": self.info})
        if self._inner is None:
            await super().stream_response(send)
            return
        await send({"type": "http.response.start", "status": self.status, "headers": self.raw_headers})
        await self._inner.pass_body(send)

    async def send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; the wrapped app watches for a disconnect itself."""
        await self.stream_response(send)
