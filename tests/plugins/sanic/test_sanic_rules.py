"""Rules of Sanic's own app that differ from the hybrid app's, and what applications of Sanic rest on."""

from __future__ import annotations

import asyncio
import copy
import json as json_module
import threading
from pathlib import Path
from typing import Any, List
from uuid import UUID

import pytest

from fenrir_core import HTTPError
from fenrir_sanic import Blueprint, Request, Sanic, empty, file_stream, json, text
from fenrir_sanic.exceptions import SanicException, ServerError, Unauthorized
from fenrir_sanic.handlers import ErrorHandler
from fenrir_sanic.headers import parse_accept
from fenrir_sanic.response import HTTPResponse
from fenrir_sanic.routing_exceptions import NotFound, RouteExists
from fenrir_sanic.testing import isolated_apps


def make(**options: Any) -> Sanic:
    return Sanic("rules", **options)


def test_a_plain_function_runs_on_the_event_loop() -> None:
    app, seen = make(), []  # type: Sanic, List[Any]

    @app.get("/")
    def home(request: Request) -> HTTPResponse:
        seen.append((threading.current_thread(), asyncio.get_running_loop()))
        return empty()

    app.test_client.get("/")
    assert seen[0][0] is threading.current_thread()


def test_only_the_methods_of_a_route_are_served() -> None:
    app = make()
    app.get("/")(lambda request: empty())
    assert [app.test_client.head("/")[1].status, app.test_client.options("/")[1].status] == [405, 405]


def test_the_apps_own_dumps_encodes_json() -> None:
    app = make(dumps=lambda value, **options: json_module.dumps(value, indent=1))
    app.get("/")(lambda request: json({"a": 1}))
    assert app.test_client.get("/")[1].text == '{\n "a": 1\n}'


def test_a_blueprint_takes_routes_after_its_registration() -> None:
    app, blueprint = make(), Blueprint("late", url_prefix="/late")
    app.blueprint(blueprint)
    blueprint.get("/")(lambda request: text("late"))
    assert app.test_client.get("/late")[1].text == "late"


def test_a_route_can_be_added_between_two_runs() -> None:
    app = make()
    app.get("/")(lambda request: text("first"))
    app.test_client.get("/")
    app.get("/second", name="second")(lambda request: text("second"))
    assert app.test_client.get("/second")[1].text == "second"


def test_response_middleware_runs_in_reverse_order_of_definition() -> None:
    app, blueprint, order = make(), Blueprint("b"), []  # type: Sanic, Blueprint, List[str]
    app.on_response(lambda request, response: order.append("app 1"))
    blueprint.on_response(lambda request, response: order.append("blueprint"))
    app.on_response(lambda request, response: order.append("app 2"))
    blueprint.get("/")(lambda request: empty())
    app.blueprint(blueprint)
    app.test_client.get("/")
    assert order == ["app 2", "blueprint", "app 1"]


def test_a_header_takes_values_of_any_type() -> None:
    app = make()

    @app.on_response
    def stamp(request: Request, response: HTTPResponse) -> None:
        response.headers["X-Request-ID"] = request.id

    app.get("/")(lambda request: empty())
    request, response = app.test_client.get("/")
    assert UUID(response.headers["x-request-id"]) == request.id


def test_files_are_readable_after_the_request() -> None:
    app = make()
    app.post("/")(lambda request: empty())
    request, _ = app.test_client.post("/", files={"it": ("a.txt", b"content", "text/plain")})
    found = request.files.get("it")
    assert (found.type, found.body, found.name) == ("text/plain", b"content", "a.txt")


@pytest.mark.parametrize(
    ("host", "body"), [("example.com", "example"), ("a.com", "listed"), ("b.com:80", "listed"), ("other", "default")]
)
def test_a_route_serves_its_hosts(host: str, body: str) -> None:
    app = make()
    app.get("/", host="example.com", name="one")(lambda request: text("example"))
    app.get("/", host=["a.com", "b.com"], name="two")(lambda request: text("listed"))
    app.get("/", name="three")(lambda request: text("default"))
    assert app.test_client.get("/", headers={"host": host})[1].text == body


