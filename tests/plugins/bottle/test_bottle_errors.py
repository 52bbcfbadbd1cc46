"""What answers errors in Bottle's apps: handlers, `default_error_handler`, and the page."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

import pytest

from fenrir_bottle import Bottle, HTTPError, abort, request, response
from fenrir_bottle.error_pages import error_page
from fenrir_core.testing import Answer, Client


def ask(app: Any, path: str, method: str = "GET") -> Answer:
    async def go() -> Answer:
        async with Client(app, raise_errors=False) as client:
            return await client.request(method, path)

    return asyncio.run(go())


def make(kind: Callable[[], Bottle] = Bottle) -> Bottle:
    app = kind()
    app.get("/known", callback=lambda: "known")
    app.get("/aborts", callback=lambda: abort(418, "tea"))
    app.get("/fails", callback=lambda: 1 / 0)

    @app.get("/later")
    async def later() -> None:
        abort(410, "gone")

    return app


@pytest.mark.parametrize(
    ("path", "decoded"), [("/none", "/none"), ("/%3Cb%3E&'\"", "/<b>&'\""), ("/n%C3%A4h", "/näh"), ("/%00%0A", "/\0\n")]
)
def test_the_page_of_an_unknown_path_is_that_of_its_error(path: str, decoded: str) -> None:
    answer = ask(make(), path)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=UTF-8")
    assert answer.text == error_page(HTTPError(404, f"Not found: {decoded!r}"), decoded)


@pytest.mark.parametrize("debug", [False, True])
def test_the_page_of_a_wrong_method_is_that_of_its_error(debug: bool) -> None:
    answer = ask(make(lambda: Bottle(debug=debug)), "/known", "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert answer.text == error_page(HTTPError(405, "Method not allowed."), "/known")


def test_head_has_the_headers_of_the_page_and_no_body() -> None:
    got, head = ask(make(), "/none"), ask(make(), "/none", "HEAD")
    assert head.headers.raw == got.headers.raw and (head.status, head.body) == (404, b"")


def test_what_a_before_hook_has_set_is_not_in_the_response_to_an_unknown_path() -> None:
    app = make()
    app.add_hook("before_request", lambda: response.set_header("x-before", "1"))
    assert "x-before" not in ask(app, "/none").headers


@pytest.mark.parametrize(("path", "method"), [("/none", "GET"), ("/known", "POST")])
def test_bottles_own_404_and_405_stand_for_no_exception(path: str, method: str) -> None:
    app, seen = make(), []

    def handle(error: HTTPError) -> str:
        seen.append((error.exception, error.traceback))
        return "handled"

    app.error(404, handle)
    app.error(405, handle)
    assert ask(app, path, method).text == "handled"
    assert seen == [(None, None)]


# ---------------------------------------------------------------- default_error_handler

ERRORS = [
    ("/none", "GET", "own 404 Not Found: Not found: '/none'"),
    ("/known", "POST", "own 405 Method Not Allowed: Method not allowed."),
    ("/aborts", "GET", "own 418 I'm a teapot: tea"),
    ("/later", "GET", "own 410 Gone: gone"),
    ("/fails", "GET", "own 500 Internal Server Error: Internal Server Error"),
]


def own(error: HTTPError) -> str:
    response.set_header("x-path", request.path)
    return f"own {error.status}: {error.body}"


class Overriding(Bottle):
    """An app whose class answers the errors."""

    def default_error_handler(self, res: HTTPError) -> str:
        return own(res)


@pytest.mark.parametrize(("path", "method", "text"), ERRORS)
def test_an_error_without_handler_is_given_to_the_default_handler_of_the_class(
    path: str, method: str, text: str
) -> None:
    answer = ask(make(Overriding), path, method)
    assert (answer.text, answer.headers["x-path"]) == (text, path)


@pytest.mark.parametrize(("path", "method", "text"), ERRORS)
def test_an_error_without_handler_is_given_to_the_default_handler_of_the_app(path: str, method: str, text: str) -> None:
    app = make()
    app.default_error_handler = own
    answer = ask(app, path, method)
    assert (answer.text, answer.headers["x-path"]) == (text, path)


def test_the_handler_of_a_status_precedes_the_default_handler() -> None:
    app = make(Overriding)
    app.error(404, lambda error: "of the status")
    assert ask(app, "/none").text == "of the status"


def test_after_hooks_run_before_the_default_handler() -> None:
    app, order = make(), []
    app.add_hook("after_request", lambda: order.append("hook"))

    def last(error: HTTPError) -> str:
        order.append("handler")
        return "own"

    app.default_error_handler = last
    assert ask(app, "/none").text == "own" and order == ["hook", "handler"]
