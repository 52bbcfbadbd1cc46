"""Drive the driver: what `fenrir_core.testing` tells a test about an app."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Awaitable, Callable, List

import pytest

from fenrir_core import (
    BackgroundTasks,
    FenrirError,
    Request,
    Response,
    StreamingResponse,
    WebSocket,
    WebSocketDisconnect,
)
from fenrir_core.exceptions import StartupFailed
from fenrir_core.testing import Client, Refused, make_app


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(test())  # type: ignore[arg-type]


def test_a_request_carries_query_headers_and_json_and_the_answer_gives_them_back() -> None:
    app = make_app()

    @app.post("/pets/{name}")
    async def pet(request: Request, name: str) -> Any:
        return {
            "name": name,
            "tag": request.query.getlist("tag"),
            "who": request.headers["x-who"],
            "json": await request.json(),
            "type": request.content_type,
        }

    async def test() -> Any:
        async with Client(app) as client:
            answer = await client.post("/pets/a%2Fb%20c?tag=1&tag=%26", headers={"X-Who": "me"}, json={"a": [1]})
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/json"
            return answer.json()

    assert run(test) == {
        "name": "a/b c",
        "tag": ["1", "&"],
        "who": "me",
        "json": {"a": [1]},
        "type": "application/json",
    }


def test_entering_runs_the_lifespan_and_each_request_gets_its_state() -> None:
    seen: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        seen.append("start")
        yield {"pool": "open"}
        seen.append("stop")

    app = make_app(lifespan=lifespan)

    @app.get("/")
    async def index(request: Request) -> str:
        seen.append(request.scope["state"]["pool"])
        return ""

    async def test() -> None:
        async with Client(app) as client:
            await client.get("/")
            assert seen == ["start", "open"]

    run(test)
    assert seen == ["start", "open", "stop"]


def test_a_failed_start_is_raised_with_the_message_of_the_app() -> None:
    app = make_app()

    @app.get("/{a}/{a}")
    async def index(a: str) -> str:
        return a

    async def test() -> None:
        async with Client(app):
            raise AssertionError("it started")

    with pytest.raises(StartupFailed, match="/{a}/{a}"):
        run(test)


def test_an_app_without_a_lifespan_is_driven_without() -> None:
    async def bare(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def test() -> None:
        async with Client(bare) as client:
            assert (await client.get("/")).status == 204

    run(test)


def test_a_failed_stop_is_raised_with_the_message_of_the_app() -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": "the pool is stuck"})

    async def test() -> None:
        async with Client(failing):
            pass

    with pytest.raises(FenrirError, match="did not stop cleanly: the pool is stuck"):
        run(test)


def test_an_error_that_nobody_handles_is_raised_or_answered_as_the_test_wants() -> None:
    app = make_app()

    @app.get("/")
    async def index() -> str:
        raise ZeroDivisionError("mine")

    async def test() -> None:
        with pytest.raises(ZeroDivisionError, match="mine"):
            await Client(app).get("/")
        assert (await Client(app, raise_errors=False).get("/")).status == 500

    run(test)


def test_chunks_are_made_only_when_they_are_asked_for_and_leaving_closes_the_generator() -> None:
    made: List[Any] = []

    async def count() -> AsyncIterator[bytes]:
        try:
            number = 0
            while True:
                number += 1
                made.append(number)
                yield b"%d" % number
        finally:
            made.append("closed")

    app = make_app()

    @app.get("/")
    async def index() -> Response:
        return StreamingResponse(count())

    async def test() -> None:
        async with Client(app) as client:
            async with client.stream("GET", "/") as stream:
                chunks = stream.__aiter__()
                assert [await chunks.__anext__() for _ in range(3)] == [b"1", b"2", b"3"]
                assert len(made) < 10
                await stream.disconnect()
            assert made[-1] == "closed"

    run(test)


def test_an_answer_that_breaks_off_is_no_clean_end() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise ZeroDivisionError("later")

    app = make_app()

    @app.get("/")
    async def index() -> Response:
        return StreamingResponse(broken())

    async def test() -> None:
        async with Client(app, raise_errors=False) as client:
            async with client.stream("GET", "/") as stream:
                chunks = stream.__aiter__()
                assert await chunks.__anext__() == b"one"
                with pytest.raises(ZeroDivisionError, match="later"):
                    await chunks.__anext__()

    run(test)


def test_an_answer_is_given_after_its_background_work() -> None:
    done: List[str] = []
    app = make_app()

    @app.get("/")
    async def index() -> Response:
        tasks = BackgroundTasks(app.run_in_thread)
        tasks.add_task(done.append, "work")
        return Response(b"", background=tasks)

    run(lambda: Client(app).get("/"))
    assert done == ["work"]


def test_a_websocket_session_talks_until_one_side_closes() -> None:
    app = make_app()
    ended: List[int] = []

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept(websocket.subprotocols[0], [("x-hello", "you")])
        try:
            while True:
                text = await websocket.receive_text()
                if text == "stop":
                    await websocket.close(4001, "enough")
                    return
                await websocket.send_text(text * 2)
        except WebSocketDisconnect as error:
            ended.append(error.code)

    async def test() -> None:
        async with Client(app) as client:
            async with client.websocket("/echo", subprotocols=["chat"]) as session:
                assert (session.subprotocol, session.headers["x-hello"]) == ("chat", "you")
                await session.send("ab")
                assert await session.receive() == "abab"
                await session.send(b"cd")
                assert await session.receive() == "cdcd"
                await session.close(4002)
            async with client.websocket("/echo", subprotocols=["chat"]) as session:
                await session.send("stop")
                with pytest.raises(WebSocketDisconnect) as closed:
                    await session.receive()
                assert (closed.value.code, closed.value.reason) == (4001, "enough")

    run(test)
    assert ended == [4002]


def test_a_refused_websocket_tells_the_answer_that_it_got() -> None:
    app = make_app()

    @app.websocket("/no")
    async def no(websocket: WebSocket) -> None:
        await websocket.reject(Response(b"members only", 402))

    async def test() -> None:
        for path, status, body in (("/no", 402, b"members only"), ("/nowhere", 404, b"")):
            with pytest.raises(Refused) as refused:
                async with Client(app).websocket(path):
                    raise AssertionError("it was accepted")
            assert (refused.value.answer.status, refused.value.answer.body) == (status, body)

    run(test)


def test_an_app_that_sends_nothing_ends_the_patience_of_the_test() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    async def test() -> None:
        with pytest.raises(TimeoutError, match="sent nothing for 0.01 s"):
            await Client(silent, patience=0.01).get("/")

    run(test)
