"""Signals: all ten are sent, whichever kind of server serves the app and whenever something connects."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

from fenrir_core.testing import SyncClient
from fenrir_flask import Flask, flash, render_template_string, signals, stream_template_string

NAMES = [name for name, value in vars(signals).items() if hasattr(value, "connect")]
SUCCESS = [
    "appcontext_pushed",
    "request_started",
    "before_render_template",
    "template_rendered",
    "message_flashed",
    "request_finished",
    "request_tearing_down",
    "appcontext_tearing_down",
    "appcontext_popped",
]
FAILURE = [
    "appcontext_pushed",
    "request_started",
    "got_request_exception",
    "request_finished",
    "request_tearing_down",
    "appcontext_tearing_down",
    "appcontext_popped",
]
Log = List[Tuple[str, Dict[str, Any]]]


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "key"

    @app.route("/")
    def index() -> str:
        text = render_template_string("{{ a }}", a=1)
        flash("done", "good")
        return text

    @app.route("/broken")
    def broken() -> str:
        raise ZeroDivisionError("no")

    @app.route("/stream")
    def stream() -> Iterator[str]:
        return stream_template_string("{{ a }}", a=1)

    return app


def connect(app: Flask) -> Tuple[Log, List[Callable[..., None]]]:
    """Have all signals of an app written to a log; the functions are to be held."""
    log: Log = []

    def receiver(name: str) -> Callable[..., None]:
        return lambda sender, **more: log.append((name, {"sender": sender, **more}))

    functions = []
    for name in NAMES:
        functions.append(receiver(name))
        getattr(signals, name).connect(functions[-1], app)
    return log, functions


def names_of(log: Log) -> List[str]:
    found = [name for name, _ in log]
    log.clear()
    return found


def test_there_are_ten() -> None:
    assert len(NAMES) == 10


def test_all_are_sent_in_order_by_wsgi(app: Flask) -> None:
    log, _held = connect(app)
    client = app.test_client()
    client.get("/")
    assert names_of(log) == SUCCESS
    client.get("/broken")
    assert names_of(log) == FAILURE


@pytest.mark.parametrize("when", ["before the start", "while it is served"])
def test_all_are_sent_in_order_by_asgi(app: Flask, when: str) -> None:
    held = connect(app) if when == "before the start" else None
    with SyncClient(app) as client:
        if held is None:
            assert client.get("/").status == 200
            held = connect(app)
        assert client.get("/").status == 200
        assert names_of(held[0]) == SUCCESS
        assert client.get("/broken").status == 500
        assert names_of(held[0]) == FAILURE


def test_they_have_what_they_are_about(app: Flask) -> None:
    log, _held = connect(app)
    app.test_client().get("/")
    found = dict(log)
    assert all(item["sender"] is app for item in found.values())
    assert found["message_flashed"]["message"] == "done" and found["message_flashed"]["category"] == "good"
    assert found["template_rendered"]["context"]["a"] == 1
    assert found["request_finished"]["response"].status_code == 200
    assert found["request_tearing_down"]["exc"] is None
    log.clear()
    app.test_client().get("/broken")
    assert isinstance(dict(log)["got_request_exception"]["exception"], ZeroDivisionError)


def test_a_streamed_template_is_told_at_its_end(app: Flask) -> None:
    log, _held = connect(app)
    assert app.test_client().get("/stream").text == "1"
    assert [name for name in names_of(log) if "template" in name] == ["before_render_template", "template_rendered"]


def test_an_app_context_sends_its_own(app: Flask) -> None:
    log, _held = connect(app)
    with app.app_context():
        assert names_of(log) == ["appcontext_pushed"]
    assert names_of(log) == ["appcontext_tearing_down", "appcontext_popped"]


def test_the_signals_of_another_app_are_not_mixed_up(app: Flask) -> None:
    log, _held = connect(app)
    other = Flask("other")
    other.add_url_rule("/", "index", lambda: "other")
    assert other.test_client().get("/").text == "other"
    assert names_of(log) == []


def test_teardown_functions_run_once_where_signals_are_used(app: Flask) -> None:
    _log, _held = connect(app)
    ended: List[Any] = []
    app.teardown_appcontext(ended.append)
    app.teardown_request(ended.append)
    with SyncClient(app) as client:
        assert client.get("/").status == 200
    assert ended == [None, None]


def test_receivers_for_one_app_leave_another_on_its_compiled_routes(app: Flask) -> None:
    other = Flask("other")
    _log, _held = connect(app)
    other.route("/")(lambda: "plain")
    with SyncClient(other) as client:
        assert client.get("/").text == "plain"
    assert other.walk is None
