"""The test client of the FastAPI paradigm."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, Iterator, List

import pytest

from fenrir_core import Fenrir
from fenrir_fastapi import BackgroundTasks, Cookie, FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fenrir_fastapi.responses import StreamingResponse
from fenrir_fastapi.testclient import TestClient, WebSocketDenialResponse


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/who")
    def who(request: Request) -> Any:
        return [request.client.host if request.client else "", request.headers["user-agent"], str(request.url)]

    @app.get("/fails")
    def fails() -> None:
        raise ZeroDivisionError("on purpose")

    return app


def test_the_client_introduces_itself_as_the_test_client() -> None:
    answer = TestClient(make_app()).get("/who?a=1")
    assert answer.json() == ["testclient", "testclient", "http://testserver/who?a=1"]


def test_an_error_of_the_app_is_raised_in_the_test() -> None:
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        TestClient(make_app()).get("/fails")


def test_an_error_of_the_app_is_an_answer_when_that_is_asked_for() -> None:
    answer = TestClient(make_app(), raise_server_exceptions=False).get("/fails")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_an_error_in_a_background_task_is_raised_in_the_test() -> None:
    app = FastAPI()

    @app.get("/")
    def later(tasks: BackgroundTasks) -> Dict[str, Any]:
        tasks.add_task(lambda: 1 // 0)
        return {}

    with pytest.raises(ZeroDivisionError):
        TestClient(app).get("/")


def test_start_and_stop_run_only_inside_with() -> None:
    log: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Dict[str, Any]]:
        log.append("start")
        yield {"pool": "open"}
        log.append("stop")

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    def show(request: Request) -> Any:
        return getattr(request.state, "pool", None)

    assert TestClient(app).get("/").json() is None
    assert log == []
    with TestClient(app) as client:
        assert client.get("/").json() == "open"
    assert log == ["start", "stop"]


def test_what_the_start_raises_is_raised_on_entering() -> None:
    app = FastAPI(on_startup=[lambda: 1 // 0])
    with pytest.raises(ZeroDivisionError), TestClient(app):
        raise AssertionError("it never starts")


def test_what_the_stop_raises_is_raised_on_leaving() -> None:
    with pytest.raises(ZeroDivisionError), TestClient(FastAPI(on_shutdown=[lambda: 1 // 0])):
        pass


def test_cookies_are_kept_between_requests() -> None:
    app = FastAPI()

    @app.get("/set")
    def put(response: Response) -> None:
        response.set_cookie("taste", "sweet")

    @app.get("/get")
    def get(taste: str = Cookie()) -> str:
        return taste

    client = TestClient(app)
    client.get("/set")
    assert client.get("/get").json() == "sweet"


def test_a_stream_can_be_read_line_by_line() -> None:
    app = FastAPI()

    def pieces() -> Iterator[str]:
        yield "one\n"
        yield "two\n"

    @app.get("/")
    def stream() -> StreamingResponse:
        return StreamingResponse(pieces(), media_type="text/plain")

    with TestClient(app).stream("GET", "/") as answer:
        assert list(answer.iter_lines()) == ["one", "two"]


def test_a_websocket_session_talks_both_ways() -> None:
    app = FastAPI()

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="chat")
        await websocket.send_json({"got": await websocket.receive_text()})
        await websocket.send_bytes(await websocket.receive_bytes())
        await websocket.close(4001, "enough")

    with TestClient(app).websocket_connect("/echo", subprotocols=["chat"]) as session:
        assert session.accepted_subprotocol == "chat"
        session.send_text("hi")
        assert session.receive_json() == {"got": "hi"}
        session.send_bytes(b"\x00")
        assert session.receive_bytes() == b"\x00"
        with pytest.raises(WebSocketDisconnect) as closed:
            session.receive_text()
    assert (closed.value.code, closed.value.reason) == (4001, "enough")


def test_a_websocket_that_nobody_serves_is_closed() -> None:
    with pytest.raises(WebSocketDisconnect) as closed, TestClient(FastAPI()).websocket_connect("/none"):
        raise AssertionError("it is never open")
    assert closed.value.code == 1000


def test_a_websocket_that_is_refused_with_a_status_shows_the_answer() -> None:
    with pytest.raises(WebSocketDenialResponse) as refused, TestClient(Fenrir()).websocket_connect("/none"):
        raise AssertionError("it is never open")
    assert refused.value.status_code == 404


def test_an_error_of_a_websocket_handler_is_raised_in_the_test() -> None:
    app = FastAPI()

    @app.websocket("/")
    async def fail(websocket: WebSocket) -> None:
        await websocket.accept()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), TestClient(app).websocket_connect("/") as session:
        session.receive_text()


def test_the_client_drives_any_asgi_app() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": (await receive())["body"]})

    answer = TestClient(app).post("/", content=b"back")
    assert (answer.status_code, answer.content) == (201, b"back")


@pytest.mark.parametrize("make", [FastAPI, Fenrir])
def test_an_event_loop_that_an_app_does_not_run_on_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="runs on asyncio"):
        TestClient(make(), backend="trio")