def test_a_host_without_a_route_is_404_with_middleware() -> None:
    app, seen = make(), []  # type: Sanic, List[str]
    app.on_request(lambda request: seen.append(request.path))
    app.get("/", host="example.com")(lambda request: empty())
    assert app.test_client.get("/")[1].status == 404
    assert seen == ["/"]


def test_a_path_that_is_taken_is_refused_unless_overwritten() -> None:
    app = make()
    app.get("/")(lambda request: text("old"))
    with pytest.raises(RouteExists):
        app.get("/", name="new")(lambda request: text("new"))
    app.get("/", name="new", overwrite=True)(lambda request: text("new"))
    assert app.test_client.get("/")[1].text == "new"


def test_routes_of_one_name_end_the_start() -> None:
    app = make()
    app.get("/a", name="same")(lambda request: empty())
    app.get("/b", name="same")(lambda request: empty())
    with pytest.raises(ServerError, match="Duplicate route names detected: rules.same"):
        app.test_client.get("/a")


def test_a_path_value_is_decoded_only_where_it_is_asked_for() -> None:
    app = make()
    app.get("/raw/<value>", name="raw")(lambda request, value: text(value))
    app.get("/read/<value>", name="read", unquote=True)(lambda request, value: text(value))
    assert app.test_client.get("/raw/a%20b")[1].text == "a%20b"
    assert app.test_client.get("/read/a%20b")[1].text == "a b"


def test_an_error_handler_of_the_users_own_answers() -> None:
    class Own(ErrorHandler):
        def default(self, request: Any, exception: Any) -> HTTPResponse:
            return text(type(exception).__name__, 418)

    app = make(error_handler=Own())
    assert app.test_client.get("/nothing")[1].text == "NotFound"


def test_an_app_is_found_by_its_name() -> None:
    app = Sanic("found-by-name")
    assert Sanic.get_app("found-by-name") is app
    with pytest.raises(SanicException, match="not found"):
        Sanic.get_app("nobody")


def test_a_second_app_of_a_name_is_refused() -> None:
    first = Sanic("only-one")
    with pytest.raises(SanicException, match=f'"{first.name}" already in use'):
        Sanic("only-one")


def test_the_name_of_an_app_that_nobody_uses_is_free() -> None:
    Sanic("short-lived").get("/")(lambda request: empty())
    assert Sanic("short-lived") is Sanic.get_app("short-lived")


def test_a_second_app_of_a_name_replaces_the_first_in_test_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sanic, "test_mode", True)
    first, second = Sanic("twice"), Sanic("twice")
    assert Sanic.get_app("twice") is second is not first


def test_an_app_that_is_tested_is_replaced_by_the_next_of_its_name() -> None:
    with isolated_apps():
        assert Sanic("tested").test_client is not None
        first, second = Sanic("tested"), Sanic("tested")
        assert Sanic.get_app("tested") is second is not first


def test_apps_of_an_isolated_block_are_not_known_outside() -> None:
    with isolated_apps():
        inside = Sanic("isolated")
        assert Sanic.get_app("isolated") is inside
    with pytest.raises(SanicException, match="not found"):
        Sanic.get_app("isolated")


def test_attributes_go_to_ctx() -> None:
    app = make()
    with pytest.raises(AttributeError, match="use instance.ctx.database instead"):
        app.database = 1


# ------------------------------------------------------------ signals


def test_a_signal_gets_its_context_and_parameter() -> None:
    app, seen = make(), []  # type: Sanic, List[Any]

    @app.signal("order.placed.<number:int>")
    async def placed(number: int, **context: Any) -> None:
        seen.append((number, context))

    asyncio.run(app.dispatch("order.placed.7", context={"by": "ada"}, inline=True))
    assert seen == [(7, {"by": "ada"})]


