"""The pure application class `Flask`: its constructor, its rules, no other paradigm."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, List

import pytest

import fenrir_flask
from fenrir_core import HTTPError
from fenrir_flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    send_from_directory,
    session,
    url_for,
)
from fenrir_flask.views import MethodView, View


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


def test_a_view_returns_whatever_flask_takes(app: Flask, browse: Any) -> None:
    html, text = "text/html; charset=utf-8", "application/json"
    values = {
        "str": ("text", 200, html, "text"),
        "bytes": (b"bytes", 200, html, "bytes"),
        "dict": ({"b": 1, "a": date(2024, 2, 3)}, 200, text, '{"a":"Sat, 03 Feb 2024 00:00:00 GMT","b":1}\n'),
        "list": ([1], 200, text, "[1]\n"),
        "status": (("made", 201), 201, html, "made"),
        "phrase": (("made", "202 SOON"), 202, html, "made"),
        "headers": (("x", {"content-type": "text/plain"}), 200, "text/plain", "x"),
        "all": (({"a": 1}, 203, [("x-a", "b")]), 203, text, '{"a":1}\n'),
        "response": (Response("r", status=206, mimetype="text/css"), 206, "text/css; charset=utf-8", "r"),
        "bodiless": (Response("r", status=205), 205, html, ""),
        "iterator": (iter(["a", "b"]), 200, html, "ab"),
    }

    @app.route("/<name>")
    def view(name: str) -> Any:
        return values[name][0]

    browser = browse(app)
    for name, (_, status, kind, body) in values.items():
        answer = browser.get(f"/{name}")
        assert (answer.status_code, answer.headers["content-type"], answer.text) == (status, kind, body)


@pytest.mark.parametrize("value", [None, 5, (), ("a", 1, {}, 4)])
def test_a_view_that_returns_no_answer_is_a_500_that_names_the_view(
    app: Flask, browse: Any, caplog: Any, value: Any
) -> None:
    @app.route("/")
    def lost() -> Any:
        return value

    assert browse(app).get("/").status_code == 500
    assert "lost() of the endpoint 'lost' returned" in caplog.text


def test_http_errors_are_html_pages_with_what_they_say_escaped(app: Flask, browse: Any) -> None:
    @app.route("/")
    def index() -> None:
        abort(403, "<no>")

    browser = browse(app)
    answer = browser.get("/")

    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "<h1>Forbidden</h1>" in answer.text and "&lt;no&gt;" in answer.text
    assert "<title>404 Not Found</title>" in browser.get("/nothing").text


def test_a_crash_is_an_html_page_that_tells_nothing(app: Flask, browse: Any, caplog: Any) -> None:
    seen = []

    @app.teardown_request
    def keep(error: Any) -> None:
        seen.append(repr(error))

    @app.route("/")
    def index() -> None:
        raise ValueError("secret")

    answer = browse(app).get("/")

    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert "<h1>Internal Server Error</h1>" in answer.text
    assert seen == ["ValueError('secret')"]


def test_options_and_head_are_answered_and_other_methods_refused(app: Flask, browse: Any) -> None:
    @app.route("/", methods=["GET", "POST"])
    def index() -> str:
        return "text"

    browser = browse(app)
    options, head, delete = [browser.ask(method, "/") for method in ("OPTIONS", "HEAD", "DELETE")]

    assert (options.status_code, sorted(options.headers["allow"].split(", "))) == (
        200,
        ["GET", "HEAD", "OPTIONS", "POST"],
    )
    assert (head.status_code, head.text, head.headers["content-length"]) == (200, "", "4")
    assert delete.status_code == 405


def test_a_rule_with_a_slash_redirects_and_one_without_is_strict(app: Flask, browse: Any) -> None:
    @app.route("/branch/")
    @app.route("/leaf")
    @app.route("/both", strict_slashes=False)
    def view() -> str:
        return request.path

    browser = browse(app)
    moved = browser.get("/branch?a=1")

    assert (moved.status_code, moved.headers["location"]) == (308, "/branch/?a=1")
    assert [browser.get(path).status_code for path in ("/branch/", "/leaf", "/leaf/", "/both/")] == [200, 200, 404, 200]


def test_an_endpoint_may_have_its_own_name_and_defaults(app: Flask, browse: Any) -> None:
    @app.route("/page/<int:number>", endpoint="page")
    @app.route("/", defaults={"number": 1}, endpoint="first")
    async def show(number: int) -> str:
        return f"{number} {request.endpoint} {url_for('page', number=2)}"

    browser = browse(app)

    assert [browser.get(path).text for path in ("/", "/page/3")] == ["1 first /page/2", "3 page /page/2"]


def test_methods_as_text_are_a_type_error(app: Flask) -> None:
    with pytest.raises(TypeError, match="list of strings"):
        app.route("/", methods="POST")(lambda: "")


def test_static_files_are_served_and_nothing_beside_them(tmp_path: Path, browse: Any) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("body {}")
    (tmp_path / "secret.txt").write_text("secret")
    app = Flask(__name__, root_path=str(tmp_path))

    @app.route("/")
    def index() -> str:
        return url_for("static", filename="a.css")

    browser = browse(app)
    assert browser.get("/").text == "/static/a.css"
    assert (browser.get("/static/a.css").text, browser.get("/static/a.css").headers["content-type"]) == (
        "body {}",
        "text/css; charset=utf-8",
    )
    assert [browser.get(f"/static/{path}").status_code for path in ("b.css", "..%2fsecret.txt")] == [404, 404]


def test_a_blueprint_brings_its_templates_and_static_files(tmp_path: Path, browse: Any) -> None:
    for folder in ("templates", "own_templates", "own_static"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "both.html").write_text("the app's")
    (tmp_path / "own_templates" / "both.html").write_text("the blueprint's")
    (tmp_path / "own_templates" / "own.html").write_text("own")
    (tmp_path / "own_static" / "a.txt").write_text("file")
    app = Flask(__name__, root_path=str(tmp_path))
    own = Blueprint("own", __name__, "own_static", None, "own_templates", "/own", root_path=str(tmp_path))

    @own.route("/")
    def index() -> Any:
        return [render_template("both.html"), render_template("own.html"), url_for(".static", filename="a.txt")]

    app.register_blueprint(own)
    browser = browse(app)

    assert browser.get("/own/").json() == ["the app's", "own", "/own/own_static/a.txt"]
    assert browser.get("/own/own_static/a.txt").text == "file"


def test_the_configuration_reads_objects_files_and_the_environment(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "settings.cfg").write_text("FROM_FILE = 'file'\nlower = 1\n")
    (tmp_path / "settings.json").write_text(json.dumps({"FROM_JSON": [1]}))
    app = Flask(__name__, root_path=str(tmp_path))

    class Defaults:
        DEBUG = True
        PERMANENT_SESSION_LIFETIME = 60
        lower = 1

    monkeypatch.setenv("FLASK_NESTED__KEY", "5")
    monkeypatch.setenv("SETTINGS", str(tmp_path / "settings.cfg"))
    app.config.from_object(Defaults)
    app.config.from_envvar("SETTINGS")
    app.config.from_file("settings.json", json.load)
    app.config.from_prefixed_env()
    app.config.update(MAX_CONTENT_LENGTH=10, OWN="x")

    assert (app.debug, app.permanent_session_lifetime, app.config["MAX_CONTENT_LENGTH"]) == (
        True,
        timedelta(seconds=60),
        10,
    )
    assert [app.config[key] for key in ("FROM_FILE", "FROM_JSON", "NESTED", "OWN")] == ["file", [1], {"KEY": 5}, "x"]
    assert "lower" not in app.config and "OWN" in list(app.config)
    assert app.config.get_namespace("SESSION_COOKIE_")["name"] == "session"
    with pytest.raises(OSError, match="Unable to load configuration file"):
        app.config.from_pyfile("missing.cfg")
    assert app.config.from_pyfile("missing.cfg", silent=True) is False


def test_class_based_views_answer_by_method_and_may_be_async(app: Flask, browse: Any) -> None:
    class Pet(MethodView):
        def __init__(self, kind: str) -> None:
            self.kind = kind

        def get(self, pet: int) -> Any:
            return {"pet": pet, "kind": self.kind}

        async def put(self, pet: int) -> Any:
            return {"put": pet}

    class Hello(View):
        def dispatch_request(self) -> str:
            return request.method

    app.add_url_rule("/pets/<int:pet>", view_func=Pet.as_view("pet", "dog"))
    app.add_url_rule("/hello", view_func=Hello.as_view("hello"))
    browser = browse(app)

    assert browser.get("/pets/1").json() == {"pet": 1, "kind": "dog"}
    assert browser.ask("PUT", "/pets/1").json() == {"put": 1}
    assert [browser.post("/pets/1").status_code, browser.get("/hello").text] == [405, "GET"]


def test_a_request_context_without_client_has_what_a_request_has(app: Flask) -> None:
    app.secret_key = "key"

    @app.route("/pets/<int:pet>")
    def show(pet: int) -> str:
        return ""

    with app.test_request_context("/pets/7", query_string={"b": 2}, headers={"X-A": "b"}):
        assert (request.path, request.headers["x-a"], request.view_args) == ("/pets/7", "b", {"pet": 7})
        assert url_for("show", pet=1) == "/pets/1"
        session["a"] = g.a = 1
    with app.test_request_context("/", "POST", json={"a": 1}):
        assert request.json == {"a": 1}


def test_an_app_context_has_the_app_g_and_absolute_urls(app: Flask) -> None:
    app.config.update(SERVER_NAME="example.org", PREFERRED_URL_SCHEME="https")
    seen = []

    @app.teardown_appcontext
    def gone(error: Any) -> None:
        seen.append(error)

    @app.route("/x")
    def index() -> str:
        return ""

    with app.app_context():
        g.a = 1
        assert (current_app.name, g.a, url_for("index")) == (__name__, 1, "https://example.org/x")  # type: ignore[attr-defined]
    assert seen == [None]


def test_url_values_may_be_taken_out_and_put_back(app: Flask, browse: Any) -> None:
    @app.url_value_preprocessor
    def take(endpoint: Any, values: Any) -> None:
        g.language = (values or {}).pop("language", None)

    @app.url_defaults
    def put(endpoint: str, values: Any) -> None:
        values.setdefault("language", g.language)

    @app.route("/<language>/page")
    def page() -> str:
        return f"{g.language} {url_for('page')}"

    assert browse(app).get("/de/page").text == "de /de/page"


def test_a_handler_of_errors_sees_http_errors_too(app: Flask, browse: Any) -> None:
    @app.errorhandler(Exception)
    def all_of_them(error: Exception) -> Any:
        return type(error).__name__, error.status if isinstance(error, HTTPError) else 500

    @app.route("/")
    def index() -> None:
        raise KeyError("x")

    browser = browse(app)
    assert [browser.get(path).text for path in ("/", "/nothing")] == ["KeyError", "NotFound"]


def test_a_response_has_flasks_names(app: Flask, browse: Any) -> None:
    @app.route("/")
    def index() -> Any:
        made = make_response(jsonify(a=1), 201, {"x-a": "b"})
        assert (made.status, made.status_code, made.get_json(), made.mimetype) == (
            "201 CREATED",
            201,
            {"a": 1},
            "application/json",
        )
        made.set_cookie("c", "d", max_age=timedelta(minutes=1), httponly=True)
        return made

    answer = browse(app).get("/")
    assert re.fullmatch(r"c=d; Expires=.* GMT; Max-Age=60; HttpOnly; Path=/", answer.headers["set-cookie"])
    assert (answer.status_code, answer.headers["x-a"]) == (201, "b")


def test_redirect_sends_the_client_on(app: Flask, browse: Any) -> None:
    @app.route("/")
    def index() -> Any:
        return redirect("/next?a=ü", 303)

    answer = browse(app).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/next?a=%C3%BC")
    assert '<a href="/next?a=ü">' in answer.text


def test_a_file_is_sent_from_the_roots_directory_and_nothing_outside_of_one(tmp_path: Path, browse: Any) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("text")
    (tmp_path / "secret.txt").write_text("secret")
    app = Flask(__name__, root_path=str(tmp_path))

    @app.route("/one")
    def one() -> Any:
        moment = datetime(2024, 2, 3)
        return send_file(
            "files/a.txt", as_attachment=True, download_name="b.txt", etag="tag", last_modified=moment, max_age=5
        )

    @app.route("/any/<path:name>")
    def any_file(name: str) -> Any:
        return send_from_directory("files", name)

    browser = browse(app)
    headers = browser.get("/one").headers
    names = "content-disposition etag last-modified cache-control".split()

    assert [headers[name] for name in names] == [
        "attachment; filename=b.txt",
        '"tag"',
        "Sat, 03 Feb 2024 00:00:00 GMT",
        "public, max-age=5",
    ]
    assert browser.get("/any/a.txt").text == "text"
    assert [browser.get(f"/any/{name}").status_code for name in ("b.txt", "..%2fsecret.txt")] == [404, 404]


def test_after_this_request_changes_one_response_and_the_session_is_saved_after_it(app: Flask, browse: Any) -> None:
    app.secret_key = "key"

    @app.route("/")
    def index() -> str:
        session.get("a")

        @after_this_request
        def change(response: Response) -> None:
            response.headers["x-after"] = "yes"
            session["a"] = 1

        return ""

    @app.route("/other")
    def other() -> Any:
        return [session.get("a")]

    browser = browse(app)
    assert browser.get("/").headers["x-after"] == "yes"
    assert "x-after" not in browser.get("/other").headers
    assert browser.get("/other").json() == [1]


def test_no_other_paradigm_is_imported() -> None:
    code = (
        "import sys, fenrir_flask; fenrir_flask.Flask('x').build();"
        "print([name for name in ('fastapi', 'falcon', 'sanic', 'bottle') if 'fenrir_' + name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_body_of_a_query_request_is_read(app: Flask, browse: Any) -> None:
    @app.route("/search", methods=["QUERY"])
    def search() -> Any:
        return request.get_json()

    assert browse(app).ask("QUERY", "/search", json={"a": 1}).json() == {"a": 1}


def test_a_helper_named_query_is_no_handler(app: Flask, browse: Any) -> None:
    class Users(MethodView):
        def get(self) -> Any:
            return self.query(2)

        def query(self, count: Any) -> Any:
            return [count]

    app.add_url_rule("/users", view_func=Users.as_view("users"))
    browser = browse(app)
    assert browser.get("/users").json() == [2]
    assert browser.ask("QUERY", "/users").status_code == 405


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("blueprints", ["Blueprint"]),
        ("globals", ["current_app", "g", "request", "session"]),
        ("helpers", ["abort", "redirect", "send_file", "send_from_directory", "url_for"]),
        ("wrappers", ["Request", "Response"]),
    ],
)
def test_names_are_in_the_modules_where_flask_has_them(module: str, names: List[str]) -> None:
    found = importlib.import_module(f"fenrir_flask.{module}")
    for name in names:
        assert getattr(found, name) is getattr(fenrir_flask, name)
