"""A simulated WebSocket client."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from importlib import import_module
from typing import Any, Awaitable, Callable, Deque, Dict, Iterable, List, Optional, Tuple, Union

from ..asgi_spec import EventType, WSCloseCode
from ..errors import (
    OperationNotAllowed,
    PayloadTypeError,
    WebSocketDisconnected,
    WebSocketHandlerNotFound,
    WebSocketPathNotFound,
    WebSocketServerError,
)

_ERRORS = {
    WSCloseCode.PATH_NOT_FOUND: WebSocketPathNotFound,
    WSCloseCode.HANDLER_NOT_FOUND: WebSocketHandlerNotFound,
    WSCloseCode.SERVER_ERROR: WebSocketServerError,
}
_DEFAULT_TIMEOUT = 5.0
_CONNECTING, _ACCEPTED, _DENIED, _CLOSED = "connecting", "accepted", "denied", "closed"


class ASGIWebSocketSimulator:
    """The client's side of a WebSocket, without a network."""

    def __init__(self, _timeout: Optional[float] = None) -> None:
        self._timeout = _timeout or _DEFAULT_TIMEOUT
        self._state = _CONNECTING
        self._is_connected = self._is_told = False
        self._from_client: Deque[Dict[str, Any]] = deque()
        self._from_server: Deque[Dict[str, Any]] = deque()
        self._close_code: Optional[int] = None
        self._close_reason: Optional[str] = None
        self._subprotocol: Optional[str] = None
        self._headers: Optional[List[Tuple[bytes, bytes]]] = None

    @property
    def ready(self) -> bool:
        """Whether the app has accepted and nobody has closed."""
        return self._state == _ACCEPTED

    @property
    def closed(self) -> bool:
        """Whether it was closed or refused."""
        return self._state in (_DENIED, _CLOSED)

    @property
    def close_code(self) -> Optional[int]:
        """The code of the close; None while it is open."""
        return self._close_code

    @property
    def close_reason(self) -> Optional[str]:
        """The reason of the close; None while it is open."""
        return self._close_reason

    @property
    def subprotocol(self) -> Optional[str]:
        """The subprotocol that the app has chosen."""
        return self._subprotocol

    @property
    def headers(self) -> Optional[List[Tuple[bytes, bytes]]]:
        """The headers that the app has accepted with."""
        return self._headers

    async def wait_ready(self, timeout: Optional[float] = None) -> None:
        """Wait until the app has accepted.

        Args:
            timeout: The most seconds.

        Raises:
            asyncio.TimeoutError: The app did neither accept nor refuse in time.
            WebSocketDisconnected: The app has refused.
        """
        await self._wait(lambda: self._state != _CONNECTING, timeout)
        await self._require_accepted()

    async def _wait(self, condition: Callable[[], object], timeout: Optional[float] = None) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + (timeout or self._timeout)
        while not condition():
            if loop.time() > end:
                raise asyncio.TimeoutError("the app did not do what was waited for")
            await asyncio.sleep(0)

    async def _require_accepted(self) -> None:
        if self._state == _ACCEPTED:
            return
        if self._state == _CONNECTING:
            raise OperationNotAllowed("WebSocket connection has not yet been accepted")
        assert self._close_code is not None
        raise _ERRORS.get(self._close_code, WebSocketDisconnected)(self._close_code)

    async def close(self, code: Optional[int] = None, reason: Optional[str] = None) -> None:
        """Close the connection, with 1000 by default.

        Raises:
            OperationNotAllowed: The app has not accepted yet.
            WebSocketDisconnected: It is closed already.
            ValueError: The code is no close code.
        """
        await self._require_accepted()
        if code is not None and code not in (1000, 1001) and not 1002 < code < 5000:
            raise ValueError(f"invalid close code: {code}")
        self._close(code if code is not None else WSCloseCode.NORMAL, reason or "")

    def _close(self, code: int, reason: str) -> None:
        if not self.closed:
            self._state, self._close_code, self._close_reason = _CLOSED, code, reason

    async def send_text(self, payload: str) -> None:
        """Send a text message."""
        if not isinstance(payload, str):
            raise TypeError("payload must be a string")
        await self._send({"text": payload})

    async def send_data(self, payload: Union[bytes, bytearray, memoryview]) -> None:
        """Send a binary message."""
        if not isinstance(payload, (bytes, bytearray, memoryview)):
            raise TypeError("payload must be bytes, a bytearray or a memoryview")
        await self._send({"bytes": bytes(payload)})

    async def send_json(self, media: object) -> None:
        """Send a value as JSON in a text message."""
        await self.send_text(json.dumps(media))

    async def send_msgpack(self, media: object) -> None:
        """Send a value as MessagePack in a binary message."""
        await self.send_data(import_module("msgpack").packb(media, use_bin_type=True))

    async def _send(self, content: Dict[str, Any]) -> None:
        await self._require_accepted()
        event = {"type": EventType.WS_RECEIVE, **content}
        # ASGI: the other key may be there as None
        event.setdefault("text" if "bytes" in content else "bytes", None)
        self._from_client.append(event)
        await asyncio.sleep(0)  # the app's turn

    async def receive_text(self) -> str:
        """Return the next message, which must be text."""
        return str(await self._receive("text"))

    async def receive_data(self) -> bytes:
        """Return the next message, which must be binary."""
        return bytes(await self._receive("bytes"))

    async def receive_json(self) -> Any:
        """Return the value of the next message, JSON in text."""
        return json.loads(await self.receive_text())

    async def receive_msgpack(self) -> Any:
        """Return the value of the next message, MessagePack in binary."""
        return import_module("msgpack").unpackb(await self.receive_data(), use_list=True, raw=False)

    async def _receive(self, kind: str) -> Any:
        while not self._from_server:
            await self._require_accepted()
            await self._wait(lambda: self._from_server or self._state != _ACCEPTED, 60)
        event = self._from_server.popleft()
        if event.get(kind) is None:
            raise PayloadTypeError(f"expected a message with {kind}, got {event!r}")
        return event[kind]

    # ------------------------------------------------------------ the app's side

    async def _emit(self) -> Dict[str, Any]:
        """Return what the app receives next."""
        if not self._is_connected:
            self._is_connected = True
            return {"type": EventType.WS_CONNECT}
        while not self._from_client:
            if self.closed:
                if self._is_told:
                    await asyncio.sleep(3600)
                self._is_told = True
                event = {"type": EventType.WS_DISCONNECT, "code": self._close_code}
                return {**event, "reason": self._close_reason} if self._close_reason else event
            await asyncio.sleep(0)
        return self._from_client.popleft()

    async def _collect(self, event: Dict[str, Any]) -> None:
        """Take what the app sends."""
        kind = event["type"]
        if kind == EventType.WS_ACCEPT and self._state == _CONNECTING:
            self._accept(event)
        elif kind == EventType.WS_CLOSE:
            was_connecting = self._state == _CONNECTING
            self._close(event.get("code", WSCloseCode.NORMAL), event.get("reason") or "")
            if was_connecting:
                self._state = _DENIED
        elif self.closed:
            # ASGI: servers of spec version 2.4 raise OSError where the client is gone
            return
        elif kind == EventType.WS_SEND and self._state == _ACCEPTED:
            self._from_server.append(event)
        else:
            raise ValueError(f"unexpected event {kind!r} while the WebSocket is {self._state}")
        await asyncio.sleep(0)

    def _accept(self, event: Dict[str, Any]) -> None:
        headers: Iterable[Tuple[bytes, bytes]] = event.get("headers") or ()
        found = []
        for name, value in headers:
            if not isinstance(name, bytes) or not isinstance(value, bytes):
                raise TypeError("ASGI header names and values must be byte strings")
            if name != name.lower():
                raise ValueError(f"header names must be in lower case: {name!r}")
            found.append((name, value))
        self._state, self._subprotocol = _ACCEPTED, event.get("subprotocol")
        self._headers = found or None


