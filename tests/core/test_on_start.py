"""`Connection.on_response_start`: the last word on an answer before its headers are sent."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from fenrir_core import App, Request, Response, StreamingResponse


def answers(app: App, path: str = "/") -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://test"
        ) as client:
            return await client.get(path)

    return asyncio.run(ask())


async def pieces() -> Any:
    yield b"one"
    yield b"two"


@pytest.mark.parametrize(
    ("value", "text"),
    [({"a": 1}, '{"a":1}'), ("text", "text"), (Response(b"x"), "x"), (lambda: StreamingResponse(pieces()), "onetwo")],
)
def test_a_step_changes_whatever_answer_is_sent(value: Any, text: str) -> None:
    app = App(paradigms=())

    @app.get("/")
    async def index(request: Request) -> Any:
        request.on_response_start(lambda response: response.headers.add("x-late", "yes"))
        return value() if callable(value) else value

    answer = answers(app)

    assert (answer.headers["x-late"], answer.text) == ("yes", text)
    assert len(answer.headers.get_list("x-late")) == 1


def test_a_step_also_sees_the_answer_to_an_error() -> None:
    app = App(paradigms=())

    @app.get("/")
    async def index(request: Request) -> Any:
        request.on_response_start(lambda response: response.headers.add("x-status", str(response.status)))
        raise ValueError("no")

    assert answers(app).headers["x-status"] == "500"


def test_steps_run_in_the_order_in_which_they_were_given() -> None:
    app = App(paradigms=())

    @app.get("/")
    async def index(request: Request) -> str:
        for name in "ab":
            request.on_response_start(lambda response, name=name: response.headers.add("x-name", name))
        return ""

    assert answers(app).headers.get_list("x-name") == ["a", "b"]


@pytest.mark.parametrize("value", ["text", {"a": 1}, StreamingResponse])
def test_a_step_can_wait_before_the_headers_are_sent(value: Any) -> None:
    app = App(paradigms=())

    async def store(response: Any) -> None:
        await asyncio.sleep(0)
        response.headers.add("x-stored", "yes")

    @app.get("/")
    async def index(request: Request) -> Any:
        request.on_response_start(store)
        request.on_response_start(lambda response: response.headers.add("x-seen", response.headers["x-stored"]))
        return value(pieces()) if value is StreamingResponse else value

    assert answers(app).headers["x-seen"] == "yes"


def test_a_step_that_fails_makes_the_answer_a_500() -> None:
    app = App(paradigms=())

    def fail(response: Any) -> None:
        raise ValueError("this session can't be stored")

    @app.get("/")
    async def index(request: Request) -> str:
        request.on_response_start(fail)
        request.on_response_start(lambda response: response.headers.add("x-later", "yes"))
        return "text"

    answer = answers(app)

    assert (answer.status_code, answer.headers["x-later"]) == (500, "yes")
