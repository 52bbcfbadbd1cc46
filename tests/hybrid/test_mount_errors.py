"""Errors of mounted apps: which app answers and logs them."""

from __future__ import annotations

import logging
from typing import Any, AsyncIterator

import pytest
from tests.asgi import Socket, fetch, kernel_app, run

import fenrir_fastapi
from fenrir import Fenrir
from fenrir_fastapi.responses import StreamingResponse


async def failing(scope: Any, receive: Any, send: Any) -> None:
    raise KeyError("x")


def failing_router() -> Any:
    router = fenrir_fastapi.APIRouter()

    @router.get("/{rest:path}")
    async def fail(rest: str) -> None:
        raise KeyError("x")

    return router


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (Fenrir, lambda: failing),
        (Fenrir, failing_router),
        (fenrir_fastapi.FastAPI, lambda: failing),
        (fenrir_fastapi.FastAPI, failing_router),
    ],
    ids=["ASGI app", "router", "ASGI app in FastAPI", "router in FastAPI"],
)
def test_an_error_of_a_mounted_app_is_handled_as_in_starlette(kind: Any, make: Any) -> None:
    app = kind()

    @app.exception_handler(KeyError)
    async def handle(request: Any, error: Any) -> Any:
        return fenrir_fastapi.Response("handled", 418)

    app.mount("/site", make())
    answer = fetch(app, "GET", "/site/x")
    assert (answer.status, answer.text, answer.error) == (418, "handled", None)


def test_an_error_of_a_mounted_fenrir_app_is_logged_once_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    inner = kernel_app()

    @inner.get("/x")
    async def fail() -> None:
        raise KeyError("x")

    app = Fenrir()
    app.before_request(lambda: None)
    app.mount("/site", inner)
    with caplog.at_level(logging.ERROR, "fenrir.error"):
        answer = fetch(app, "GET", "/site/x")
    assert (answer.status, type(answer.error), len(caplog.records)) == (500, KeyError, 1)


@pytest.mark.parametrize("kind", [Fenrir, fenrir_fastapi.FastAPI])
@pytest.mark.parametrize("mounted", ["app", "router"])
def test_an_error_in_the_middle_of_a_mounted_stream_is_logged_once(
    kind: Any, mounted: str, caplog: pytest.LogCaptureFixture
) -> None:
    inner: Any = kernel_app() if mounted == "app" else fenrir_fastapi.APIRouter()

    async def parts() -> AsyncIterator[str]:
        yield "first"
        raise KeyError("x")

    @inner.get("/x")
    async def stream() -> Any:
        return StreamingResponse(parts())

    app = kind()
    app.mount("/site", inner)
    with caplog.at_level(logging.ERROR, "fenrir.error"):
        answer = fetch(app, "GET", "/site/x")
    assert (answer.text, answer.complete, type(answer.error), len(caplog.records)) == ("first", False, KeyError, 1)


def test_a_404_of_a_mounted_router_is_handled_by_the_app() -> None:
    app, router = fenrir_fastapi.FastAPI(), fenrir_fastapi.APIRouter()

    @app.exception_handler(404)
    async def handle(request: Any, error: Any) -> Any:
        return fenrir_fastapi.Response("lost", 404)

    app.mount("/site", router)
    answer = fetch(app, "GET", "/site/x")
    assert (answer.status, answer.text) == (404, "lost")


def test_a_router_that_is_served_alone_answers_its_own_404() -> None:
    assert fetch(fenrir_fastapi.APIRouter(), "GET", "/x").status == 404


def test_an_error_of_a_mounted_websocket_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    inner = kernel_app()

    @inner.websocket("/x")
    async def fail(websocket: Any) -> None:
        await websocket.accept()
        raise KeyError("x")

    app = Fenrir()
    app.before_request(lambda: None)
    app.mount("/site", inner)

    async def main() -> Any:
        socket = Socket(app, "/site/x")
        return socket, await socket.finish()

    with caplog.at_level(logging.ERROR, "fenrir.error"):
        socket, _ = run(main())
    assert (socket.close_code, len(caplog.records)) == (1011, 1)
