"""Sanic's own application class."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, List

import httpx
import pytest

from fenrir_core import Fenrir
from fenrir_sanic import (
    Blueprint,
    Forbidden,
    HTTPMethodView,
    NotFound,
    Request,
    ResponseStream,
    Sanic,
    SanicException,
    ServerError,
    Unauthorized,
    URLBuildError,
    empty,
    html,
    json,
    raw,
    redirect,
    text,
)


def ask(app: Any, method: str, path: str, **kwargs: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(run())


def make(**kwargs: Any) -> Sanic:
    app = Sanic("app", **kwargs)

    @app.get("/")
    async def home(request: Any) -> Any:
        return text("home")

    return app


def test_a_handler_returns_a_response() -> None:
    answer = ask(make(), "GET", "/")
    assert (answer.text, answer.headers["content-type"]) == ("home", "text/plain; charset=utf-8")


def test_the_first_parameter_is_the_request_whatever_its_name() -> None:
    app = make()

    @app.get("/<number:int>")
    async def handler(req, number):  # type: ignore[no-untyped-def]
        return json({"number": number, "path": req.path})

    assert ask(app, "GET", "/3").json() == {"number": 3, "path": "/3"}


def test_a_handler_that_returns_no_response_is_500_and_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    app = make()

    @app.get("/bad")
    async def bad(request: Any) -> Any:
        return {"a": 1}

    assert ask(app, "GET", "/bad").status_code == 500
    assert "bad() returned dict" in caplog.text


@pytest.mark.parametrize(
    ("response", "status", "kind", "body"),
    [
        (lambda: json([1]), 200, "application/json", b"[1]"),
        (lambda: html("<b>"), 200, "text/html; charset=utf-8", b"<b>"),
        (lambda: raw(b"x"), 200, "application/octet-stream", b"x"),
        (lambda: empty(), 204, None, b""),
        (lambda: redirect("/a b"), 302, "text/html; charset=utf-8", b""),
    ],
)
def test_each_kind_of_response_is_sent(response: Any, status: int, kind: Any, body: bytes) -> None:
    app = make()

    @app.get("/r")
    def handler(request: Any) -> Any:
        return response()

    answer = ask(app, "GET", "/r")
    assert (answer.status_code, answer.headers.get("content-type"), answer.content) == (status, kind, body)


def test_a_redirects_target_is_quoted() -> None:
    assert redirect("/a b?c=ü").headers["location"] == "/a+b?c=%C3%BC"


def test_text_refuses_what_is_no_str() -> None:
    with pytest.raises(TypeError, match="Expected str, got bytes"):
        text(b"x")  # type: ignore[arg-type]


def test_the_value_of_a_json_response_can_be_changed() -> None:
    response = json({"a": 1})
    response.update(b=2)
    assert response.pop("a") == 1
    assert (response.body, response.raw_body) == (b'{"b":2}', {"b": 2})


def test_a_trailing_slash_makes_no_difference_unless_strict() -> None:
    app = make()

    @app.get("/loose")
    async def loose(request: Any) -> Any:
        return text("ok")

    @app.get("/strict", strict_slashes=True)
    async def strict(request: Any) -> Any:
        return text("ok")

    assert ask(app, "GET", "/loose/").text == "ok"
    assert ask(app, "GET", "/strict/").status_code == 404


def test_a_version_stands_before_the_path() -> None:
    app = make()

    @app.get("/x", version=1)
    async def old(request: Any) -> Any:
        return text("1")

    @app.get("/x", version=2, version_prefix="/api/v")
    async def new(request: Any) -> Any:
        return text("2")

    assert (ask(app, "GET", "/v1/x").text, ask(app, "GET", "/api/v2/x").text) == ("1", "2")


def test_an_unknown_path_is_json_text_or_html_as_the_client_likes() -> None:
    assert ask(make(), "GET", "/x", headers={"accept": "application/json"}).json() == {
        "description": "Not Found",
        "status": 404,
        "message": "Requested URL /x not found",
    }
    assert ask(make(), "GET", "/x").text.startswith("⚠️ 404 — Not Found\n")
    page = ask(make(), "GET", "/<b>", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/%3Cb%3E" in page.text and "<b>" not in page.text


def test_an_unknown_method_is_405_with_allow() -> None:
    answer = ask(make(), "POST", "/", headers={"accept": "application/json"})
    assert answer.status_code == 405
    assert answer.json()["message"] == "Method POST not allowed for URL /"
    assert "GET" in answer.headers["allow"]


def test_an_unauthorized_error_challenges() -> None:
    app = make()

    @app.get("/secret")
    async def secret(request: Any) -> Any:
        raise Unauthorized("Who?", scheme="Basic", realm="here")

    answer = ask(app, "GET", "/secret")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Basic realm="here"')


def test_an_exception_handler_covers_subclasses_and_the_nearest_wins() -> None:
    app = make()

    @app.exception(NotFound)
    async def lost(request: Any, exception: Any) -> Any:
        return text(f"lost {request.path}", 404)

    @app.exception(ServerError, ValueError)
    def broken(request: Any, exception: Any) -> Any:
        return text(type(exception).__name__, 500)

    @app.get("/bad")
    async def bad(request: Any) -> Any:
        raise UnicodeError

    assert ask(app, "GET", "/x").text == "lost /x"
    assert ask(app, "GET", "/bad").text == "UnicodeError"


def test_middleware_may_answer_and_replace() -> None:
    app = make()

    @app.on_request
    async def guard(request: Any) -> Any:
        return text("stopped", 403) if "stop" in request.args else None

    @app.on_response
    async def replace(request: Any, response: Any) -> Any:
        response.headers["x-seen"] = "1"

    assert ask(app, "GET", "/?stop=1").status_code == 403
    assert ask(app, "GET", "/").headers["x-seen"] == "1"


def test_a_class_based_view_answers_by_method() -> None:
    app = make()

    class View(HTTPMethodView):
        async def get(self, request: Any, name: str) -> Any:
            return text(f"get {name}")

        def post(self, request: Any, name: str) -> Any:
            return text(f"post {name}")

    app.add_route(View.as_view(), "/view/<name>")
    assert (ask(app, "GET", "/view/a").text, ask(app, "POST", "/view/b").text) == ("get a", "post b")
    assert ask(app, "PUT", "/view/c").status_code == 405


def test_a_view_can_be_attached_where_it_is_defined() -> None:
    app = make()

    class View(HTTPMethodView, attach=app, uri="/attached"):
        async def get(self, request: Any) -> Any:
            return text("attached")

    assert ask(app, "GET", "/attached").text == "attached"


def test_a_response_is_written_piece_by_piece() -> None:
    app = make()

    @app.get("/pieces")
    async def pieces(request: Any) -> None:
        response = await request.respond(content_type="text/plain")
        await response.send("a")
        await response.send(b"b")
        await response.eof()

    assert ask(app, "GET", "/pieces").text == "ab"


def test_a_stream_function_writes_the_response() -> None:
    app = make()

    async def write(response: Any) -> None:
        await response.write("a")
        await response.write("b")

    @app.get("/stream")
    async def stream(request: Any) -> Any:
        return ResponseStream(write, content_type="text/plain")

    assert ask(app, "GET", "/stream").text == "ab"


def test_a_stream_route_reads_its_body_itself() -> None:
    app = make()

    @app.post("/up", stream=True)
    async def up(request: Any) -> Any:
        return text(str(sum([len(piece) async for piece in request.stream])))

    assert ask(app, "POST", "/up", content=b"abcd").text == "4"


def test_a_route_may_carry_values_for_its_handler() -> None:
    app = make()

    @app.get("/ctx", ctx_role="admin")
    async def handler(request: Any) -> Any:
        return text(request.route.ctx.role)

    assert ask(app, "GET", "/ctx").text == "admin"


def test_url_for_fills_the_path_and_the_query() -> None:
    app = make()

    @app.get("/items/<number:int>")
    async def item(request: Any, number: int) -> Any:
        return empty()

    assert app.url_for("item", number=3, page=2) == "/items/3?page=2"
    assert app.url_for("app.item", number=3, _anchor="end") == "/items/3#end"
    assert app.url_for("item", number=3, _external=True, _server="example.org") == "http://example.org/items/3"
    with pytest.raises(URLBuildError):
        app.url_for("nothing")


def test_a_request_class_of_ones_own_is_used() -> None:
    class Mine(Request):
        shout = property(lambda self: self.path.upper())

    app = Sanic("app", request_class=Mine)

    @app.get("/x")
    async def handler(request: Any) -> Any:
        return text(request.shout)

    assert ask(app, "GET", "/x").text == "/X"


def test_a_bad_name_is_refused() -> None:
    with pytest.raises(SanicException, match="named '1 app' uses an invalid format"):
        Sanic("1 app")


def test_configuration_is_read_from_the_environment_with_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANIC_ANSWER", "42")
    monkeypatch.setenv("SANIC_READY", "yes")
    config = Sanic("app").config
    assert (config.ANSWER, config["READY"]) == (42, True)


def test_the_app_gives_its_own_listeners_tasks_and_context() -> None:
    app, seen = make(), []

    @app.before_server_start
    async def before(app: Any) -> None:
        app.ctx.value = 1

    @app.after_server_start
    async def after(app: Any, loop: Any) -> None:
        seen.append(app.ctx.value)
        app.add_task(work())

    async def work() -> None:
        seen.append("task")

    async def run() -> None:
        await app.lifespan_manager.start()
        await asyncio.sleep(0)
        await app.lifespan_manager.stop()

    asyncio.run(run())
    assert seen == [1, "task"]


def test_static_serves_the_files_of_a_directory_and_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "public" / "sub").mkdir(parents=True)
    (tmp_path / "public" / "a.txt").write_text("hello")
    (tmp_path / "public" / "sub" / "index.html").write_text("index")
    (tmp_path / "secret.txt").write_text("secret")
    app = make()
    app.static("/files", tmp_path / "public", index="index.html")
    assert ask(app, "GET", "/files/a.txt").text == "hello"
    assert ask(app, "GET", "/files/sub").text == "index"
    assert ask(app, "GET", "/files/nothing").status_code == 404
    assert ask(app, "GET", "/files/%2e%2e/secret.txt").status_code == 404
    assert app.url_for("static", filename="a.txt") == "/files/a.txt"


def test_static_serves_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    app = make()
    app.static("/robots.txt", tmp_path / "a.txt", name="robots")
    assert ask(app, "GET", "/robots.txt").text == "hello"


# -------------------------------------------------------------------- blueprints


def shop() -> Blueprint:
    shop = Blueprint("shop", url_prefix="/shop")

    @shop.get("/")
    async def front(request: Any) -> Any:
        return text(f"front of {request.name}")

    @shop.get("/closed")
    async def closed(request: Any) -> Any:
        raise Forbidden("closed")

    @shop.on_request
    async def mark(request: Any) -> None:
        request.ctx.shop = True

    @shop.on_response
    async def stamp(request: Any, response: Any) -> None:
        response.headers["x-shop"] = "1"

    @shop.exception(Forbidden)
    async def forbidden(request: Any, exception: Any) -> Any:
        return text("come back later", 403)

    return shop


def test_a_blueprints_routes_have_its_prefix_and_name() -> None:
    app = make()
    app.blueprint(shop())
    assert ask(app, "GET", "/shop").text == "front of app.shop.front"


def test_a_blueprints_middleware_covers_its_own_routes_only() -> None:
    app = make()
    app.blueprint(shop())
    assert "x-shop" in ask(app, "GET", "/shop/").headers
    assert "x-shop" not in ask(app, "GET", "/").headers


def test_a_blueprints_exception_handler_precedes_the_apps_for_its_routes() -> None:
    app = make()
    app.blueprint(shop())

    @app.exception(Forbidden)
    async def other(request: Any, exception: Any) -> Any:
        raise AssertionError

    assert ask(app, "GET", "/shop/closed").text == "come back later"


def test_a_group_puts_a_prefix_and_middleware_around_its_members() -> None:
    app, seen = make(), []
    group = Blueprint.group(shop(), url_prefix="/api", version=1)

    @group.middleware("request")
    async def note(request: Any) -> None:
        seen.append(request.path)

    app.blueprint(group)
    assert ask(app, "GET", "/v1/api/shop/").status_code == 200
    assert ask(app, "GET", "/").status_code == 200
    assert seen == ["/v1/api/shop/"]


def test_a_blueprint_is_registered_once() -> None:
    app = make()
    app.blueprint(shop())
    with pytest.raises(AssertionError, match='name "shop" is already registered'):
        app.blueprint(shop())


def test_a_blueprint_works_in_the_hybrid_app() -> None:
    app = Fenrir(paradigms=["sanic"])
    app.blueprint(shop())
    answer = ask(app, "GET", "/shop/")
    assert (answer.text, answer.headers["x-shop"]) == ("front of shop.front", "1")
    assert ask(app, "GET", "/shop/closed").text == "come back later"


def test_a_websocket_handler_need_not_accept() -> None:
    app, sent = make(), []  # type: ignore[var-annotated]

    @app.websocket("/feed")
    async def feed(request: Any, ws: Any) -> None:
        async for message in ws:
            await ws.send(message.upper())

    inbox: List[Any] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.disconnect", "code": 1000},
    ]

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/feed", "headers": [], "query_string": b"", "subprotocols": []}
    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send"]
    assert sent[1]["text"] == "A"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html;q=0.1, application/json", "application/json"),
        ("application/json;q=0, text/html", "text/html; charset=utf-8"),
        ("image/png, text/html, application/json", "application/json"),
        ("*/*", "text/plain; charset=utf-8"),
    ],
)
def test_the_format_of_an_error_page_follows_the_weights_of_accept(accept: str, kind: str) -> None:
    answer = ask(make(), "GET", "/nothing", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)


def test_a_whole_response_is_sent_without_its_send_method() -> None:
    assert text("all").render_raw() is not None
    assert empty().render_raw() is None


def test_a_cookie_is_secure_unless_told_otherwise() -> None:
    response = text("all")
    response.add_cookie("a", "1")
    response.add_cookie("b", "2", secure=False, samesite=None, path="/b")
    assert [value for name, value in response.raw_headers if name == b"set-cookie"] == [
        b"a=1; Path=/; SameSite=Lax; Secure",
        b"b=2; Path=/b",
    ]


def test_an_urlencoded_body_that_was_read_as_bytes_is_still_a_form() -> None:
    app = make()

    @app.post("/", stream=True)
    async def read(request: Any) -> Any:
        body = b"".join([chunk async for chunk in request.stream])
        return json({"read": body.decode()})

    @app.post("/form", stream=True)
    async def form(request: Any) -> Any:
        await request._connection.body()
        return json({"form": request.form, "files": request.files})

    assert ask(app, "POST", "/", data={"a": "1"}).json() == {"read": "a=1"}
    assert ask(app, "POST", "/form", data={"a": "1"}).json() == {"form": {"a": ["1"]}, "files": {}}


def test_a_query_request_has_its_body() -> None:
    app = make()

    @app.route("/search", methods=["QUERY"])
    async def search(request: Any) -> Any:
        return json({"found": request.json, "safe": request.is_safe})

    assert ask(app, "QUERY", "/search", json=[1]).json() == {"found": [1], "safe": True}
