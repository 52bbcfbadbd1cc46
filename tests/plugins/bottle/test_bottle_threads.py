"""How often a request goes to a thread: once for everything that Bottle runs in its own thread."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Iterator, Tuple

import pytest
from tests.asgi import ask

from fenrir_bottle import Bottle, abort, redirect, request, response, static_file, template

Case = Tuple[str, str, int]
#: What a Bottle app does for one request: method, path, status.
CASES = [
    ("GET", "/text", 200),
    ("HEAD", "/text", 200),
    ("GET", "/hello/ann/7", 200),
    ("POST", "/form", 200),
    ("GET", "/file", 200),
    ("GET", "/cookie", 200),
    ("GET", "/template", 200),
    ("GET", "/abort", 404),
    ("GET", "/redirect", 302),
    ("GET", "/nothing", 404),
]


FORM = {"content-type": "application/x-www-form-urlencoded"}


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that counts how often a thread reports to it."""

    reports = 0

    def call_soon_threadsafe(self, *arguments: Any, **keywords: Any) -> Any:
        self.reports += 1
        return super().call_soon_threadsafe(*arguments, **keywords)


def site(directory: Path, **options: Any) -> Bottle:
    app = Bottle()
    (directory / "a.txt").write_text("content")

    @app.get("/text", **options)
    def text() -> Any:
        return "text"

    @app.get("/hello/<name:re:[a-z]+>/<n:int>", **options)
    def hello(name: str, n: int) -> Any:
        return {"name": name, "n": n, "q": request.query.get("q")}

    @app.post("/form", **options)
    def form() -> Any:
        return request.forms.name

    @app.get("/file", **options)
    def file() -> Any:
        return static_file("a.txt", root=str(directory))

    @app.get("/cookie", **options)
    def cookie() -> Any:
        response.set_cookie("a", "b")
        return {"sid": request.get_cookie("sid")}

    @app.get("/template", **options)
    def page() -> Any:
        return template("<b>{{name}}</b>", name="ann")

    @app.get("/abort", **options)
    def aborted() -> Any:
        abort(404, "nope")

    @app.get("/redirect", **options)
    def moved() -> Any:
        redirect("/text", 302)

    return app


def hooked(app: Bottle) -> Bottle:
    app.add_hook("before_request", lambda: None)
    app.add_hook("after_request", lambda: response.set_header("x-after", "1"))
    app.error(404, callback=lambda error: "not here")
    return app


class Counted:
    """An app that has started, on a counting loop."""

    def __init__(self, app: Bottle) -> None:
        self.app, self.loop = app, CountingLoop()
        self.life = app.lifespan()
        self.loop.run_until_complete(self.life.__aenter__())

    def hops(self, case: Case) -> int:
        method, path, status = case
        before = self.loop.reports
        asking = ask(self.app, method, path, body=b"name=ann", headers=FORM)
        assert self.loop.run_until_complete(asking).status == status
        return self.loop.reports - before

    def close(self) -> None:
        self.loop.run_until_complete(self.life.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def blocking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    counted = Counted(hooked(site(tmp_path_factory.mktemp("site"))))
    yield counted
    counted.close()


@pytest.fixture(scope="module")
def nonblocking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    counted = Counted(site(tmp_path_factory.mktemp("site"), nonblocking=True))
    yield counted
    counted.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_a_request_goes_to_a_thread_once(blocking: Counted, case: Case) -> None:
    assert blocking.hops(case) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_a_nonblocking_request_goes_to_none(nonblocking: Counted, case: Case) -> None:
    assert nonblocking.hops(case) == 0