def test_a_condition_chooses_the_handlers() -> None:
    app, seen = make(), []  # type: Sanic, List[str]
    app.signal("a.b.c", condition={"one": "two"})(lambda: seen.append("conditional"))
    app.signal("a.b.c")(lambda: seen.append("free"))
    asyncio.run(app.dispatch("a.b.c", inline=True))
    asyncio.run(app.dispatch("a.b.c", condition={"one": "two"}, inline=True))
    assert seen == ["free", "conditional"]


def test_the_highest_priority_runs_first() -> None:
    app, seen = make(), []  # type: Sanic, List[int]
    for priority in (0, 5, 1):
        app.signal("a.b.c", priority=priority)(lambda priority=priority: seen.append(priority))
    asyncio.run(app.dispatch("a.b.c", inline=True))
    assert seen == [5, 1, 0]


def test_an_event_can_be_waited_for() -> None:
    app = make()
    app.add_signal(None, "a.b.c")

    async def wait() -> Any:
        waiting = asyncio.ensure_future(app.event("a.b.c"))
        await asyncio.sleep(0)
        await app.dispatch("a.b.c", context={"n": 1})
        return await waiting

    assert asyncio.run(wait())["n"] == 1


def test_an_event_without_handlers_is_not_found() -> None:
    with pytest.raises(NotFound, match="Could not find signal a.b.c"):
        asyncio.run(make().dispatch("a.b.c", inline=True))


def test_the_events_of_a_request_come_in_order() -> None:
    app, seen = make(), []  # type: Sanic, List[str]
    for event in ("http.routing.before", "http.routing.after", "http.handler.before", "http.handler.after"):
        app.signal(event)(lambda event=event, **context: seen.append(event))
    app.signal("http.lifecycle.response")(lambda **context: seen.append(f"response {context['response'].status}"))
    app.get("/")(lambda request: empty())
    app.test_client.get("/")
    assert seen == [
        "http.routing.before", "http.routing.after", "http.handler.before", "http.handler.after", "response 204",
    ]  # fmt: skip


def test_an_error_is_reported_once() -> None:
    app, seen = make(), []  # type: Sanic, List[str]

    @app.report_exception
    async def report(app: Sanic, exception: BaseException) -> None:
        seen.append(str(exception))

    @app.get("/")
    async def home(request: Request) -> None:
        raise ValueError("lost")

    app.test_client.get("/")
    assert seen == ["lost"]


# ------------------------------------------------------------ requests, responses, files


def test_a_request_can_be_made_of_its_parts() -> None:
    request = Request(b"/a?b=1", {"accept": "text/html", "authorization": "Bearer x"}, "1.1", "GET", None, None)
    assert (request.path, request.args.get("b"), request.token) == ("/a", "1", "x")
    assert request.accept.match("application/json", "text/html") == "text/html"


def test_the_most_specific_type_of_accept_is_first() -> None:
    assert [str(item) for item in parse_accept("*/*, a/*, a/b, c/d;q=0.5")] == ["a/b", "a/*", "*/*", "c/d;q=0.5"]


def test_a_cookie_can_be_changed_after_it_was_added() -> None:
    response = text("")
    response.add_cookie("a", "1").max_age = 9
    response.cookies.get_cookie("a").value = "2"
    assert response.headers.getall("set-cookie") == ["a=2; Path=/; Max-Age=9; SameSite=Lax; Secure"]


def test_a_cookie_is_read_without_its_prefix() -> None:
    app = make()
    app.get("/")(lambda request: text(request.cookies.get("a")))
    assert app.test_client.get("/", headers={"cookie": "__Host-a=1"})[1].text == "1"


def test_response_middleware_runs_before_the_first_piece() -> None:
    app = make()

    @app.on_response
    def stamp(request: Request, response: HTTPResponse) -> None:
        response.headers["x-stamp"] = str(int(response.headers.get("x-stamp", "0")) + 1)

    @app.get("/")
    async def home(request: Request) -> None:
        response = await request.respond(content_type="text/plain")
        await response.send("pieces")

    _, response = app.test_client.get("/")
    assert (response.text, response.headers["x-stamp"]) == ("pieces", "1")


