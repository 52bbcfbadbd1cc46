"""Observation: what observers are told of each connection to an app.

Source: ASGI 3.0, "HTTP & WebSocket ASGI Message Format"; "Extensions" (trailers, path send).
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from .._types import AnyCallable, ASGIApp, Message, Receive, RouteLike, Scope, Send
from .logs import get_logger

logger = get_logger("fenrir.observer")

#: The key of the scope with the `Observation` of the innermost app that has observers.
OBSERVED = "fenrir.observed"
#: What an observer may have a function for, in the order of a connection.
PHASES = ("begin", "match", "answer", "end", "exit")
#: The functions of one phase, each with the name of its observer.
Callbacks = Sequence[Tuple[str, Callable[["Observation"], object]]]

_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
_BODIES = frozenset({"http.response.body", "websocket.http.response.body", "http.response.zerocopysend"})


class Observation:
    """What is known of one connection to an app; observers read it.

    Args:
        scope: The scope that the app was called with.
        app: The app that is observed.
        callbacks: What is called in each phase.
    """

    #: The app that has the matched route: the one that is observed, or a Fenrir app that is mounted in it.
    app: Any
    #: The route that matched, or None: nothing matched yet, or an app that is mounted serves the request.
    route: Optional[RouteLike] = None
    #: The path template as OpenAPI writes it, with the prefixes of mounts; of a foreign app its prefix and ``/*``. None
    #: where nothing matched.
    template: Optional[str] = None
    #: What the route calls, or the mounted app.
    endpoint: Optional[AnyCallable] = None
    #: The ASGI message that began the response, as it was sent.
    start: Optional[Message] = None
    #: The status that was sent; 101 for an accepted WebSocket, 403 for one that was closed before. 0 if none was sent.
    status = 0
    #: Bytes of the body that were sent so far; of a WebSocket those of its messages.
    size = 0
    #: The close code of a WebSocket, or None while it is open.
    close_code: Optional[int] = None
    #: The exception that was handled last, or that left the app; an error handler may have answered it.
    error: Optional[BaseException] = None
    #: Whether the last byte was sent, or the WebSocket closed; False at the end if the client disconnected early.
    is_complete = False
    #: The observation by the app that this app is mounted in, if that one has observers; None otherwise.
    outer: Optional[Observation]
    #: What observers keep until the end, each under a key of its own.
    state: Dict[Any, Any]

    def __init__(self, scope: Scope, app: Any, callbacks: Dict[str, Callbacks]) -> None:
        self.began = perf_counter()
        self.scope, self.app, self._callbacks = scope, app, callbacks
        self.outer, self.state = scope.get(OBSERVED), {}
        self._prefix: str = (scope.get("root_path") or "").rstrip("/")
        self._ended = 0.0
        self._has_trailers = False

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the last byte, or until now."""
        return (self._ended or perf_counter()) - self.began

    def tell(self, phase: str) -> None:
        """Call the observers; the failure of one is logged and affects neither the request nor the others."""
        for name, callback in self._callbacks[phase]:
            try:
                callback(self)
            except Exception:
                logger.exception("The observer %r failed (on_%s).", name, phase)

    def matched(self, target: Any) -> None:
        """Take note of the compiled route that serves the connection, or of the mount."""
        target = getattr(target, "target", target)  # HEAD is served by the GET route
        self.route = getattr(target, "route", None)
        if self.route is None:
            self._prefix += target.prefix
            self.template, self.endpoint = f"{self._prefix}/*", target.app
        else:
            self.template = f"{self._prefix}{target.template.openapi}"
            self.app, self.endpoint = target.app, self.route.endpoint
        self.tell("match")

    def end(self, is_complete: bool = False) -> None:
        """Take note that the connection is over; a second call does nothing."""
        if not self._ended:
            self._ended, self.is_complete = perf_counter(), is_complete
            self.tell("end")

    def sender(self, send: Send) -> Send:
        """Return a `send` that takes note of what is sent by `send`."""

        async def observe(message: Message) -> None:
            kind = message["type"]
            if kind in _STARTS:
                self._has_trailers = bool(message.get("trailers"))
                self._begin(message, message["status"])
            elif kind == "websocket.accept":
                self._begin(message, 101)
            elif kind == "websocket.close" and not self.status:
                self._begin(message, 403)  # ASGI: a close before the handshake is answered with 403
            await send(message)
            if kind in _BODIES:
                self.size += len(message.get("body", b""))
                if not message.get("more_body") and not self._has_trailers:
                    self.end(True)
            elif kind == "websocket.send":
                self.size += _payload(message)
            elif kind == "websocket.close":
                self._close(message)
            elif kind == "http.response.pathsend" or (
                kind == "http.response.trailers" and not message.get("more_trailers")
            ):
                self.end(True)

        return observe

    def receiver(self, receive: Receive) -> Receive:
        """Return a `receive` of a WebSocket that takes note of its end."""

        async def observe() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self._close(message)
            return message

        return observe

    def _begin(self, message: Message, status: int) -> None:
        self.start, self.status = message, status
        self.tell("answer")

    def _close(self, message: Message) -> None:
        if self.close_code is None:
            self.close_code = message.get("code") or 1000
        self.end(True)


class ObservedApp:
    """The outermost ASGI layer of an app with observers.

    Args:
        app: The ASGI app inside.
        owner: The app as users know it.
        observers: The `Observer`s, in order.
    """

    def __init__(self, app: ASGIApp, owner: Any, observers: Sequence[Any]) -> None:
        self.app, self.owner = app, owner
        self.callbacks: Dict[str, Callbacks] = {phase: [] for phase in PHASES}
        for phase in PHASES:
            found = [(observer.name, getattr(observer, f"on_{phase}")) for observer in observers]
            if phase in ("end", "exit"):
                found.reverse()
            self.callbacks[phase] = [item for item in found if item[1] is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        observation = Observation(scope, self.owner, self.callbacks)
        observation.tell("begin")
        if scope["type"] == "websocket":
            receive = observation.receiver(receive)
        try:
            await self.app({**scope, OBSERVED: observation}, receive, observation.sender(send))
        except BaseException as error:
            observation.error = error
            raise
        finally:
            observation.end()
            observation.tell("exit")


def record(scope: Scope, item: object) -> None:
    """Tell the observers of an app, and of those that it is mounted in, what serves a connection.

    Args:
        scope: The connection's scope.
        item: A `Mount`, a `CompiledRoute` with `route` and `template` (or one for HEAD, with the
            `target` that it is served by), or an exception that is about to be handled.
    """
    observation: Optional[Observation] = scope.get(OBSERVED)
    while observation is not None:
        if isinstance(item, BaseException):
            observation.error = item
        else:
            observation.matched(item)
        observation = observation.outer


def _payload(message: Message) -> int:
    text: Optional[str] = message.get("text")
    if text is None:
        return len(message.get("bytes") or b"")
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
