"""The rules of Flask that its applications rest on, in an app that is served as ASGI and as WSGI."""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from tests.plugins.flask.asking import Ask, ask_wsgi
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from fenrir_flask import (
    Flask,
    abort,
    after_this_request,
    make_response,
    request,
    session,
    url_for,
)
from fenrir_flask.sessions import SecureCookieSessionInterface


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


# -------------------------------------------------------------------- one thread


def test_all_synchronous_functions_of_a_request_run_in_one_thread(app: Flask, ask: Ask) -> None:
    seen: List[int] = []

    def note(*args: Any) -> None:
        seen.append(threading.get_ident())

    @app.route("/")
    def view() -> Iterator[str]:
        note()

        def generate() -> Iterator[str]:
            note()
            yield "a"
            note()
            yield "b"

        return generate()

    app.before_request(note)
    app.after_request(lambda response: note() or response)  # type: ignore[func-returns-value]
    app.teardown_request(note)
    app.teardown_appcontext(note)

    assert ask(app).text == "ab"
    assert (len(seen), len(set(seen))) == (7, 1)


# -------------------------------------------------------------------- how views are called


def test_a_view_behind_a_decorator_gets_the_values_of_its_rule_by_name(app: Flask, ask: Ask) -> None:
    def login_required(view: Any) -> Any:
        @functools.wraps(view)
        def wrapped(**kwargs: Any) -> Any:
            return view(**kwargs)

        return wrapped

    @app.route("/<int:id>")
    @login_required
    def show(id: int) -> str:
        return f"item {id}"

    assert ask(app, "/7").text == "item 7"


@pytest.mark.parametrize("by_name", [True, False])
def test_a_decorator_may_add_arguments_that_no_rule_has(app: Flask, ask: Ask, by_name: bool) -> None:
    def with_user(view: Any) -> Any:
        @functools.wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return view(*args, user="ann", **kwargs) if by_name else view("ann", *args, **kwargs)

        return wrapped

    @app.route("/<int:id>")
    @with_user
    def show(user: str, id: int) -> str:
        return f"{user} {id}"

    assert ask(app, "/7").text == "ann 7"


def test_a_parameter_that_nothing_fills_is_an_error_of_the_request_alone(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/wrong", "wrong", lambda missing: missing)
    app.add_url_rule("/", "right", lambda: "right")

    assert (ask(app, "/wrong").status, ask(app).text) == (500, "right")


# -------------------------------------------------------------------- responses


def assigned(response: Any) -> None:
    response.vary = ["Cookie"]
    response.content_security_policy = "default-src 'self'"
    response.access_control_allow_origin = "*"
    response.cross_origin_opener_policy.__class__  # noqa: B018  # is read without an error
    response.cache_control.max_age = 3
    response.content_language = "de"
    response.last_modified = 0
    response.add_etag()


@pytest.mark.parametrize("place", ["view", "hook", "late"])
def test_assigned_properties_of_a_response_are_headers(app: Flask, ask: Ask, place: str) -> None:
    def change(response: Any) -> Any:
        assigned(response)
        return response

    @app.route("/")
    def view() -> Any:
        if place == "late":
            after_this_request(change)
        return change(make_response("x")) if place == "view" else "x"

    if place == "hook":
        app.after_request(change)
    headers = ask(app).headers
    found = [headers[name] for name in ("vary", "content-security-policy", "cache-control", "content-language")]
    assert found == ["Cookie", "default-src 'self'", "max-age=3", "de"]
    assert headers["access-control-allow-origin"] == "*" and headers["etag"].startswith('"')
    assert headers["last-modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (lambda: NotFound(), 404),
        (lambda: WerkzeugResponse("x", 203), 203),
        (lambda: abort(WerkzeugResponse("x", 209)), 209),
    ],
    ids=["error", "response", "abort"],
)
def test_objects_of_werkzeug_are_answered(app: Flask, ask: Ask, value: Any, status: int) -> None:
    app.add_url_rule("/", "index", lambda: value())
    assert ask(app).status == status


def test_errors_are_caught_as_werkzeugs(app: Flask, ask: Ask) -> None:
    @app.route("/", methods=["POST"])
    def view() -> str:
        found = []
        for raising in (lambda: abort(404), request.get_json, lambda: request.args["missing"]):
            try:
                raising()
            except BadRequest:
                found.append("bad")
            except HTTPException as error:
                found.append(str(error.code))
        return " ".join(found)

    sent: Dict[str, Any] = {"headers": {"content-type": "application/json"}}
    answer = (
        ask_wsgi(app, "/", "POST", data=b"{", **sent) if ask is ask_wsgi else ask(app, "/", "POST", body=b"{", **sent)
    )
    assert answer.text == "404 bad bad"


@pytest.mark.parametrize("matches", [500, Exception])
def test_an_error_of_a_view_is_answered_by_its_handler(app: Flask, ask: Ask, matches: Any) -> None:
    @app.errorhandler(matches)
    def handle(error: Any) -> Any:
        return type(getattr(error, "original_exception", error)).__name__, 503

    app.add_url_rule("/", "index", lambda: 1 / 0)
    assert ask(app)[:2] == (503, "ZeroDivisionError")


# -------------------------------------------------------------------- configuration