def test_a_static_file_has_ranges_and_dates(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0123456789")
    app = make()
    app.static("/files", tmp_path, use_content_range=True)
    _, part = app.test_client.get("/files/a.txt", headers={"range": "bytes=2-4"})
    assert (part.status, part.text, part.headers["content-range"]) == (206, "234", "bytes 2-4/10")
    changed = part.headers["last-modified"]
    assert app.test_client.get("/files/a.txt", headers={"if-modified-since": changed})[1].status == 304


def test_a_link_out_of_the_directory_is_followed_only_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("outside")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.txt").symlink_to(tmp_path / "outside.txt")
    app = make()
    app.static("/closed", inside, name="closed")
    app.static("/open", inside, name="open", follow_external_symlink_files=True)
    assert app.test_client.get("/closed/link.txt")[1].status == 404
    assert app.test_client.get("/open/link.txt")[1].text == "outside"


@pytest.mark.parametrize("path", ["/files/../secret.txt", "/files/%2e%2e/secret.txt", "/files/..%2fsecret.txt"])
def test_a_path_that_leaves_the_directory_is_404(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    app = make()
    app.static("/files", inside)
    assert app.test_client.get(path)[1].status == 404


def test_a_directory_is_listed_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "<b>.txt").write_text("")
    app = make()
    app.static("/files", tmp_path, directory_view=True)
    page = app.test_client.get("/files/")[1]
    assert page.status == 200 and "&lt;b&gt;.txt" in page.text and "<b>" not in page.text


def test_a_file_is_streamed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 10_000)
    app = make()

    @app.get("/")
    async def home(request: Request) -> Any:
        return await file_stream(tmp_path / "a.txt")

    assert len(app.test_client.get("/")[1].body) == 10_000


def test_an_exception_has_its_message_as_its_argument() -> None:
    assert Unauthorized("no such user").args == ("no such user",)


def test_a_copy_of_an_exception_says_the_same() -> None:
    copied = copy.copy(Unauthorized("no such user"))
    assert (copied.status_code, str(copied)) == (401, "no such user")


def _converting() -> Any:
    app = make()

    @app.on_response
    def convert(request: Any, response: Any) -> Any:
        return json({**response, "more": 1}) if isinstance(response, dict) else None

    app.get("/dict", name="dict")(lambda request: {"a": 1})
    app.get("/list", name="list")(lambda request: [1])
    return app


def test_response_middleware_makes_a_response_of_another_value() -> None:
    assert _converting().test_client.get("/dict")[1].json == {"a": 1, "more": 1}


def test_a_value_that_no_response_middleware_converts_is_an_error() -> None:
    response = _converting().test_client.get("/list")[1]
    assert (response.status, "Invalid response type [1]" in response.text) == (500, True)


def test_a_cancelled_task_is_known_until_tasks_are_purged() -> None:
    app = make()

    async def run() -> List[int]:
        app.add_task(asyncio.sleep(60), name="sleeper")
        await app.cancel_task("sleeper")
        known = len(list(app.tasks))
        app.purge_tasks()
        return [known, len(list(app.tasks))]

    assert asyncio.run(run()) == [1, 0]


@pytest.mark.parametrize(("status", "logged"), [(409, 0), (422, 0), (507, 1)])
def test_only_errors_of_the_app_are_logged(status: int, logged: int, caplog: pytest.LogCaptureFixture) -> None:
    app = make()

    @app.get("/")
    async def home(request: Request) -> HTTPResponse:
        raise HTTPError(status, "not now")

    with caplog.at_level("INFO", logger="sanic.error"):
        assert app.test_client.get("/")[1].status == status
    assert sum(record.name == "sanic.error" for record in caplog.records) == logged
