"""`app.test_client()`, contexts around it, and `app.test_cli_runner()`."""

from __future__ import annotations

import threading
from typing import Any, List

import click
import pytest
from werkzeug.test import EnvironBuilder as WerkzeugBuilder
from werkzeug.test import create_environ

from fenrir_flask import Flask, Response, current_app, flash, g, get_flashed_messages, redirect, request, session
from fenrir_flask.ctx import RequestContext
from fenrir_flask.globals import app_ctx, request_ctx
from fenrir_flask.testing import EnvironBuilder, FlaskClient, FlaskCliRunner


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config.update(TESTING=True, SECRET_KEY="key")

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> Any:
        return {
            "args": request.args,
            "form": request.form,
            "json": request.get_json(silent=True),
            "url": request.url,
            "agent": str(request.user_agent),
            "address": request.remote_addr,
        }

    @app.route("/set/<value>")
    def store(value: str) -> str:
        g.value = session["value"] = value
        return value

    return app


def test_a_request_has_what_the_client_was_given(app: Flask) -> None:
    client = app.test_client()
    found = client.post("/echo?a=1", data={"b": "2"}).json
    assert (found["args"], found["form"], found["address"]) == ({"a": "1"}, {"b": "2"}, "127.0.0.1")
    assert found["agent"].startswith("Werkzeug/")
    assert client.post("/echo", json={"c": [3]}).json["json"] == {"c": [3]}
    assert client.get("/echo", query_string={"d": "4"}, base_url="https://x.test/").json["url"] == (
        "https://x.test/echo?d=4"
    )


def test_defaults_of_the_environment_can_be_set(app: Flask) -> None:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "9.9.9.9"
    assert client.get("/echo").json["address"] == "9.9.9.9"
    assert client.get("/echo", environ_base={"REMOTE_ADDR": "8.8.8.8"}).json["address"] == "8.8.8.8"


def test_the_address_comes_from_the_configuration(app: Flask) -> None:
    app.config.update(SERVER_NAME="example.org:5000", APPLICATION_ROOT="/app", PREFERRED_URL_SCHEME="https")
    assert app.test_client().get("/echo").json["url"] == "https://example.org:5000/app/echo"
    builder = EnvironBuilder(app, "/x", subdomain="api", url_scheme="http")
    assert builder.base_url == "http://api.example.org:5000/app/"
    with pytest.raises(AssertionError):
        EnvironBuilder(app, "/x", base_url="http://a/", subdomain="api")


def test_a_builder_an_environment_and_a_request_can_be_sent(app: Flask) -> None:
    client = app.test_client()
    builder = WerkzeugBuilder("/echo", query_string={"a": "1"})
    assert client.open(builder).json["args"] == {"a": "1"}
    assert client.open(builder.get_environ()).json["args"] == {"a": "1"}
    assert client.open(builder.get_request()).json["args"] == {"a": "1"}


def test_a_block_keeps_the_context_of_the_last_request(app: Flask) -> None:
    with app.test_client() as client:
        client.get("/set/a?x=1")
        assert (g.value, session["value"], request.args["x"], request_ctx.request.path) == ("a", "a", "1", "/set/a")
        client.get("/echo?y=2")
        assert (request.args["y"], "value" in g, session["value"]) == ("2", False, "a")
    assert not current_app and not request


def test_a_block_within_itself_is_refused(app: Flask) -> None:
    with app.test_client() as client, pytest.raises(RuntimeError):
        client.__enter__()


def test_the_session_can_be_read_and_changed(app: Flask) -> None:
    client = app.test_client()
    with client.session_transaction() as held:
        held["value"] = "before"
    with client:
        client.get("/echo")
        assert session["value"] == "before"
    client.get("/set/after")
    with client.session_transaction() as held:
        assert held["value"] == "after"


def test_a_session_transaction_needs_cookies_and_a_key(app: Flask) -> None:
    with pytest.raises(TypeError, match="use_cookies"):
        with app.test_client(use_cookies=False).session_transaction():
            pass
    app.secret_key = None
    with pytest.raises(RuntimeError):
        with app.test_client().session_transaction():
            pass


