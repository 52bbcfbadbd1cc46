"""Memory and time that a client can make the kernel use are bounded, whatever it sends."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.asgi import fetch, kernel_app

from fenrir_core import Request

FORM = {"content-type": "application/x-www-form-urlencoded"}


def reading_app(**settings: Any) -> Any:
    app = kernel_app(**settings)

    @app.post("/body")
    async def body(request: Request) -> Any:
        return len(await request.body())

    @app.post("/form")
    async def form(request: Request) -> Any:
        return len(await request.form())

    @app.get("/query")
    async def query(request: Request) -> Any:
        return len(request.query)

    @app.get("/cookies")
    async def cookies(request: Request) -> Any:
        return len(request.cookies)

    @app.get("/number/{n:int}")
    async def number(request: Request) -> Any:
        return len(str(request.path_params["n"]))

    return app


def test_there_is_a_body_limit_that_nobody_had_to_ask_for() -> None:
    assert reading_app().settings["max_body"] == 16 * 1024 * 1024


def test_the_rest_of_a_body_over_the_limit_is_not_received() -> None:
    pieces = [b"x" * 8] * 1000
    app = reading_app(max_body=16)
    assert fetch(app, "POST", "/body", body=pieces).status == 413


def test_the_answer_to_a_body_over_the_limit_names_the_limit() -> None:
    assert "16 bytes" in fetch(reading_app(max_body=16), "POST", "/body", body=b"x" * 17).text


def test_a_form_of_very_many_fields_is_the_clients_error() -> None:
    answer = fetch(reading_app(), "POST", "/form", body=b"&".join(b"a=1" for _ in range(100_000)), headers=FORM)
    assert 400 <= answer.status < 500


def test_a_query_of_very_many_pairs_is_the_clients_error() -> None:
    answer = fetch(reading_app(), path="/query", query="&".join("a=1" for _ in range(100_000)))
    assert 400 <= answer.status < 500


@pytest.mark.parametrize(
    "cookie", ["a=1; " * 20_000, ";" * 100_000, "a=" + '"' * 100_000, "a=" + "\\" * 100_000], ids=lambda text: text[:6]
)
def test_hostile_cookies_cost_little_time(cookie: str) -> None:
    began = time.perf_counter()
    assert fetch(reading_app(), path="/cookies", headers={"cookie": cookie}).status < 500
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5_000, "٣", "1_000", "+1", "-0"])
def test_a_number_in_the_path_is_a_number_or_not_found(digits: str) -> None:
    assert fetch(reading_app(), path="/number/" + digits).status in (200, 404)


def test_a_path_of_very_many_segments_is_not_found_in_little_time() -> None:
    app = kernel_app()

    @app.get("/{a:path}/x/{c}")
    async def deep() -> Any:
        return "x"

    began = time.perf_counter()
    assert fetch(app, path="/a" * 2_000).status == 404
    assert time.perf_counter() - began < 5
