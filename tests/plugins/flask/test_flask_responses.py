"""Responses: what a view returns, and headers; in an app that is served as ASGI and as WSGI."""

from __future__ import annotations

from typing import Any, Iterator

import pytest
from tests.plugins.flask.asking import Ask, ask_asgi, ask_wsgi

from fenrir_flask import Flask, Response, redirect, request


@pytest.fixture
def app() -> Flask:
    return Flask(__name__, static_folder=None)


def test_a_response_without_a_body_has_no_length(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/", "view", lambda: (Response("x"), 204))
    answer = ask(app)
    assert (answer.status, answer.text, "content-length" in answer.headers) == (204, "", False)


def test_a_response_that_is_not_modified_has_no_headers_of_a_body(app: Flask, ask: Ask) -> None:
    @app.route("/")
    def view() -> Response:
        made = Response("x", headers={"Content-Language": "en"})
        made.set_etag("1")
        return made.make_conditional(request)

    answer = ask(app, headers={"If-None-Match": '"1"'})
    names = [name for name in ("content-type", "content-length", "content-language", "etag") if name in answer.headers]
    assert (answer.status, names) == (304, ["etag"])


def test_a_location_is_sent_as_a_url(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/", "view", lambda: redirect("http://x.test/<é>?a=b c"))
    assert ask(app).headers["location"] == "http://x.test/%3C%C3%A9%3E?a=b%20c"


@pytest.mark.parametrize(
    "value",
    [
        ("x", 201),
        ("é", {"X-A": "1"}),
        ("x", 404, {"Content-Type": "text/plain", "X-A": "é"}),
        ({"a": 1}, 202),
        ([1], 202, {"x-a": "1", "X-A": "2"}),
        ("x", 200, {"X-A": ["1", "2"]}),
        ("x", "299 Odd"),
        ("x", 204),
        ("x", {}),
        (b"x", 201),
        ("x", 200, {"Location": "/é"}),
        ("x", 200, None),
    ],
    ids=repr,
)
def test_a_value_with_status_and_headers_is_what_the_other_way_makes_of_it(app: Flask, value: Any) -> None:
    app.add_url_rule("/", "view", lambda: value)
    compiled, by_methods = ask_asgi(app), ask_wsgi(app)
    found = sorted((name.lower(), text) for name, text in by_methods.headers.items())
    assert sorted(compiled.headers.items()) == found
    assert (compiled.status, compiled.text) == (by_methods.status, by_methods.text)


@pytest.mark.parametrize("value", ["x", {"a": 1}, ("x", 201)], ids=repr)
def test_make_response_of_a_subclass_is_called_for_every_value(ask: Ask, value: Any) -> None:
    class Own(Flask):
        def make_response(self, rv: Any) -> Any:
            made = super().make_response(rv)
            made.headers["X-Own"] = "yes"
            return made

    app = Own(__name__)
    app.add_url_rule("/", "view", lambda: value)
    assert ask(app).headers["x-own"] == "yes"


@pytest.mark.parametrize("value", ["x", ("x", 201)], ids=repr)
def test_values_become_responses_of_the_class_of_the_app(ask: Ask, value: Any) -> None:
    class Own(Response):
        default_mimetype = "text/own"

    app = Flask(__name__)
    app.response_class = Own
    app.add_url_rule("/", "view", lambda: value)
    assert ask(app).headers["content-type"] == "text/own; charset=utf-8"


def test_a_response_may_encode_its_pieces_itself(app: Flask, ask: Ask) -> None:
    class Own(Response):
        def iter_encoded(self) -> Iterator[bytes]:
            return (b"<" + piece + b">" for piece in super().iter_encoded())

    app.add_url_rule("/", "view", lambda: Own(text for text in "ab"))
    assert ask(app).text == "<a><b>"


def test_control_characters_of_a_cookie_are_sent_as_octal_numbers() -> None:
    made = Response()
    made.set_cookie("a", "\x1b")
    assert made.headers["Set-Cookie"].partition(";")[0] == r'a="\033"'
