"""The WebSocket connection.

Source: ASGI 3.0, "WebSocket"; RFC 6455.
"""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Callable, Iterable, List, Optional, Protocol, Tuple, Union

from .._types import ASGIApp, Message, Receive, Send
from ..exceptions import FenrirError, InvalidBody
from .asgi import ASGIResponse
from .connection import Connection
from .headers import encode_header
from .json import dumps
from .request import Request
from .response import JSONResponse, Response

CONNECTING, OPEN, CLOSED = "connecting", "open", "closed"
#: The most bytes of a close reason (RFC 6455, section 5.5: a control frame has 125, two of which are the code).
MAX_REASON = 123
#: The most messages that are received ahead for a handler that only sends.
READ_AHEAD = 8
_CLOSING = frozenset({"websocket.close", "websocket.http.response.start"})


class WebSocketDisconnect(FenrirError):
    """Raised when the client has closed the WebSocket.

    Args:
        code: The close code, 1005 when the client sent none.
        reason: The reason that the client sent.
    """

    def __init__(self, code: int = 1000, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class InvalidMessage(InvalidBody):
    """A message that is not what the handler asked for: a client's mistake, which closes the connection.

    Args:
        kind: What was asked for.
        msg: What is wrong.
        close_code: 1003 for a message of the wrong type, 1007 for one with the wrong content (RFC 6455, section 7.4.1).
    """

    def __init__(self, kind: str, msg: str, close_code: int = 1007) -> None:
        super().__init__(kind, msg)
        self.close_code = close_code


class DataReader(Protocol):
    """Who reads the texts or the bytes of messages, and says what is raised where there are none."""

    def wrong_data(self, key: str, message: Optional[Message]) -> Exception:
        """Return what is raised for a message without `key`; for None if the connection is not open."""


def _checked_close(message: Message, accepted: bool) -> Message:
    """Return the message that closes a WebSocket, with as much of its reason as can be sent.

    Raises:
        ValueError: The code is none that may be sent, where one is.

    Source: RFC 6455, sections 5.5 and 7.4; the registry of close codes.
    """
    code, reason = message.get("code", 1000), message.get("reason")
    if accepted and not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError(
            f"{code} is no close code that may be sent (RFC 6455, section 7.4): use 1000 to 1003, 1007 to 1014, or "
            "3000 to 4999."
        )
    if not reason:
        return message
    return {**message, "reason": reason.encode("utf-8", "replace")[:MAX_REASON].decode("utf-8", "ignore")}


class WebSocket(Connection):
    """A WebSocket connection.

    A handler accepts, receives and sends; when it returns, the connection is closed with
    code 1000. Before it is accepted, a connection can be rejected with an HTTP response.
    """

    phase = CONNECTING
    #: Whether `receive_data` has told the handler that the client has left.
    has_left = False
    #: Whether a message was not sent because the client had left.
    is_lost = False
    _connected = False
    #: Messages sent since the last one was asked for; -1 while one is awaited, which tells of a disconnect itself.
    _sent_alone = 0
    #: The `receive` that was begun for a handler that only sends, and the messages that such ones gave; see `_watch`.
    _begun: Optional[asyncio.Future[Message]] = None
    _ahead: Tuple[Message, ...] = ()
    _is_watched = False

    # An ASGI app may be called with these two, so they follow what passes through: a connection whose messages
    # another object has read is known to be closed, and nothing waits for messages that never come.

    @property
    def receive(self) -> Receive:
        """ASGI's `receive`."""
        return self._receive

    @receive.setter
    def receive(self, receive: Receive) -> None:
        self._receive_raw = receive

    @property
    def send(self) -> Send:
        """ASGI's `send`."""
        return self._send

    @send.setter
    def send(self, send: Send) -> None:
        self._send_raw = send

    async def _receive(self) -> Message:
        if self._ahead:
            message, self._ahead, self._sent_alone = self._ahead[0], self._ahead[1:], 0
        else:
            begun, self._begun, self._sent_alone = self._begun, None, -1
            try:
                message = await (self._receive_raw() if begun is None else begun)
            finally:
                self._sent_alone = 0
        if message["type"] == "websocket.connect":
            self._connected = True
        elif message["type"] == "websocket.disconnect":
            self.phase = CLOSED
        elif self._is_too_large(message):
            await self.close(1009)
            return {"type": "websocket.disconnect", "code": 1009, "reason": ""}
        return message

    def _is_too_large(self, message: Message) -> bool:
        most = self.compiled_route.limits.max_websocket_message
        if most is None:
            return False
        data = message.get("bytes")
        if data is not None:
            return len(data) > most
        text = message.get("text") or ""
        # a character has at most four bytes
        return len(text) > most or (len(text) * 4 > most and len(text.encode("utf-8", "replace")) > most)

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.send":
            self._watch()
        elif kind in _CLOSING:
            if kind == "websocket.close":
                message = _checked_close(message, accepted=self.phase != CONNECTING)
            self.phase = CLOSED
        try:
            await self._send_raw(message)
        except OSError as error:
            raise self._lost() from error
        if kind == "websocket.accept":
            self.phase = OPEN

    def _before_send(self) -> None:
        if self.phase != OPEN:
            self._expect(OPEN, "send")
        if self._sent_alone:
            self._watch()
        else:  # it answers what was received
            self._sent_alone = 1

    def _lost(self) -> WebSocketDisconnect:
        """Return what is raised where the server's `send` has failed (ASGI: "Disconnected Client - send exception")."""
        self.phase, self.is_lost = CLOSED, True
        return WebSocketDisconnect(1006)

    def _watch(self) -> None:
        """Notice a disconnect while the handler only sends: there are servers whose `send` is then silent.

        Raises:
            WebSocketDisconnect: The client has closed the connection.
        """
        if self._sent_alone < 0:
            return
        self._sent_alone += 1
        if self._begun is not None and self._begun.done():
            message = self._begun.result()
            self._begun = None
            if message["type"] == "websocket.disconnect":
                self.phase, self.is_lost = CLOSED, True
                raise _disconnect(message)
            self._ahead += (message,)
        if self._begun is None and self._sent_alone > 1 and len(self._ahead) < READ_AHEAD:
            if not self._is_watched:
                self._is_watched = True
                self.add_cleanup(self._stop_watching)
            self._begun = asyncio.ensure_future(self._receive_raw())

    async def _stop_watching(self, error: Optional[BaseException]) -> None:
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.cancel()
            await asyncio.wait([begun])
            if not begun.cancelled():
                begun.exception()  # else asyncio warns that it was never retrieved

    @property
    def subprotocols(self) -> List[str]:
        """The subprotocols that the client offers, in its order of preference."""
        return list(self.scope.get("subprotocols", ()))

    async def accept(
        self,
        subprotocol: Optional[str] = None,
        headers: Iterable[Tuple[str, str]] = (),
    ) -> None:
        """Open the connection.

        Args:
            subprotocol: One of `subprotocols`, or None.
            headers: Extra headers of the handshake's response.

        Raises:
            InvalidHeader: A header or the subprotocol contains characters not allowed in headers.
        """
        self._expect(CONNECTING, "accept")
        if subprotocol is not None:
            encode_header("sec-websocket-protocol", subprotocol)
        pairs = [encode_header(name, value) for name, value in headers]
        await self.handshake({"type": "websocket.accept", "subprotocol": subprotocol, "headers": pairs}, _left_early)

    async def handshake(self, accept: Message, wrong: Callable[[Message], Exception]) -> None:
        """Receive the first message, unless that is done, and accept the connection.

        PERF: what `receive` and `send` do, in one coroutine.

        Args:
            accept: The message that accepts.
            wrong: Returns what is raised for a first message that is not `websocket.connect`.

        Raises:
            WebSocketDisconnect: The client has left.
        """
        if not self._connected:
            first = await self._receive_raw()
            if first["type"] != "websocket.connect":
                self.phase = CLOSED
                raise wrong(first)
            self._connected = True
        try:
            await self._send_raw(accept)
        except OSError as error:
            raise self._lost() from error
        self.phase = OPEN

    async def reject(self, response: Union[Response, int] = 403) -> None:
        """Refuse the handshake with an HTTP response or a status.

        A server without the denial-response extension sends 403 instead (ASGI 3.0, "Websocket
        Denial Response"). The body may be a stream or a file.
        """
        self._expect(CONNECTING, "reject")
        await self._connect()
        self.phase = CLOSED
        if isinstance(response, int):
            response = JSONResponse({"detail": "The WebSocket was refused."}, response)
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            await self.send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        if type(response).send is not Response._default_send:
            await self._reject_with(response)
            return
        start = {"type": "websocket.http.response.start", "status": int(response.status)}
        await self.send({**start, "headers": response.head(len(response.body))})
        await self.send({"type": "websocket.http.response.body", "body": response.body})

    async def _reject_with(self, response: Response) -> None:
        """Refuse the handshake with a response that sends itself, as to a GET request."""

        async def send(message: Message) -> None:
            await self.send({**message, "type": f"websocket.{message['type']}"})

        async def receive() -> Message:
            while (await self.receive())["type"] != "websocket.disconnect":
                pass
            return {"type": "http.disconnect"}

        scope = {**self.scope, "type": "http", "method": "GET", "extensions": {}}
        request = Request(scope, receive, send, self.path_params, self.compiled_route)
        request.join_steps(self)
        try:
            await response.send(request)
        finally:
            self.adopt_cleanups(request)

    async def refuse(self, code: int, reason: str = "") -> None:
        """Accept, then close with `code` (4000 to 4999): the only refusal whose code a browser's script can read."""
        await self.accept()
        await self.close(code, reason)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection, or reject it if it was not accepted. A second call does nothing.

        Args:
            code: 1000 to 1003, 1007 to 1014, or 3000 to 4999.
            reason: Text for the client; what is beyond 123 bytes of UTF-8 is left out.

        Raises:
            ValueError: The code is none that may be sent (RFC 6455, section 7.4).
        """
        if self.phase == CLOSED:
            return
        if not self._connected:
            await self._connect()
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def receive_message(self) -> Message:
        """Receive the next `websocket.receive` message.

        Raises:
            WebSocketDisconnect: The client closed the connection, or it is closed with code 1009 because the message
                is over the route's limit (`max_websocket_message`, bytes).
            RuntimeError: The connection was not accepted, or is closed.
        """
        if self.phase != OPEN:
            self._expect(OPEN, "receive")
        if self._sent_alone > 1 or self._ahead:
            message = await self._receive()
        else:  # PERF: what `_receive` does, without its coroutine
            self._sent_alone = -1
            try:
                message = await self._receive_raw()
            finally:
                self._sent_alone = 0
        if message["type"] == "websocket.disconnect":
            self.phase = CLOSED
            raise _disconnect(message)
        most, text = self.compiled_route.limits.max_websocket_message, message.get("text")
        # PERF: a text this short is not counted
        if most is not None and (text is None or len(text) * 4 > most) and self._is_too_large(message):
            await self.close(1009)
            raise WebSocketDisconnect(1009)
        return message

    async def receive_data(self, key: str, reader: DataReader) -> Union[str, bytes]:
        """Receive the text or the bytes of the next message.

        Args:
            key: ``"text"`` or ``"bytes"``.
            reader: Says what is raised for a message without them, and if the connection is not open.

        Raises:
            WebSocketDisconnect: As of `receive_message`.
        """
        if self.phase != OPEN:
            raise reader.wrong_data(key, None)
        if self._sent_alone > 1 or self._ahead:
            message = await self._receive()
        else:  # PERF: what `receive_message` does, in one coroutine
            self._sent_alone = -1
            try:
                message = await self._receive_raw()
            finally:
                self._sent_alone = 0
        data: Union[str, bytes, None] = message.get(key)
        if data is None:
            if message["type"] != "websocket.disconnect":
                raise reader.wrong_data(key, message)
            self.phase, self.has_left = CLOSED, True
            raise _disconnect(message)
        most = self.compiled_route.limits.max_websocket_message
        if most is not None and len(data) * 4 > most and self._is_too_large(message):
            self.has_left = True
            await self.close(1009)
            raise WebSocketDisconnect(1009)
        return data

    async def receive_text(self) -> str:
        """Receive a text message; a binary one is decoded as UTF-8.

        Raises:
            InvalidMessage: It is not UTF-8.
        """
        message = await self.receive_message()
        text: Optional[str] = message.get("text")
        if text is None:
            data: bytes = message["bytes"]
            try:
                return data.decode()
            except UnicodeDecodeError as error:
                raise InvalidMessage("text", f"byte {error.start} is not UTF-8") from None
        return text

    async def receive_bytes(self) -> bytes:
        """Receive a binary message; a text one is encoded in UTF-8."""
        message = await self.receive_message()
        data: Optional[bytes] = message.get("bytes")
        if data is None:
            text: str = message["text"]
            return text.encode()
        return data

    async def receive_json(self) -> Any:
        """Receive a message and read it as JSON.

        Raises:
            InvalidJSON: It is not JSON.
        """
        return self.compiled_route.limits.loads((await self.receive_text()).encode("utf-8", "surrogatepass"))

    async def send_text(self, data: str) -> None:
        """Send a text message; waits while the client's buffer is full."""
        if self.phase == OPEN and not self._sent_alone:
            self._sent_alone = 1  # PERF: as `_before_send`, without the call
        else:
            self._before_send()
        try:  # PERF: what `_send` does, without its coroutine
            await self._send_raw({"type": "websocket.send", "text": data})
        except OSError as error:
            raise self._lost() from error

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message; waits while the client's buffer is full."""
        self._before_send()
        try:
            await self._send_raw({"type": "websocket.send", "bytes": data})
        except OSError as error:
            raise self._lost() from error

    async def send_json(self, value: Any) -> None:
        """Send a value as JSON in a text message."""
        await self.send_text(dumps(value).decode())

    async def __aiter__(self) -> AsyncIterator[Union[str, bytes]]:
        """Iterate messages as they arrive, text as str and binary as bytes, until the client closes."""
        try:
            while True:
                message = await self.receive_message()
                text = message.get("text")
                yield message["bytes"] if text is None else text
        except WebSocketDisconnect:
            return

    async def serve_by(self, app: ASGIApp) -> None:
        """Let an ASGI application serve the connection, from the handshake on."""
        await app(self.scope, self.receive, self.send)

    async def _connect(self) -> None:
        """Receive the `websocket.connect` message, which precedes all others."""
        if not self._connected:
            message = await self.receive()
            if message["type"] != "websocket.connect":
                self.phase = CLOSED
                raise _left_early(message)

    def _expect(self, phase: str, action: str) -> None:
        if self.phase != phase:
            advice = "Call `await websocket.accept()` first." if self.phase == CONNECTING else ""
            raise RuntimeError(f"Can't {action}: the WebSocket is {self.phase}. {advice}".rstrip())


def _left_early(message: Message) -> WebSocketDisconnect:
    return WebSocketDisconnect(message.get("code") or 1006)


def _disconnect(message: Message) -> WebSocketDisconnect:
    return WebSocketDisconnect(message.get("code") or 1005, message.get("reason") or "")


async def refuse_websocket(websocket: WebSocket, value: Response) -> None:
    """Refuse a handshake with the response of a before-step; one that means success becomes a 403."""
    if websocket.phase == CONNECTING:
        await websocket.reject(value if value.status >= 300 else 403)


async def conclude_websocket(websocket: WebSocket, value: Any) -> None:
    """Close a WebSocket whose handler returned; an ASGI application that it returned serves it before that."""
    if isinstance(value, ASGIResponse):
        await websocket.serve_by(value.app)
    if websocket.phase != CLOSED:
        await websocket.close(1000)
