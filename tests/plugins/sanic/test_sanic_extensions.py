"""What extensions of Sanic rest on: values put into `match_info`, groups of routes, subclasses with slots."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Dict

import pytest

from fenrir import Fenrir
from fenrir_core import BuildError
from fenrir_sanic import Blueprint, HTTPResponse, Request, Sanic, empty, json, text
from fenrir_sanic.models.futures import FutureCommand
from fenrir_sanic.routing_exceptions import InvalidUsage


def test_a_signal_fills_a_parameter_that_is_not_in_the_path() -> None:
    app = Sanic("injected")

    @app.signal("http.routing.after")
    async def inject(request: Request, **context: Any) -> None:
        request.match_info["user"] = "ada"

    @app.get("/<number:int>")
    async def home(request: Request, number: int, user: str, greeting: str = "hi") -> HTTPResponse:
        return text(f"{greeting} {user} {number}")

    assert app.test_client.get("/7")[1].text == "hi ada 7"


def test_middleware_fills_a_parameter_that_is_not_in_the_path() -> None:
    app = Sanic("by-middleware")

    @app.on_request
    async def inject(request: Request) -> None:
        request.match_info["user"] = "ada"

    app.get("/")(lambda request, user: text(user))
    assert app.test_client.get("/")[1].text == "ada"


def test_a_parameter_that_nothing_has_filled_is_an_error_that_names_it() -> None:
    app = Sanic("unfilled")
    app.on_request(lambda request: None)
    app.error_handler.add(TypeError, lambda request, error: text(str(error)))
    app.get("/")(lambda request, user: empty())
    assert "parameter 'user' that is not in the path" in app.test_client.get("/")[1].text


def test_a_parameter_that_nothing_could_fill_ends_the_build() -> None:
    app = Sanic("unfillable")
    app.get("/")(lambda request, user: empty())
    with pytest.raises(BuildError, match="'user'"):
        app.build()


def test_what_is_kept_in_the_context_of_a_route_is_there_in_each_request() -> None:
    app = Sanic("kept")
    app.get("/", ctx_first=1)(lambda request: text(f"{request.route.ctx.first} {request.route.ctx.second}"))

    @app.before_server_start
    async def keep(app: Sanic) -> None:
        for group in app.router.groups.values():
            for route in group:
                route.ctx.second = 2

    assert app.test_client.get("/")[1].text == "1 2"


def test_routes_of_one_path_are_a_group() -> None:
    app = Sanic("grouped")
    app.get("/a/<b:int>", name="read")(lambda request, b: empty())
    app.post("/a/<b:int>", name="write")(lambda request, b: empty())
    group = app.router.groups["a", "<__dynamic__:int>"]
    assert group.methods == {"GET", "POST"}
    assert group.methods_index["POST"].name == "grouped.write"
    assert {place: (item.name, item.cast) for place, item in group.params.items()} == {1: ("b", int)}


def test_a_listener_adds_routes_for_those_that_are_there() -> None:
    app = Sanic("added")
    app.get("/<name>")(lambda request, name: text(name))

    @app.before_server_start
    async def add(app: Sanic) -> None:
        for group in app.router.groups.values():
            if "OPTIONS" in group.methods:
                continue  # the test client starts the app for each request
            app.add_route(lambda request, **values: empty(), group.uri, ["OPTIONS"], name="options")
        app.finalize()

    assert app.test_client.options("/a")[1].status == 204
    assert app.test_client.get("/a")[1].text == "a"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/<file:ext>", "/a.tar.gz", {"file": "a.tar", "ext": "gz"}),
        ("/<file:ext=jpg|png>", "/a.png", {"file": "a", "ext": "png"}),
        ("/<file=int:ext>", "/7.txt", {"file": 7, "ext": "txt"}),
        ("/<name:strorempty>", "/a", {"name": "a"}),
        ("/<day:ymd>", "/2026-11-30", {"day": "2026-11-30"}),
    ],
)
def test_a_type_of_sanics_reads_the_path(template: str, path: str, expected: Dict[str, Any]) -> None:
    app, seen = Sanic("types"), {}  # type: Sanic, Dict[str, Any]

    @app.get(template)
    async def read(request: Request, **values: Any) -> HTTPResponse:
        seen.update({name: value if isinstance(value, int) else str(value) for name, value in values.items()})
        return empty()

    assert app.test_client.get(path)[1].status == 204
    assert seen == expected


def test_a_file_name_with_another_extension_is_another_path() -> None:
    app = Sanic("extension")
    app.get("/<file:ext=jpg|png>")(lambda request, file, ext: empty())
    assert app.test_client.get("/a.gif")[1].status == 404


def test_extensions_with_different_numbers_of_dots_are_refused() -> None:
    with pytest.raises(InvalidUsage, match="same number of subparts"):
        Sanic("dots").get("/<file:ext=js|min.js>")(lambda request, file, ext: empty())


def test_a_response_class_may_repeat_sanics_slots() -> None:
    class Slotted(HTTPResponse):
        __slots__ = ("body", "status", "content_type", "headers", "_cookies", "context")

    response = Slotted("x", headers={"x-a": "1"}, content_type="text/html")
    assert (response.headers["x-a"], response.content_type) == ("1", "text/html")


def test_a_log_configuration_is_applied() -> None:
    config = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"own": {"class": "fenrir_sanic.logging.formatter.AutoFormatter", "format": "own %(message)s"}},
        "handlers": {"own": {"class": "logging.StreamHandler", "formatter": "own"}},
        "loggers": {"sanic.own": {"handlers": ["own"]}},
    }
    Sanic("logging", log_config=config)
    formatter = logging.getLogger("sanic.own").handlers[0].formatter
    assert formatter is not None
    assert formatter._fmt == "own %(message)s"


def test_a_log_configuration_is_left_alone_when_asked() -> None:
    Sanic("left-alone", log_config={"not": "read"}, configure_logging=False)


def test_the_url_of_a_route_has_no_slash_at_its_end_unless_it_is_strict() -> None:
    app = Sanic("slashes")
    app.get("/loose/<name>/", name="loose")(lambda request, name: empty())
    app.get("/strict/<name>/", name="strict", strict_slashes=True)(lambda request, name: empty())
    assert (app.url_for("loose", name="a"), app.url_for("strict", name="a")) == ("/loose/a", "/strict/a/")


def test_the_url_of_another_server_without_a_name_has_no_host() -> None:
    app = Sanic("nameless")
    app.get("/name", name="name")(lambda request: empty())
    assert app.url_for("name", _external=True) == "http:///name"


@pytest.mark.parametrize("is_late", [False, True])
def test_the_commands_of_a_blueprint_are_those_of_its_sanic_apps(is_late: bool) -> None:
    blueprint, app, hybrid = Blueprint("part"), Sanic("commands"), Fenrir()
    if not is_late:
        blueprint.command(print, name="show")
    app.blueprint(blueprint)
    hybrid.blueprint(blueprint)
    if is_late:
        blueprint.command(print, name="show")
    assert app._future_commands == {FutureCommand("part.show", print)}


def test_the_test_client_leaves_the_event_loop_of_the_thread_alone() -> None:
    app, loop = Sanic("loops"), asyncio.new_event_loop()
    app.get("/")(lambda request: empty())
    asyncio.set_event_loop(loop)
    try:
        app.test_client.get("/")
        assert asyncio.get_event_loop_policy().get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_a_subclass_of_the_request_is_made_as_by_sanic() -> None:
    class Measured(Request):
        def __init__(
            self, url_bytes: bytes, headers: Any, version: str, method: str, transport: Any, app: Any, head: bytes = b""
        ) -> None:
            super().__init__(url_bytes, headers, version, method, transport, app, head)
            self.ctx.given = [url_bytes.decode(), headers["x-a"], method, app.name]

    app = Sanic("measured", request_class=Measured)

    @app.on_request
    async def first(request: Request) -> None:
        request.ctx.seen = True

    @app.get("/<name>")
    async def home(request: Request, name: str) -> HTTPResponse:
        return json([*request.ctx.given, request.ctx.seen, type(request).__name__, request.args.get("q")])

    response = app.test_client.get("/n%20m?q=1", headers={"x-a": "b"})[1]
    assert response.json == ["/n%20m?q=1", "b", "GET", "measured", True, "Measured", "1"]


def test_there_is_no_multiplexer_to_be_found() -> None:
    assert not hasattr(Sanic("single"), "multiplexer")
