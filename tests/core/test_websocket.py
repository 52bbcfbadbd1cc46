"""WebSockets: the handshake, messages, refusals, what errors become."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, List

import pytest
from tests.asgi import Answer, Socket, ask, fetch, kernel_app, run

from fenrir_core import (
    App,
    BadRequest,
    JSONResponse,
    NotFound,
    PlainTextResponse,
    Request,
    WebSocket,
    WebSocketDisconnect,
    current_connection,
)


def talking(handler: Callable[[WebSocket], Any]) -> App:
    """Make an app with one WebSocket."""
    app = kernel_app()

    @app.websocket("/{name}")
    async def talk(websocket: WebSocket) -> None:
        await handler(websocket)

    return app


def converse(
    handler: Callable[[WebSocket], Any], *said: Any, path: str = "/x", close: Any = None, **options: Any
) -> Any:
    """Let a client say all it has to say at once; give its side when the handler has ended."""
    return converse_with(talking(handler), *said, path=path, close=close, **options)


def converse_with(app: Any, *said: Any, path: str = "/x", close: Any = None, **options: Any) -> Any:
    async def scenario() -> Socket:
        socket = Socket(app, path, **options)
        for message in said:
            socket.say(message)
        if close is not None:
            socket.close(*close)
        answer = await socket.finish()
        assert answer.error is None or socket.close_code == 1011 or answer.status == 500
        return socket

    return run(scenario())


def denial(socket: Socket) -> Answer:
    return Answer(list(socket.sent), None)


# ------------------------------------------------------------ a conversation


def test_text_bytes_and_json_go_both_ways() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text((await websocket.receive_text()).upper())
        await websocket.send_bytes((await websocket.receive_bytes())[::-1])
        value = await websocket.receive_json()
        await websocket.send_json({"got": value})

    socket = converse(handler, "é", b"\x00\x01", "[1]")
    assert socket.heard == ["É", b"\x01\x00", '{"got":[1]}']
    assert socket.types == ["accept", "send", "send", "send", "close"]
    assert socket.close_code == 1000


def test_text_and_binary_messages_can_be_read_as_each_other() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.send_bytes(await websocket.receive_bytes())

    assert converse(handler, "é".encode(), "é").heard == ["é", "é".encode()]


def test_iteration_ends_when_the_client_closes() -> None:
    seen: List[Any] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        async for message in websocket:
            seen.append(message)
        seen.append("end")

    socket = converse(handler, "a", b"b", "", close=(1000,))
    assert seen == ["a", b"b", "", "end"]
    assert socket.close_code is None  # the client had closed it


def test_a_handler_sees_how_the_client_closed() -> None:
    seen: List[Any] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as error:
            seen.append((error.code, error.reason))

    converse(handler, close=(4001, "bye"))
    converse(handler, close=(0, ""))
    assert seen == [(4001, "bye"), (1005, "")]


def test_a_client_that_closes_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()

    converse(handler, close=(1001,))
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_client_that_leaves_before_the_handshake_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(handler: Any) -> None:
        socket = Socket(talking(handler), "/x")
        socket.incoming.get_nowait()
        socket.close(1006)
        assert (await socket.finish()).error is None
        assert socket.sent == []

    async def accept(websocket: WebSocket) -> None:
        await websocket.accept()

    async def fail(websocket: WebSocket) -> None:
        raise NotFound()

    run(scenario(accept))
    run(scenario(fail))
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_the_handler_can_close_with_a_code_and_reason_and_twice() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4002, "enough")
        await websocket.close()

    socket = converse(handler)
    assert socket.sent[-1] == {"type": "websocket.close", "code": 4002, "reason": "enough"}
    assert socket.types == ["accept", "close"]


def test_path_query_headers_and_cookies_are_read_as_in_a_request() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(
            [websocket.path_params["name"], websocket.query["q"], websocket.cookies["c"], websocket.scheme]
        )

    socket = converse(handler, path="/h%C3%A9", query="q=1", headers={"cookie": "c=2"})
    assert socket.heard == ['["hé","1","2","ws"]']


def test_the_running_websocket_is_the_current_connection() -> None:
    seen: List[bool] = []

    async def handler(websocket: WebSocket) -> None:
        seen.append(current_connection() is websocket)
        await websocket.accept()

    converse(handler)
    assert seen == [True]


def test_exits_run_when_the_conversation_ends() -> None:
    events: List[str] = []

    async def handler(websocket: WebSocket) -> None:
        async def close(error: Any) -> None:
            events.append("exit")

        websocket.add_cleanup(close)
        await websocket.accept()
        await websocket.receive_text()

    converse(handler, close=(1000,))
    converse(handler, "text")
    assert events == ["exit", "exit"]


# ------------------------------------------------------------ the handshake


def test_a_subprotocol_and_headers_are_part_of_the_handshake() -> None:
    async def handler(websocket: WebSocket) -> None:
        assert websocket.subprotocols == ["chat.v2", "chat.v1"]
        await websocket.accept("chat.v1", headers=[("X-Tag", "1"), ("x-tag", "2")])

    socket = converse(handler, subprotocols=["chat.v2", "chat.v1"])
    assert socket.sent[0]["subprotocol"] == "chat.v1"
    assert socket.sent[0]["headers"] == [(b"x-tag", b"1"), (b"x-tag", b"2")]


@pytest.mark.parametrize("how", ["send_text", "receive_text"])
def test_a_handler_that_talks_before_it_accepts_is_told_so(how: str, caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: WebSocket) -> None:
        await getattr(websocket, how)(*(["x"] if how.startswith("send") else []))

    socket = converse(handler)
    assert denial(socket).status == 500
    assert "Call `await websocket.accept()` first." in caplog.text


def test_accepting_twice_is_an_error() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.accept()

    assert converse(handler).close_code == 1011


def test_a_handler_that_returns_without_accepting_refuses() -> None:
    async def handler(websocket: WebSocket) -> None:
        pass

    assert converse(handler).types == ["close"]


# ------------------------------------------------------------ refusals


def test_a_handshake_is_rejected_with_a_response() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.reject(JSONResponse({"why": "no seat"}, 429, {"retry-after": "5"}))

    answer = denial(converse(handler))
    assert (answer.status, answer.text, answer.headers["retry-after"]) == (429, '{"why":"no seat"}', "5")
    assert answer.complete


def test_a_handshake_is_rejected_with_a_status() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.reject(401)

    assert denial(converse(handler)).status == 401


def test_without_the_servers_help_a_rejection_is_a_close_before_accept() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.reject(401)

    assert converse(handler, denial=False).types == ["close"]


def test_a_refusal_with_a_code_is_one_that_a_browser_sees() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.refuse(4401, "log in first")

    socket = converse(handler)
    assert socket.types == ["accept", "close"]
    assert (socket.sent[1]["code"], socket.sent[1]["reason"]) == (4401, "log in first")


def test_a_rejection_after_accepting_is_an_error() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.reject(403)

    assert converse(handler).close_code == 1011


# ------------------------------------------------------------ errors


def test_an_http_error_before_accepting_is_that_status() -> None:
    async def handler(websocket: WebSocket) -> None:
        raise NotFound("no such room")

    answer = denial(converse(handler))
    assert (answer.status, answer.text) == (404, '{"detail":"no such room"}')


def test_an_apps_error_handler_answers_a_handshake() -> None:
    async def handler(websocket: WebSocket) -> None:
        raise LookupError("room")

    app = talking(handler)
    app.add_exception_handler(LookupError, lambda connection, error: PlainTextResponse(str(error), 404))
    answer = denial(converse_with(app))
    assert (answer.status, answer.text) == (404, "room")


def test_an_error_of_the_handler_closes_with_1011_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        raise RuntimeError("the password is hunter2")

    socket = converse(handler)
    assert socket.close_code == 1011
    assert "hunter2" not in socket.sent[-1]["reason"]
    assert "hunter2" in caplog.text


def test_a_clients_mistake_closes_with_1008() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        raise BadRequest("what?")

    assert converse(handler).close_code == 1008


def test_a_message_that_is_no_json_is_the_clients_mistake() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_json()

    assert converse(handler, "{").close_code == 1008


def test_an_error_after_the_close_is_logged_and_sends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()
        raise RuntimeError("after the end")

    assert converse(handler).types == ["accept", "close"]
    assert "after the end" in caplog.text


# ------------------------------------------------------------ routes of both kinds


def test_a_websocket_where_there_is_none_is_a_404() -> None:
    async def handler(websocket: WebSocket) -> None:
        raise AssertionError

    socket = converse(handler, path="/none/here")
    assert denial(socket).status == 404
    assert denial(socket).headers["content-length"] == "0"
    assert converse(handler, path="/none/here", denial=False).types == ["close"]


def test_a_websocket_to_a_route_of_http_is_a_404() -> None:
    app = kernel_app()

    @app.get("/x")
    async def page() -> Any:
        return "x"

    assert denial(converse_with(app)).status == 404


@pytest.mark.parametrize("method", ["GET", "POST", "WEBSOCKET", "websocket"])
def test_an_http_request_to_a_websocket_is_a_404_whatever_it_calls_its_method(method: str) -> None:
    async def handler(websocket: WebSocket) -> None:
        raise AssertionError

    answer = fetch(talking(handler), method, "/x")
    assert (answer.status, answer.error) == (404, None)


def test_one_path_can_have_both_a_page_and_a_websocket() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()

    app = talking(handler)

    @app.get("/{name}")
    async def page(request: Request) -> Any:
        return "page"

    assert fetch(app, path="/x").text == "page"
    assert fetch(app, "POST", "/x").headers["allow"] == "GET, HEAD, OPTIONS"
    assert converse_with(app).types == ["accept", "close"]


def test_a_server_that_cancels_a_conversation_is_obeyed_and_exits_run() -> None:
    events: List[str] = []

    async def handler(websocket: WebSocket) -> None:
        async def close(error: Any) -> None:
            events.append(type(error).__name__)

        websocket.add_cleanup(close)
        await websocket.accept()
        await websocket.receive_text()

    async def scenario() -> None:
        app = talking(handler)
        await ask(app)
        socket = Socket(app, "/x")
        socket.start()
        await socket.until(lambda: socket.sent)
        assert socket.task is not None
        socket.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await socket.task

    run(scenario())
    assert events == ["CancelledError"]
