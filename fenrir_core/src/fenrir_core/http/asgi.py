"""Responses that an ASGI application sends.

Source: ASGI 3.0, "HTTP".
"""

from __future__ import annotations

from typing import Awaitable, Callable, List, NoReturn, Optional

from .._types import ASGIApp, Message, PathParams, Receive, Scope, Send
from .connection import CompiledRouteLike, Connection, current, raise_unhandled
from .head import too_large
from .response import Response, checked_head

#: What compiled routes of mounts do around which nothing runs: as `ASGIResponse.send`, in their own coroutine.
# PERF: 6.8 -> 6.1 us; that a length is known was seen with the head
FORWARD = """
response = ASGIResponse(mounted)
response._inner_send, response._connection = send, request
limit = target.max_body
if limit is not None and not length:
    response._inner_receive, response._left, receive = receive, limit, response._receive_bounded
try:
    await mounted(scope, receive, response._pass_on)
    if response._is_over or request.unhandled is not None:
        response.end()
    response = None
except BaseException as error:
    response.failure = error
"""
#: What they do then, as those of other applications.
RESPOND = """
if response is not None:
    await respond(request, response)
"""


class KeptReceive:
    """ASGI's `receive` that keeps its messages, so that an application can receive them once more.

    Args:
        receive: The server's `receive`.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: List[Message] = []

    async def __call__(self) -> Message:
        """Receive a message and keep it."""
        message = await self._receive()
        self._kept.append(message)
        return message

    def again(self) -> Receive:
        """Return a `receive` that gives what was received, then what is still to come, which is not kept."""
        kept, self._kept = self._kept[::-1], []
        receive = self._receive

        async def receive_again() -> Message:
            return kept.pop() if kept else await receive()

        return receive_again


class ASGIResponse(Response):
    """A response that an ASGI application sends.

    Headers set here are added to those of the application; steps of `Connection.on_response_start` see its
    status and headers and may change them.

    Args:
        app: The ASGI application. It is called with the connection's own scope, `receive` and `send`; a body that
            was read before, for example by a guard, is received again.
    """

    streams = True
    body = b""
    status = 200
    background = None
    #: The application.
    app: ASGIApp
    #: Called when the application has set status and headers; returns the response that is sent, this or another.
    _finish: Optional[Callable[[Response], Awaitable[Response]]] = None
    _start: Optional[Message] = None
    #: Whether status and headers were sent, so that the rest passes as it is.
    _is_forwarded = False
    #: How many bytes of a body of unknown length may still come, and whether more have come.
    _left = 0
    _is_over = False
    #: What the application has raised already; it is raised again by `send`.
    failure: Optional[BaseException] = None
    _connection: Connection
    _inner_receive: Receive
    _inner_send: Send

    def __init__(self, app: ASGIApp) -> None:
        # PERF: what `Response()` makes, without looking for a content type
        self.app, self.raw_headers = app, []

    async def send(self, connection: Connection) -> None:
        """Let the application send its response; while it does that, send its status and headers."""
        if self.failure is not None:
            self._fail(self.failure)
        if self._start is not None:
            await self._forward(connection, self._start)
            return
        receive, self._inner_send, self._connection = connection.receive, connection.send, connection
        if isinstance(receive, KeptReceive):
            receive = receive.again()
        body = getattr(connection, "_body", None)
        if body is not None:  # it may be another than was received
            receive = _replayed(body, connection.receive)
        limit = connection.compiled_route.max_body
        if limit is not None and connection.scope["type"] == "http":
            for name, _ in connection.scope["headers"]:  # PERF: without a function of its own
                if name == b"content-length":
                    break
            else:
                self._inner_receive, self._left = receive, limit
                receive = self._receive_bounded
        try:
            await self.app(connection.scope, receive, self._pass_on)
        except Exception as error:
            self._fail(error)
        self._check_body()

    def end(self) -> None:
        """Raise what is to be raised after an application that has raised nothing itself."""
        self._check_body()
        raise_unhandled(self._connection)

    def _check_body(self) -> None:
        """Refuse a body that was over the limit, unless the application has begun to answer it."""
        limit = self._connection.compiled_route.max_body
        if self._is_over and limit is not None and not self._connection.started:
            raise too_large(limit, self._connection.scope)

    def _fail(self, error: BaseException) -> NoReturn:
        """Raise what the application has raised; what it makes of a body that is over the limit is not told."""
        self.failure = None
        if isinstance(error, Exception):
            self._check_body()
        try:
            raise error
        finally:
            del error  # its traceback has this frame

    def _pass_on(self, message: Message) -> Awaitable[None]:
        """Send a message of the application's; the first one has to begin the response."""
        if self._is_forwarded:  # PERF: what follows the head is the server's `send` alone, 0.3 us a message
            return self._inner_send(message)
        connection = self._connection
        is_seen = self._finish is not None or connection.before_start or self.raw_headers or self._is_over
        if is_seen or self._start is not None or message["type"] != "http.response.start":
            return self._begin(connection, message)
        # PERF: nothing looks at the head here, 11 -> 5 us for an application that is mounted
        self._start = message
        status, headers = int(message["status"]), checked_head(message.get("headers", ()), None)
        head: Message = {"type": "http.response.start", "status": status, "headers": headers}
        if len(message) > 3:
            head = {**message, **head}
        connection.started = self._is_forwarded = True
        return self._inner_send(head)

    async def _begin(self, connection: Connection, message: Message) -> None:
        if self._is_over and not connection.started:
            return  # the response is a 413
        if self._start is not None:
            return  # another response was sent
        if message["type"] != "http.response.start":
            await self._inner_send(message)
            return
        self._start = message
        self.status = message["status"]
        self.raw_headers[:0] = message.get("headers", ())
        # the application may be another's inner one, with a context and a `send` of its own
        outer_send, connection.send = connection.send, self._inner_send
        token = current.set(connection)
        try:
            await self._finished(connection)
        finally:
            current.reset(token)
            connection.send = outer_send

    async def _receive_bounded(self) -> Message:
        """Receive a message; once the body is over the limit, the client counts as gone."""
        if not self._is_over:
            message = await self._inner_receive()
            self._left -= len(message.get("body", b""))
            if self._left >= 0:
                return message
            self._is_over = True
        return {"type": "http.disconnect"}

    async def _finished(self, connection: Connection) -> None:
        response: Response = self if self._finish is None else await self._finish(self)
        await response.send(connection)
        if response is not self:
            self.background = response.background

    async def _forward(self, connection: Connection, start: Message) -> None:
        await self.run_start_steps(connection)
        headers = checked_head(self.raw_headers, None)
        connection.started = self._is_forwarded = True
        await connection.send({**start, "status": int(self.status), "headers": headers})


async def finish_later(response: Response, finish: Callable[[Response], Awaitable[Response]]) -> Response:
    """Return `finish(response)`; the response of an ASGI application is finished when its status is known."""
    if not isinstance(response, ASGIResponse):
        return await finish(response)
    response._finish = finish
    return response


def _replayed(body: bytes, receive: Receive) -> Receive:
    kept: List[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return kept.pop() if kept else await receive()

    return receive_again


class HeadRoute:
    """A GET route that answers HEAD: it does the same work, and its body is not sent.

    Args:
        target: The compiled route.
    """

    def __init__(self, target: CompiledRouteLike) -> None:
        self.target, self.app, self.route = target, target.app, target.route

    async def call(self, scope: Scope, receive: Receive, send: Send, params: PathParams) -> None:
        """Run the GET route and drop what it sends as body."""

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                message = {**message, "body": b""}
            await send(message)

        await self.target.call(scope, receive, bodiless, params)
