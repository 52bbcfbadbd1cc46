from __future__ import annotations

import asyncio
import contextvars
import io
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from fenrir import Fenrir
from fenrir_bottle import Bottle, HTTPError, HTTPResponse, abort, redirect, request, response, static_file
from fenrir_core import BuildError
from fenrir_core.testing import Answer, Client


def ask(app: Any, path: str = "/", method: str = "GET", raise_errors: bool = True, **options: Any) -> Answer:
    async def go() -> Answer:
        async with Client(app, raise_errors=raise_errors) as client:
            return await client.request(method, path, **options)

    return asyncio.run(go())


def answering(value: Any) -> Bottle:
    """Make an app whose only route gives `value`, or what it gives when it is callable."""
    app = Bottle()
    app.route("/", callback=lambda: value() if callable(value) else value)
    return app


FORM = {"content-type": "application/x-www-form-urlencoded"}

# ---------------------------------------------------------------- what a handler may return


@pytest.mark.parametrize(
    "value, body, kind",
    [
        ("grüße", "grüße".encode(), "text/html; charset=UTF-8"),
        (b"raw", b"raw", "text/html; charset=UTF-8"),
        ({"a": 1}, b'{"a": 1}', "application/json"),
        (["a", "b"], b"ab", "text/html; charset=UTF-8"),
        ((b"a", b"b"), b"ab", "text/html; charset=UTF-8"),
        (None, b"", "text/html; charset=UTF-8"),
        (lambda: io.BytesIO(b"file"), b"file", "text/html; charset=UTF-8"),
        (lambda: (piece for piece in ["", "a", "b"]), b"ab", "text/html; charset=UTF-8"),
        (lambda: HTTPResponse("made", 200), b"made", "text/html; charset=UTF-8"),
    ],
)
def test_a_handler_may_return(value: Any, body: bytes, kind: str) -> None:
    answer = ask(answering(value))
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, body, kind)


def test_an_empty_answer_says_so() -> None:
    assert ask(answering("")).headers["content-length"] == "0"


def test_text_is_encoded_in_the_charset_of_the_response() -> None:
    def latin() -> str:
        response.content_type = "text/plain; charset=latin-1"
        return "ü"

    assert ask(answering(latin)).body == b"\xfc"


def test_what_is_no_answer_is_an_error() -> None:
    assert ask(answering(object()), raise_errors=False).status == 500


def test_a_generator_may_raise_its_answer_before_its_first_piece() -> None:
    def pieces() -> Iterator[str]:
        raise HTTPResponse("teapot", 418)
        yield ""

    assert ask(answering(pieces)).status == 418


def test_a_file_is_closed_when_it_was_sent() -> None:
    file = io.BytesIO(b"data")
    assert ask(answering(lambda: file)).body == b"data"
    assert file.closed


def test_an_asynchronous_handler_works_too() -> None:
    app = Bottle()

    @app.get("/<name>")
    async def hello(name: str) -> str:
        await asyncio.sleep(0)
        response.set_header("X-Name", name)
        return f"hello {name}"

    answer = ask(app, "/ann")
    assert (answer.text, answer.headers["x-name"]) == ("hello ann", "ann")


# ---------------------------------------------------------------- routes


def test_wildcards_are_given_by_name() -> None:
    app = Bottle()

    @app.route("/items/<number:int>/<rest:path>")
    def item(number: int, rest: str) -> str:
        return f"{number + 1} {rest}"

    assert ask(app, "/items/41/a/b").text == "42 a/b"
    assert ask(app, "/items/x/a").status == 404


def test_a_route_takes_several_paths_and_methods() -> None:
    app = Bottle()
    app.route(["/a", "/b"], ["GET", "POST"], lambda: request.method)
    assert [ask(app, path, method).text for path in ("/a", "/b") for method in ("GET", "POST")] == ["GET", "POST"] * 2


def test_any_answers_all_methods() -> None:
    app = Bottle()
    app.route("/", "ANY", lambda: request.method)
    assert [ask(app, "/", method).text for method in ("GET", "PUT", "DELETE")] == ["GET", "PUT", "DELETE"]


def test_a_path_is_made_of_the_function_if_none_is_given() -> None:
    app = Bottle()

    @app.route
    def hello(name: str, greeting: str = "hi") -> str:
        return f"{greeting} {name}"

    assert ask(app, "/hello/ann").text == "hi ann"
    assert ask(app, "/hello/ann/ahoy").text == "ahoy ann"


def test_get_url_builds_a_path_and_a_query() -> None:
    app = Bottle()
    app.get("/items/<number:int>", name="item", callback=lambda number: "")
    assert app.get_url("item", number=7, page=2) == "/items/7?page=2"


# ---------------------------------------------------------------- request


def test_the_request_gives_query_form_and_both() -> None:
    app = Bottle()

    @app.post("/")
    def read() -> Dict[str, Any]:
        return {
            "query": request.query.q,
            "all": request.query.getall("q"),
            "form": request.forms.get("f"),
            "params": dict(request.params),
            "missing": request.forms.nothing,
            "number": request.query.get("n", type=int),
        }

    answer = ask(app, "/?q=1&q=2&n=5", "POST", body="f=%C3%BC", headers=FORM)
    assert answer.json() == {
        "query": "2",
        "all": ["1", "2"],
        "form": "ü",
        "params": {"q": "2", "n": "5", "f": "ü"},
        "missing": "",
        "number": 5,
    }


