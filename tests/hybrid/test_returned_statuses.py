"""A status may be returned in every form that Flask takes; what can be no status is a 500 that says where."""

from __future__ import annotations

import enum
from http import HTTPStatus
from typing import Any, Callable, NamedTuple

import pytest
from tests.asgi import fetch

from fenrir import Fenrir
from fenrir_flask import Blueprint, Flask
from fenrir_flask.views import MethodView


class Gone(enum.IntEnum):
    GONE = 410


class Text(enum.Enum):
    FOUND = "found"


def _plain(value: Any) -> Any:
    app = Fenrir()

    @app.get("/")
    async def named() -> Any:
        return value

    return app


def _sync(value: Any) -> Any:
    app = Fenrir()

    @app.get("/")
    def named() -> Any:
        return value

    return app


def _blueprint(value: Any) -> Any:
    app, blueprint = Fenrir(), Blueprint("part", __name__)

    @blueprint.route("/")
    def named() -> Any:
        return value

    app.register_blueprint(blueprint)
    return app


def _guard(value: Any) -> Any:
    app = Fenrir()

    @app.before_request
    def named() -> Any:
        return value

    @app.get("/")
    async def home() -> str:
        return "the handler's"

    return app


def _error_handler(value: Any) -> Any:
    app = Fenrir()

    @app.exception(ValueError)
    def named(error: Any) -> Any:
        return value

    @app.get("/")
    async def home() -> str:
        raise ValueError()

    return app


def _flask(value: Any) -> Any:
    app = Flask(__name__)

    @app.route("/")
    def named() -> Any:
        return value

    return app


def _flask_view(value: Any) -> Any:
    class Named(MethodView):
        def get(self) -> Any:
            return value

    app = Flask(__name__)
    app.add_url_rule("/", view_func=Named.as_view("named"))
    return app


SITES = {
    "handler": _plain,
    "sync handler": _sync,
    "blueprint": _blueprint,
    "before_request": _guard,
    "error handler": _error_handler,
    "Flask": _flask,
    "Flask's MethodView": _flask_view,
}
Make = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, 404),
        (600, 600),
        (999, 999),
        ("404", 404),
        ("404 NOT FOUND", 404),
        ("404 My own words", 404),
        (" 404 X", 404),
        (HTTPStatus.NOT_FOUND, 404),
        (Gone.GONE, 410),
        (None, 200),
    ],
    ids=repr,
)
@pytest.mark.parametrize("make", SITES.values(), ids=SITES)
def test_every_form_of_a_status_is_the_status(make: Make, status: Any, expected: int) -> None:
    app = make(({"e": 1}, status, {"x-told": "yes"}))
    answer = fetch(app)
    assert (answer.status, answer.text.strip().replace(" ", "")) == (expected, '{"e":1}')
    assert answer.headers["x-told"] == "yes"
    if status is not None:
        assert fetch(make(({"e": 1}, status))).status == expected


@pytest.mark.parametrize(
    "status",
    [0, 99, 1000, -1, "", "NOT FOUND", "abc 404", "99", True, 404.0, b"404", Text.FOUND, object()],
    ids=["0", "99", "1000", "-1", "empty", "words", "words first", "'99'", "True", "float", "bytes", "enum", "object"],
)
@pytest.mark.parametrize("make", SITES.values(), ids=SITES)
def test_what_can_be_no_status_is_a_500_that_says_where(
    make: Make, status: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for value in (({"e": 1}, status), ({"e": 1}, status, {})):
        caplog.clear()
        assert fetch(make(value)).status == 500
        assert f"returned the status {status!r}" in caplog.text
        assert "test_returned_statuses.py:" in caplog.text


@pytest.mark.parametrize("make", [_plain, _blueprint, _flask], ids=["handler", "blueprint", "Flask"])
def test_the_message_names_the_handler(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    fetch(make(("x", "NOT FOUND")))
    assert "named() " in caplog.text


@pytest.mark.parametrize("headers", [{"x-a": "1"}, [("x-a", "1")], (("x-a", "1"),), {"x-a": ["1"]}], ids=str)
@pytest.mark.parametrize("make", SITES.values(), ids=SITES)
def test_every_form_of_headers_is_sent(make: Make, headers: Any) -> None:
    for value in (("x", headers), ("x", 201, headers), ("x", None, headers)):
        assert fetch(make(value)).headers["x-a"] == "1"


@pytest.mark.parametrize("make", SITES.values(), ids=SITES)
def test_headers_that_are_none_are_a_500_that_says_so(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    assert fetch(make(("x", {"x-a": "1"}, 404))).status == 500
    assert "returned the" in caplog.text


def test_a_named_tuple_is_json() -> None:
    class Point(NamedTuple):
        x: int
        y: int

    assert fetch(_plain(Point(1, 2))).text == "[1,2]"
