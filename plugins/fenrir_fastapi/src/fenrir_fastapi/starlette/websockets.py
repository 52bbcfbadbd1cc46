"""Starlette's WebSocket: a facade of the kernel's."""

from __future__ import annotations

import json
from enum import Enum
from types import MethodType
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable, List, Optional, Tuple, TypeVar, Union, cast

from fenrir_core import Connection, InvalidJSON, WebSocketDisconnect
from fenrir_core.authoring import CLOSED, OPEN, F, InvalidMessage, Message, Receive, Scope, Send, dumps, loads

from .requests import HTTPConnection, empty_receive, empty_send

__all__ = ["WebSocket", "WebSocketClose", "WebSocketDisconnect", "WebSocketDisconnected", "WebSocketState"]

T = TypeVar("T")


class WebSocketState(Enum):
    """The states of a WebSocket connection."""

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3

    # PERF: Enum's own is a Python function that runs for each message; ten echoes take 29.4 -> 27.4 us on 3.12
    __hash__ = object.__hash__


class _WrongType(InvalidMessage, KeyError):
    """A binary message where text was asked for, or the other way; Starlette raises KeyError."""


class _NoJSON(json.JSONDecodeError, InvalidMessage):
    """A message that is not JSON; Starlette raises JSONDecodeError."""

    def __init__(self, msg: str) -> None:
        json.JSONDecodeError.__init__(self, msg, "", 0)
        InvalidMessage.__init__(self, "JSON", msg, 1008)


class WebSocketDisconnected(WebSocketDisconnect, RuntimeError):
    """Raised when a WebSocket is used that is not open: a disconnect with the code 1006.

    Args:
        reason: What was called too late.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(1006, reason)

    def __str__(self) -> str:
        return self.reason


_CONNECTING, _CONNECTED = WebSocketState.CONNECTING, WebSocketState.CONNECTED
_DISCONNECTED, _RESPONSE = WebSocketState.DISCONNECTED, WebSocketState.RESPONSE
#: The messages that may be sent in each state, and the state after the ones that change it.
_SENDABLE = {
    _CONNECTING: ("websocket.accept", "websocket.close", "websocket.http.response.start"),
    _CONNECTED: ("websocket.send", "websocket.close"),
    _RESPONSE: ("websocket.http.response.body",),
}
_AFTER = {
    "websocket.accept": _CONNECTED, "websocket.close": _DISCONNECTED, "websocket.http.response.start": _RESPONSE,
}  # fmt: skip
_TOO_LATE = 'Cannot call "receive" once a disconnect message has been received.'
_RECEIVABLE = {_CONNECTING: ("websocket.connect",), _CONNECTED: ("websocket.receive", "websocket.disconnect")}


class _Replaceable:
    """A method in whose place an object may be given another function, and which then passes nothing by it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        # not its own name: the method that overrides this one may be replaced, too, and still calls this one
        self.function, self.name = function, f"_given_{function.__name__}"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self.function
        found = instance.__dict__.get(self.name)
        return MethodType(self.function, instance) if found is None else found

    def __set__(self, instance: Any, function: Any) -> None:
        instance.__dict__[self.name] = function
        instance._direct, instance._has_own_methods = None, False

    def __delete__(self, instance: Any) -> None:
        if instance.__dict__.pop(self.name, None) is None:
            raise AttributeError(self.function.__name__)


def _replaceable(function: F) -> F:
    return cast(F, _Replaceable(function))