def test_the_request_gives_files_with_a_safe_name(tmp_path: Path) -> None:
    app = Bottle()

    @app.post("/")
    def read() -> Dict[str, Any]:
        upload = request.files.get("up")
        upload.save(str(tmp_path))
        return {"name": upload.filename, "raw": upload.raw_filename, "type": upload.content_type}

    body = (
        b'--X\r\nContent-Disposition: form-data; name="up"; filename="../../a b.txt"\r\nContent-Type: text/x\r\n\r\n'
        b"content\r\n--X--\r\n"
    )
    answer = ask(app, "/", "POST", body=body, headers={"content-type": "multipart/form-data; boundary=X"})
    assert answer.json() == {"name": "a-b.txt", "raw": "../../a b.txt", "type": "text/x"}
    assert (tmp_path / "a-b.txt").read_bytes() == b"content"


def test_the_request_gives_json_or_none() -> None:
    app = Bottle()
    app.post("/", callback=lambda: {"json": request.json})
    assert ask(app, "/", "POST", json={"a": 1}).json() == {"json": {"a": 1}}
    assert ask(app, "/", "POST", body="x").json() == {"json": None}


def test_json_that_is_none_is_answered_with_400() -> None:
    app = Bottle()
    app.post("/", callback=lambda: {"json": request.json})
    assert ask(app, "/", "POST", body="{", headers={"content-type": "application/json"}).status == 400


def test_the_request_tells_where_it_went() -> None:
    inner, outer = Bottle(), Bottle()
    inner.get("/x", callback=lambda: [f"{request.path} {request.script_name} {request.fullpath} {request.url}"])
    outer.mount("/in/", inner)
    assert ask(outer, "/in/x?a=1").text == "/in/x / /in/x http://test/in/x?a=1"


def test_the_request_gives_headers_and_the_environment() -> None:
    app = Bottle()
    app.get("/", callback=lambda: f"{request.get_header('x-a')} {request.headers['X-A']} {request.environ['HTTP_X_A']}")
    assert ask(app, headers={"X-A": "1"}).text == "1 1 1"


def test_request_and_response_are_empty_outside_of_a_request() -> None:
    def look() -> Tuple[str, str, str]:
        response.status = 201
        return request.path, request.query_string, response.status_line

    assert contextvars.Context().run(look) == ("/", "", "201 Created")


# ---------------------------------------------------------------- response


def test_the_response_takes_status_headers_and_cookies() -> None:
    def handler() -> str:
        response.status = "299 Odd"
        response.add_header("X-A", 1)
        response.add_header("X-A", 2)
        response.set_cookie("c", "v", path="/", httponly=True)
        return "x"

    answer = ask(answering(handler))
    assert answer.status == 299 and answer.headers.getlist("x-a") == ["1", "2"]
    assert answer.headers["set-cookie"].startswith("c=v") and "HttpOnly" in answer.headers["set-cookie"]


def test_a_returned_response_replaces_what_was_set() -> None:
    def handler() -> Any:
        response.set_header("X-A", "1")
        return HTTPResponse("x", 202, X_B="2")

    answer = ask(answering(handler))
    assert (answer.status, answer.headers["x-b"]) == (202, "2") and "x-a" not in answer.headers


def test_one_response_object_may_answer_many_requests_and_keeps_nothing_of_them() -> None:
    shared = HTTPResponse("x")
    app = answering(lambda: shared)
    app.add_hook("after_request", lambda: response.set_cookie("who", request.query.who))
    assert "ann" in ask(app, "/?who=ann").headers["set-cookie"]
    assert shared.headerlist == [("Content-Type", "text/html; charset=UTF-8")]


@pytest.mark.parametrize("forged", [False, True])
def test_a_signed_cookie_is_read_back_unless_it_is_forged(forged: bool) -> None:
    app = Bottle()

    @app.get("/set")
    def set_it() -> None:
        response.set_cookie("who", "ann", secret="key")

    app.get("/get", callback=lambda: {"who": request.get_cookie("who", secret="key")})
    cookie = ask(app, "/set").headers["set-cookie"].partition("; ")[0]
    cookie = cookie.replace("?", "?A") if forged else cookie
    assert ask(app, "/get", headers={"cookie": cookie}).json() == {"who": None if forged else "ann"}


@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\0"])
def test_a_header_with_a_control_character_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        HTTPResponse("").set_header("X", value)


# ---------------------------------------------------------------- errors, hooks, plugins


def test_abort_raises_an_error_that_is_answered_with_a_page() -> None:
    answer = ask(answering(lambda: abort(403, "<no>")))
    assert answer.status == 403 and "&lt;no&gt;" in answer.text and "403 Forbidden" in answer.text


