"""Messages of FastAPI's WebSocket: they pass by `receive` and `send` only where these are its own."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List
from unittest import mock

import pytest

from fenrir_fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fenrir_fastapi.testclient import TestClient
from fenrir_fastapi.websockets import WebSocketState

Handler = Callable[[WebSocket], Any]
Messages = List[Dict[str, Any]]
CONNECT = {"type": "websocket.connect"}
CLOSE = {"type": "websocket.disconnect", "code": 1001, "reason": "gone"}


def talk(handler: Handler, *received: Dict[str, Any], fails: bool = False) -> Messages:
    """Return what a handler sends that receives these messages; `fails` for a server whose `send` raises."""
    app = FastAPI()
    sent: Messages = []
    handler.__annotations__ = {"websocket": WebSocket}
    app.websocket("/")(handler)
    messages = iter([CONNECT, *received])

    async def receive() -> Dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        if fails and message["type"] == "websocket.send":
            raise OSError("broken pipe")
        sent.append(dict(message))

    async def serve() -> None:
        scope = {
            "type": "websocket",
            "path": "/",
            "raw_path": b"/",
            "headers": [],
            "query_string": b"",
            "root_path": "",
        }
        async with app.lifespan():
            await app(scope, receive, send)

    asyncio.run(serve())
    return sent


def text(value: str) -> Dict[str, Any]:
    return {"type": "websocket.receive", "text": value}


def test_an_overridden_receive_and_send_carry_the_data_of_all_methods() -> None:
    seen: List[str] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        own_receive, own_send = websocket.receive, websocket.send

        async def receive() -> Any:
            message = await own_receive()
            seen.append(message["type"])
            return {**message, "text": message["text"].upper()}

        async def send(message: Any) -> None:
            seen.append(message["type"])
            await own_send(message)

        websocket.receive, websocket.send = receive, send  # type: ignore[method-assign]  # as code of others does
        await websocket.send_text(await websocket.receive_text())

    sent = talk(handler, text("hello"))
    assert [message.get("text") for message in sent[1:2]] == ["HELLO"]
    assert seen == ["websocket.receive", "websocket.send"]


def test_a_disconnect_is_raised_with_its_code_and_changes_the_state() -> None:
    states: List[Any] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(WebSocketDisconnect) as caught:
            await websocket.receive_text()
        states.extend([caught.value.code, caught.value.reason, websocket.client_state, websocket.application_state])
        with pytest.raises(RuntimeError, match="once a disconnect message has been received"):
            await websocket.receive_text()

    talk(handler, CLOSE)
    assert states == [1001, "gone", WebSocketState.DISCONNECTED, WebSocketState.CONNECTED]


def test_a_message_of_another_kind_is_refused() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(RuntimeError, match="Expected ASGI message .* but got 'websocket.connect'"):
            await websocket.receive_text()

    talk(handler, CONNECT)


@pytest.mark.parametrize("kind", ["text", "bytes", "json"])
def test_data_can_not_be_sent_after_a_send_that_failed_or_a_close(kind: str) -> None:
    data: Any = b"x" if kind == "bytes" else "x"

    async def failing(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(WebSocketDisconnect):
            await getattr(websocket, f"send_{kind}")(data)
        assert websocket.application_state is WebSocketState.DISCONNECTED
        with pytest.raises(RuntimeError, match="once a close message has been sent"):
            await getattr(websocket, f"send_{kind}")(data)

    async def closing(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()
        with pytest.raises(RuntimeError, match="once a close message has been sent"):
            await getattr(websocket, f"send_{kind}")(data)
        with pytest.raises(RuntimeError, match="not connected"):
            await websocket.receive_text()

    talk(failing, fails=True)
    assert talk(closing)[-1]["type"] == "websocket.close"


def test_nothing_is_received_or_sent_before_the_connection_is_accepted() -> None:
    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(RuntimeError, match='Need to call "accept" first'):
            await websocket.receive_bytes()
        with pytest.raises(RuntimeError, match="Expected ASGI message"):
            await websocket.send_text("x")

    assert talk(handler)[-1]["type"] == "websocket.close"


def test_the_states_follow_a_client_that_leaves() -> None:
    seen: List[Any] = []
    app = FastAPI()

    @app.websocket("/")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect as error:
            seen.extend([error.code, websocket.client_state, websocket.application_state])

    with TestClient(app).websocket_connect("/") as session:
        session.send_text("a")
        assert session.receive_text() == "a"
        session.close(1001)
    assert seen == [1001, WebSocketState.DISCONNECTED, WebSocketState.CONNECTED]


def test_methods_that_are_replaced_on_a_websocket_see_every_message() -> None:
    seen: List[str] = []
    app = FastAPI()

    @app.websocket("/")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        receive, send = websocket.receive, websocket.send

        async def noting_receive() -> Any:
            message = await receive()
            seen.append(message["type"])
            return message

        async def noting_send(message: Any) -> None:
            seen.append(message["type"])
            await send(message)

        websocket.receive = noting_receive  # type: ignore[method-assign]
        websocket.send = noting_send  # type: ignore[method-assign]
        await websocket.send_text(await websocket.receive_text())

    with TestClient(app).websocket_connect("/") as session:
        session.send_text("a")
        assert session.receive_text() == "a"
    assert seen == ["websocket.receive", "websocket.send"]


def test_a_method_that_was_replaced_can_be_given_back() -> None:
    seen: List[str] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()

        async def send(message: Any) -> None:
            seen.append(message["text"])

        with mock.patch.object(websocket, "send", send):
            await websocket.send_text("kept")
        await websocket.send_text("sent")
        with pytest.raises(AttributeError):
            del websocket.send

    sent = talk(handler)
    assert seen == ["kept"] and [message.get("text") for message in sent[1:2]] == ["sent"]


def test_a_subclass_may_call_the_methods_that_it_overrides_and_an_object_may_replace_them() -> None:
    seen: List[str] = []

    class Noting(WebSocket):
        async def receive(self) -> Any:
            message = await super().receive()
            seen.append(f"class {message['type']}")
            return message

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
    inbox, sent = [CONNECT, text("hello")], []

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def scenario() -> str:
        websocket = Noting(scope, receive, send)
        await websocket.accept()
        inner = websocket.receive

        async def outer() -> Any:
            seen.append("object")
            return await inner()

        websocket.receive = outer  # type: ignore[method-assign]
        return await websocket.receive_text()

    assert asyncio.run(scenario()) == "hello"
    assert seen == ["class websocket.connect", "object", "class websocket.receive"]
