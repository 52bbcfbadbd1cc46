"""`SystemExit` in a request is an error like others: logged, answered with 500, and the process serves on."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any, AsyncIterator

import pytest
from tests.asgi import fetch, kernel_app

from fenrir_core import App, Response, StreamingResponse


def leave() -> Any:
    sys.exit("over")


async def leave_async() -> Any:
    sys.exit("over")


def failing_handler(app: App) -> None:
    @app.get("/x")
    async def fail() -> Any:
        raise LookupError

    @app.exception_handler(LookupError)
    async def handler(request: Any, error: Any) -> Any:
        sys.exit(3)


def stream(app: App) -> None:
    @app.get("/x")
    async def begin() -> Any:
        async def parts() -> AsyncIterator[bytes]:
            sys.exit(3)
            yield b""

        return StreamingResponse(parts())


WAYS: Any = {
    "a coroutine function": lambda app: app.get("/x")(leave_async),
    "a function in a thread": lambda app: app.get("/x")(leave),
    "an error handler": failing_handler,
    "a stream before its first item": stream,
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_logged_and_answered(way: str, caplog: pytest.LogCaptureFixture) -> None:
    app = kernel_app()
    WAYS[way](app)
    with caplog.at_level(logging.ERROR, "fenrir"):
        answer = fetch(app, "GET", "/x")
    assert (answer.status, type(answer.error)) == (500, RuntimeError)
    assert [record.getMessage() for record in caplog.records] == ["GET /x failed"]
    assert "SystemExit: " in caplog.text


@pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
def test_what_ends_the_program_or_the_task_passes_through_unanswered(kind: Any) -> None:
    app = kernel_app()

    @app.get("/x")
    async def fail() -> Any:
        raise kind

    sent = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def serve() -> None:
        scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []}
        with pytest.raises(kind):
            await app(scope, receive, send)

    asyncio.run(serve())
    assert sent == []


@pytest.mark.parametrize("accepts", [False, True])
def test_a_websocket_is_refused_or_closed(accepts: bool, caplog: pytest.LogCaptureFixture) -> None:
    app, sent = kernel_app(), []

    @app.websocket("/x")
    async def fail(websocket: Any) -> None:
        if accepts:
            await websocket.accept()
        sys.exit("over")

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/x", "query_string": b"", "headers": [], "subprotocols": []}
    with pytest.raises(RuntimeError, match="the handler exited with 'over'"):
        asyncio.run(app({**scope, "extensions": {"websocket.http.response": {}}}, receive, send))
    last = sent[-1] if accepts else sent[0]
    assert (last.get("code"), last.get("status")) == ((1011, None) if accepts else (None, 500))
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ["WEBSOCKET /x failed"]


def test_a_dependency_sees_it_and_the_others_are_closed() -> None:
    from fenrir_fastapi import Depends, FastAPI

    app, seen = FastAPI(), []

    async def outer() -> AsyncIterator[None]:
        try:
            yield
        finally:
            seen.append("outer")

    async def inner() -> AsyncIterator[None]:
        try:
            yield
        except SystemExit as error:
            seen.append(f"inner {error.code}")
            raise

    @app.get("/x")
    async def fail(one: None = Depends(outer), two: None = Depends(inner)) -> Any:
        sys.exit(4)

    assert fetch(app, "GET", "/x").status == 500
    assert seen == ["inner 4", "outer"]


def test_background_work_fails_after_the_response() -> None:
    app = kernel_app()

    async def work() -> None:
        sys.exit(5)

    @app.get("/x")
    async def begin() -> Any:
        return Response("sent", background=work)

    answer = fetch(app, "GET", "/x")
    assert (answer.text, answer.complete, type(answer.error)) == ("sent", True, RuntimeError)