def test_redirect_raises_303_with_an_absolute_location_and_keeps_cookies() -> None:
    def handler() -> None:
        response.set_cookie("seen", "1")
        redirect("/there")

    answer = ask(answering(handler))
    assert (answer.status, answer.headers["location"]) == (303, "http://test/there")
    assert answer.headers["set-cookie"].startswith("seen=1")


@pytest.mark.parametrize("path, method, status", [("/none", "GET", 404), ("/", "POST", 405), ("/fails", "GET", 500)])
def test_an_error_handler_answers_its_status(path: str, method: str, status: int) -> None:
    app = answering("x")
    app.get("/fails", callback=lambda: 1 / 0)

    @app.error(status)
    def handler(error: HTTPError) -> str:
        response.set_header("X-Handled", error.status_line)
        return f"handled {error.status_code} {type(error.exception).__name__}"

    answer = ask(app, path, method, raise_errors=False)
    assert answer.status == status and answer.text.startswith(f"handled {status}")
    assert answer.headers["x-handled"].startswith(str(status))


def test_405_names_the_allowed_methods() -> None:
    assert "GET" in ask(answering("x"), "/", "POST").headers["allow"]


def test_an_exception_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(answering(lambda: {}["secret"]), raise_errors=False)
    assert answer.status == 500 and "secret" not in answer.text
    assert "KeyError: 'secret'" in caplog.text


@pytest.mark.parametrize("path", ["/", "/none", "/fails"])
def test_hooks_run_around_every_request_and_after_hooks_backwards(path: str) -> None:
    order: List[str] = []
    app = answering("x")
    app.get("/fails", callback=lambda: 1 / 0)
    app.add_hook("before_request", lambda: order.append("before"))
    app.add_hook("after_request", lambda: order.append("after 1"))

    @app.hook("after_request")
    def cross_origin() -> None:
        order.append("after 2")
        response.headers["Access-Control-Allow-Origin"] = "*"

    answer = ask(app, path, raise_errors=False)
    assert order == ["before", "after 2", "after 1"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_an_unknown_hook_is_refused() -> None:
    with pytest.raises(BuildError, match="there is no hook 'befor'"):
        Bottle().add_hook("befor", print)


def test_plugins_wrap_callbacks_and_a_route_can_skip_them() -> None:
    app = Bottle()

    class Database:
        name = "database"

        def apply(self, callback: Any, route: Any) -> Any:
            return lambda **values: callback(db=route.config.get("db", "main"), **values)

    app.get("/plain", callback=lambda: "plain", skip=["database"])
    app.get("/other", callback=lambda db: db, db="other")
    app.get("/<name>", callback=lambda name, db: f"{name} {db}", apply=lambda callback: lambda **v: callback(**v) + "!")
    app.install(Database())
    assert [ask(app, path).text for path in ("/plain", "/other", "/ann")] == ["plain", "other", "ann main!"]


def test_an_uninstalled_plugin_is_closed() -> None:
    class Plugin:
        closed = False

        def apply(self, callback: Any, route: Any) -> Any:
            return lambda: "wrapped"

        def close(self) -> None:
            self.closed = True

    app, plugin = answering("plain"), Plugin()
    app.install(plugin)
    assert app.uninstall(Plugin) == [plugin] and plugin.closed
    assert ask(app).text == "plain"


def test_merge_takes_over_routes_and_mount_takes_wsgi() -> None:
    part, app = Bottle(), Bottle()
    part.get("/part", callback=lambda: "part")
    app.merge(part)

    def wsgi(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    app.mount("/old/", wsgi)
    assert (ask(app, "/part").text, ask(app, "/old/x").text) == ("part", "/x")


def test_a_raised_response_is_the_answer_in_the_hybrid_app_too() -> None:
    app = Fenrir()

    @app.get("/")
    def handler() -> None:
        raise HTTPResponse("gone", 410, X_A="1")

    answer = ask(app)
    assert (answer.status, answer.text, answer.headers["x-a"]) == (410, "gone", "1")


# ---------------------------------------------------------------- files


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "a.txt").write_text("text")
    return tmp_path / "public"


@pytest.mark.parametrize("name, status", [("a.txt", 200), ("none", 404), ("../secret.txt", 403), ("", 403)])
def test_static_file_stays_in_its_directory(files: Path, name: str, status: int) -> None:
    assert ask(answering(lambda: static_file(name, files))).status == status


def test_static_file_sends_type_name_and_validators(files: Path) -> None:
    app = answering(lambda: static_file("a.txt", files, download=True))
    answer = ask(app)
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert ask(app, headers={"if-none-match": answer.headers["etag"]}).status == 304


def test_many_requests_at_once_never_cross() -> None:
    app = Bottle()

    @app.get("/<number>")
    def echo(number: str) -> str:
        response.set_header("X-Number", request.query.n)
        return number

    async def go() -> None:
        async with Client(app) as client:
            answers = await asyncio.gather(*[client.get(f"/{index}?n={index}") for index in range(300)])
        assert [(a.text, a.headers["x-number"]) for a in answers] == [(str(i), str(i)) for i in range(300)]

    asyncio.run(go())