def test_messages_and_redirects_are_followed(app: Flask) -> None:
    @app.route("/go")
    def go() -> Any:
        flash("gone", "error")
        return redirect("/come")

    @app.route("/come")
    def come() -> Any:
        return repr(get_flashed_messages(with_categories=True))

    response = app.test_client().get("/go", follow_redirects=True)
    assert (response.text, response.request.path, len(response.history)) == ("[('error', 'gone')]", "/come", 1)
    assert response.history[0].status_code == 302


def test_an_error_is_raised_in_tests(app: Flask) -> None:
    @app.route("/broken")
    def broken() -> str:
        raise ZeroDivisionError("no")

    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/broken")
    app.testing = False
    assert app.test_client().get("/broken").status_code == 500


def test_all_of_a_request_runs_in_the_thread_of_the_caller(app: Flask) -> None:
    seen: List[int] = []

    def see(*_: Any) -> None:
        seen.append(threading.get_ident())

    app.before_request(see)
    app.teardown_request(see)

    @app.route("/stream")
    def stream() -> Any:
        def parts() -> Any:
            see()
            yield "x"

        see()
        return parts()

    assert app.test_client().get("/stream").text == "x"
    assert seen == [threading.get_ident()] * 4


def test_a_request_shares_the_context_of_the_app_that_is_pushed(app: Flask) -> None:
    ended: List[Any] = []
    app.teardown_appcontext(ended.append)
    app.add_url_rule("/same", "same", lambda: str(id(app_ctx._get_current_object())))
    with app.app_context() as context:
        g.value = "outer"
        app.test_client().get("/set/inner")
        assert (g.value, ended) == ("inner", [])
        assert app.test_client().get("/same").text == str(id(context))
    assert ended == [None]


def test_the_context_of_another_app_is_not_shared(app: Flask) -> None:
    other = Flask("other")
    with other.app_context():
        g.value = "outer"
        app.test_client().get("/set/inner")
        assert g.value == "outer"


def test_an_app_context_may_end_before_the_block_of_a_client(app: Flask) -> None:
    ended: List[Any] = []
    app.teardown_appcontext(ended.append)
    with app.test_client() as client:
        with app.app_context():
            client.get("/set/a")
        assert (request.path, g.value, ended) == ("/set/a", "a", [])
    assert ended == [None] and not current_app


def test_classes_of_ones_own_are_used(app: Flask) -> None:
    class Client(FlaskClient):
        def __init__(self, *args: Any, who: str = "", **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.who = who

    class Runner(FlaskCliRunner):
        pass

    class Own(Response):
        pass

    app.test_client_class, app.test_cli_runner_class, app.response_class = Client, Runner, Own
    client: Any = app.test_client(who="ada")
    assert client.who == "ada" and isinstance(client.get("/echo"), Own)
    assert isinstance(app.test_cli_runner(), Runner)


def test_a_request_context_has_a_loaded_body(app: Flask) -> None:
    with app.test_request_context("/echo", method="POST", data={"a": "1"}, headers={"X-A": "b"}):
        assert (request.form["a"], request.headers["x-a"], request.endpoint) == ("1", "b", "echo")
    with app.test_request_context("/echo", method="POST", json={"a": 1}):
        assert request.json == {"a": 1}


def test_a_command_runs_with_the_app(app: Flask) -> None:
    @app.cli.command("show")
    @click.argument("word")
    def show(word: str) -> None:
        click.echo(f"{word} {current_app.name}")

    @app.cli.command("bare", with_appcontext=False)
    def bare() -> None:
        click.echo(str(bool(current_app)))

    runner = app.test_cli_runner()
    assert runner.invoke(args=["show", "hi"]).output == f"hi {__name__}\n"
    assert runner.invoke(args=["bare"]).output == "False\n"
    assert runner.invoke(show, ["ho"]).output == f"ho {__name__}\n"
    assert runner.invoke(args=["nothing"]).exit_code == 2


def test_a_request_context_is_made_of_an_environment(app: Flask) -> None:
    with RequestContext(app, create_environ("/echo?a=1")):
        assert (request.path, request.args["a"]) == ("/echo", "1")


def test_the_variables_of_a_template_are_passed_by_name(app: Flask) -> None:
    app.context_processor(lambda: {"shop": "Corner"})
    variables: Any = {}
    with app.app_context():
        app.update_template_context(context=variables)

    assert variables["shop"] == "Corner"