class WSContextManager:
    """A simulated WebSocket that is open inside of ``async with``."""

    def __init__(
        self, simulator: ASGIWebSocketSimulator, app: Awaitable[None], timeout: Optional[float] = None
    ) -> None:
        self._simulator, self._app, self._timeout = simulator, app, timeout

    async def __aenter__(self) -> ASGIWebSocketSimulator:
        self._task = asyncio.ensure_future(self._app)
        simulator = self._simulator
        await simulator._wait(lambda: self._task.done() or simulator._state != _CONNECTING, self._timeout)
        if simulator._state in (_CONNECTING, _DENIED):
            await asyncio.wait([self._task], timeout=simulator._timeout)
            if self._task.done():
                self._task.result()
            else:
                self._task.cancel()
            if simulator._state == _CONNECTING:
                simulator._close(WSCloseCode.NORMAL, "")
        try:
            await simulator.wait_ready(self._timeout)
        except BaseException:
            if not self._task.done():
                await asyncio.wait([self._task], timeout=simulator._timeout)
            raise
        return simulator

    async def __aexit__(self, kind: Any, error: Optional[BaseException], traceback: Any) -> None:
        if self._simulator.ready:
            await self._simulator.close()
        await asyncio.wait([self._task], timeout=self._simulator._timeout)
        if not self._task.done():
            self._task.cancel()
        elif error is None:
            self._task.result()