def test_the_configuration_is_a_dict_with_flasks_keys_and_defaults(app: Flask) -> None:
    assert isinstance(app.config, dict) and isinstance(app.config.copy(), dict)
    assert (app.config["TESTING"], app.config["MAX_CONTENT_LENGTH"], app.config["SESSION_COOKIE_SAMESITE"]) == (
        False,
        None,
        None,
    )
    app.config.update(REDIS_URL="redis://elsewhere", THREADS="many", DEBUG="0")
    app.build()
    assert (app.config["THREADS"], app.config["DEBUG"], app.settings["threads"]) == ("many", "0", 40)


def test_a_host_that_is_not_trusted_is_refused(app: Flask, ask: Ask) -> None:
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    app.add_url_rule("/", "index", lambda: "x")
    assert [ask(app, headers={"Host": host}).status for host in ("example.org", "evil.org")] == [200, 400]


def test_bad_requests_are_trapped_where_the_configuration_says_so(app: Flask, ask: Ask) -> None:
    @app.errorhandler(KeyError)
    def handle(error: KeyError) -> Any:
        return "trapped", 418

    app.add_url_rule("/", "index", lambda: request.args["missing"])
    app.config["TRAP_BAD_REQUEST_ERRORS"] = True
    assert ask(app)[:2] == (418, "trapped")


def multipart(**fields: str) -> Dict[str, Any]:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    return {
        "headers": {"content-type": "multipart/form-data; boundary=x"},
        "body": "".join([*parts, "--x--\r\n"]).encode(),
    }


@pytest.mark.parametrize(
    ("key", "limit"), [("MAX_FORM_MEMORY_SIZE", 5), ("MAX_FORM_PARTS", 1), ("MAX_CONTENT_LENGTH", 20)]
)
def test_limits_of_forms_are_those_of_the_configuration(app: Flask, ask: Ask, key: str, limit: int) -> None:
    app.config[key] = limit
    app.add_url_rule("/", "index", lambda: dict(request.form), methods=["POST"])
    sent = multipart(a="123456", b="2")
    if ask is ask_wsgi:
        sent["data"] = sent.pop("body")
    assert ask(app, "/", "POST", **sent).status == 413


@pytest.mark.parametrize("automatic", [True, False])
def test_options_are_answered_unless_the_configuration_says_no(ask: Ask, automatic: bool) -> None:
    app = Flask(__name__)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = automatic
    app.add_url_rule("/", "index", lambda: "x")
    assert ask(app, "/", "OPTIONS").status == (200 if automatic else 405)


def test_the_session_cookie_is_partitioned_where_the_configuration_says_so(app: Flask, ask: Ask) -> None:
    app.config.update(SECRET_KEY="k", SESSION_COOKIE_PARTITIONED=True, SESSION_COOKIE_SECURE=True)

    @app.route("/")
    def view() -> str:
        session["a"] = 1
        return "x"

    assert "Partitioned" in ask(app).headers["set-cookie"]


def test_an_interface_of_ones_own_saves_the_session_in_a_response_of_flask(app: Flask, ask: Ask) -> None:
    class InHeader(SecureCookieSessionInterface):
        def save_session(self, app: Any, session: Any, response: Any) -> None:
            response.headers["X-Session"] = session["a"]

    app.secret_key, app.session_interface = "k", InHeader()

    @app.route("/")
    def view() -> str:
        session["a"] = "kept"
        return "x"

    assert ask(app).headers["x-session"] == "kept"


# -------------------------------------------------------------------- registration


def test_rules_are_added_after_a_context_until_the_first_request(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/a", "a", lambda: "a")
    with app.app_context(), app.test_request_context("/a"):
        assert url_for("a") == "/a"
    app.build()
    app.add_url_rule("/b", "b", lambda: "b")
    assert (ask(app, "/a").text, ask(app, "/b").text) == ("a", "b")
    with pytest.raises(AssertionError, match="first request"):
        app.add_url_rule("/c", "c", lambda: "c")


def test_of_two_rules_for_one_path_the_first_answers(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/<a>", "first", lambda a: "first")
    app.add_url_rule("/<b>", "second", lambda b: "second")
    assert ask(app, "/x").text == "first"


def test_a_rule_may_get_its_view_later_or_never(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/later", endpoint="later")
    app.add_url_rule("/never", endpoint="never")
    app.endpoint("later")(lambda: "view")
    assert (ask(app, "/later").text, ask(app, "/never").status) == ("view", 500)


def test_folders_may_be_paths(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.txt").write_text("static")
    app = Flask("shop", static_folder=tmp_path / "s", template_folder=tmp_path)
    assert ask(app, "/s/a.txt").text == "static"


def test_static_files_are_kept_as_long_as_the_configuration_says(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "a.txt").write_text("static")
    app = Flask("shop", static_folder=tmp_path, static_url_path="/s")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 60
    answer = ask(app, "/s/a.txt")
    assert (answer.text, answer.headers["cache-control"]) == ("static", "public, max-age=60")


def test_files_of_the_configuration_are_read_from_the_instance_folder(tmp_path: Path) -> None:
    (tmp_path / "app.cfg").write_text("COLOUR = 'red'\n")
    app = Flask("shop", instance_path=str(tmp_path), instance_relative_config=True)
    app.config.from_pyfile("app.cfg")
    assert (app.config["COLOUR"], app.instance_path) == ("red", str(tmp_path))


def test_a_request_context_for_tests_has_its_form(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"a": "1"}, headers={"X-A": "b"}):
        assert (dict(request.form), request.headers["x-a"]) == ({"a": "1"}, "b")
    with app.test_request_context(json={"a": 1}, method="PUT"):
        assert (request.json, request.method) == ({"a": 1}, "PUT")