class WebSocket(HTTPConnection):
    """A WebSocket connection; see `fenrir_core.WebSocket`."""

    def __init__(
        self, scope: Union[Connection, Scope], receive: Receive = empty_receive, send: Send = empty_send
    ) -> None:
        super().__init__(scope, receive, send)
        assert self.scope["type"] == "websocket"
        self._client_state = self._application_state = _CONNECTING

    @property
    def client_state(self) -> WebSocketState:
        """The state by the messages that were received."""
        if self._client_state is _CONNECTING and self.connection.phase in (OPEN, CLOSED):
            self._client_state = _CONNECTED  # the kernel has received the first message
        if self._client_state is _CONNECTED and self.connection.has_left:
            self._client_state = _DISCONNECTED
        return self._client_state

    @client_state.setter
    def client_state(self, state: WebSocketState) -> None:
        self._client_state, self._direct = state, None

    @property
    def application_state(self) -> WebSocketState:
        """The state by the messages that were sent."""
        if self._application_state is _CONNECTING:
            phase = self.connection.phase
            if phase == OPEN:
                self._application_state = _CONNECTED
            elif phase == CLOSED:
                self._application_state = _DISCONNECTED
        if self._application_state is _CONNECTED and self.connection.is_lost:
            self._application_state = _DISCONNECTED
        return self._application_state

    @application_state.setter
    def application_state(self, state: WebSocketState) -> None:
        self._application_state, self._direct = state, None

    @property
    def subprotocols(self) -> List[str]:
        """The subprotocols that the client offers, in its order of preference."""
        return list(self.scope.get("subprotocols", ()))

    @_replaceable
    async def receive(self) -> Message:
        """Receive an ASGI message.

        Raises:
            WebSocketDisconnected: The client has disconnected already.
            RuntimeError: The server's message does not fit the state.
        """
        allowed = _RECEIVABLE.get(self.client_state)
        if allowed is None:
            raise WebSocketDisconnected(_TOO_LATE)
        message: Message = await self.connection.receive()
        kind = message["type"]
        if kind not in allowed:
            raise RuntimeError(f"Expected ASGI message {_listed(allowed)}, but got {kind!r}")
        if kind != "websocket.receive":
            self._client_state = _CONNECTED if kind == "websocket.connect" else _DISCONNECTED
        return message

    @_replaceable
    async def send(self, message: Message) -> None:
        """Send an ASGI message.

        Raises:
            WebSocketDisconnect: The client has disconnected.
            WebSocketDisconnected: The connection was closed by the app.
            RuntimeError: The message does not fit the state.
        """
        state, kind = self.application_state, message["type"]
        allowed = _SENDABLE.get(state)
        if allowed is None:
            raise WebSocketDisconnected('Cannot call "send" once a close message has been sent.')
        if kind not in allowed:
            raise RuntimeError(f"Expected ASGI message {_listed(allowed)}, but got {kind!r}")
        self._application_state = _AFTER.get(kind, state)
        if state is _RESPONSE and not message.get("more_body", False):
            self._application_state = _DISCONNECTED
        try:
            await self.connection.send(message)
        except WebSocketDisconnect:
            self._application_state = _DISCONNECTED
            raise

    async def send_denial_response(self, response: Any) -> None:
        """Refuse the handshake with an HTTP response, whose body may be a stream.

        Raises:
            RuntimeError: The server can't send one.
        """
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            raise RuntimeError("The server doesn't support the Websocket Denial Response extension.")
        await response(self.scope, self.receive, self.send)

    async def accept(
        self, subprotocol: Optional[str] = None, headers: Optional[Iterable[Tuple[Any, Any]]] = None
    ) -> None:
        """Accept the connection."""
        pairs = [(_raw(name), _raw(value)) for name, value in headers] if headers else []
        message = {"type": "websocket.accept", "subprotocol": subprotocol, "headers": pairs}
        if self._has_own_methods and self._client_state is self.application_state is _CONNECTING:
            # PERF: what `receive` and `send` do, in one coroutine of the kernel's
            try:
                await self.connection.handshake(message, _no_connect)
            except WebSocketDisconnect:
                self._client_state, self.application_state = _CONNECTED, _DISCONNECTED
                raise
            self._client_state = self._application_state = _CONNECTED
            self._direct = self.connection
            return
        if self.client_state is _CONNECTING:
            await self.receive()
        await self.send(message)

    async def close(self, code: int = 1000, reason: Optional[str] = None) -> None:
        """Close the connection; one that is not accepted yet is rejected."""
        direct = self._direct
        if direct is not None and direct.phase == OPEN:
            self._application_state = _DISCONNECTED
            await direct.close(code, reason or "")
        else:
            await self.send({"type": "websocket.close", "code": code, "reason": reason or ""})

    # PERF: between accept and close there is one state, in which messages with data pass by `receive` and `send`,
    # unless these are another's, in the kernel's own coroutines; ten echoes take 25.7 -> 17.7 us

    #: Whether neither a subclass nor whoever has the object has replaced `receive` or `send`.
    _has_own_methods = True
    #: The kernel's connection where messages may pass by, as long as its phase is open.
    _direct: Any = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._has_own_methods = cls.receive is WebSocket.receive and cls.send is WebSocket.send

    def wrong_data(self, key: str, message: Optional[Message]) -> Exception:
        """Return what is raised for a message without `key`; for None if the WebSocket is not open."""
        if message is None:
            if self.application_state is _CONNECTED:
                return WebSocketDisconnected(_TOO_LATE)
            text = 'WebSocket is not connected. Need to call "accept" first.'
            return RuntimeError(text) if self.application_state is _CONNECTING else WebSocketDisconnected(text)
        kind = message["type"]
        if kind != "websocket.receive":
            return RuntimeError(f"Expected ASGI message {_listed(_RECEIVABLE[_CONNECTED])}, but got {kind!r}")
        return _WrongType("text" if key == "text" else "binary", "the message is of the other type", 1003)

    async def _receive_data(self, key: str) -> Any:
        if self.application_state is not _CONNECTED:
            raise self.wrong_data(key, None)
        message = await self.receive()
        kind, data = message["type"], message.get(key)
        if kind == "websocket.receive" and data is not None:
            return data
        if kind != "websocket.disconnect":
            raise self.wrong_data(key, message)
        self._client_state = _DISCONNECTED
        raise WebSocketDisconnect(message.get("code") or 1005, message.get("reason") or "")

    def receive_text(self) -> Awaitable[str]:
        """Receive a text message."""
        direct = self._direct
        if direct is not None:
            received: Awaitable[str] = direct.receive_data("text", self)
            return received
        return self._receive_data("text")

    def receive_bytes(self) -> Awaitable[bytes]:
        """Receive a binary message."""
        direct = self._direct
        if direct is not None:
            received: Awaitable[bytes] = direct.receive_data("bytes", self)
            return received
        return self._receive_data("bytes")

    async def receive_json(self, mode: str = "text") -> Any:
        """Receive a JSON message, in a text or binary message.

        Raises:
            InvalidMessage: It is not JSON (a JSONDecodeError too), or of the other type (a KeyError too).
        """
        _check_mode(mode)
        return loads_message(await (self.receive_text() if mode == "text" else self.receive_bytes()))

    def send_text(self, data: str) -> Awaitable[None]:
        """Send a text message."""
        direct = self._direct
        if direct is not None and direct.phase == OPEN:
            sent: Awaitable[None] = direct.send_text(data)
            return sent
        return self.send({"type": "websocket.send", "text": data})

    def send_bytes(self, data: bytes) -> Awaitable[None]:
        """Send a binary message."""
        direct = self._direct
        if direct is not None and direct.phase == OPEN:
            sent: Awaitable[None] = direct.send_bytes(data)
            return sent
        return self.send({"type": "websocket.send", "bytes": data})

    async def send_json(self, data: Any, mode: str = "text") -> None:
        """Send a value as JSON, in a text or binary message."""
        _check_mode(mode)
        encoded = dumps(data)
        if mode == "binary":
            await self.send_bytes(encoded)
        else:
            await self.send_text(encoded.decode())

    def iter_text(self) -> AsyncIterator[str]:
        """Iterate over text messages until the client disconnects."""
        return _until_disconnect(self.receive_text)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over binary messages until the client disconnects."""
        return _until_disconnect(self.receive_bytes)

    def iter_json(self) -> AsyncIterator[Any]:
        """Iterate over JSON messages until the client disconnects."""
        return _until_disconnect(self.receive_json)


def _no_connect(message: Message) -> Exception:
    return RuntimeError(f"Expected ASGI message {_listed(('websocket.connect',))}, but got {message['type']!r}")


class WebSocketClose:
    """An ASGI app that closes a WebSocket, or rejects one that is not accepted."""

    def __init__(self, code: int = 1000, reason: Optional[str] = None) -> None:
        self.code, self.reason = code, reason or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection."""
        await send({"type": "websocket.close", "code": self.code, "reason": self.reason})


async def _until_disconnect(receive: Callable[[], Awaitable[T]]) -> AsyncIterator[T]:
    try:
        while True:
            yield await receive()
    except WebSocketDisconnect:
        return


def loads_message(data: Union[str, bytes]) -> Any:
    """Return the value of a message with JSON.

    Raises:
        InvalidMessage: It is none; a JSONDecodeError too.
    """
    try:
        return loads(data)
    except InvalidJSON as error:
        raise _NoJSON(error.msg) from None


def _check_mode(mode: str) -> None:
    if mode not in ("text", "binary"):
        raise RuntimeError('The "mode" argument should be "text" or "binary".')


def _listed(kinds: Tuple[str, ...]) -> str:
    names = [f'"{kind}"' for kind in kinds]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1")
