"""Late registration: what is alike in each paradigm that takes it, and in the hybrid app."""

from __future__ import annotations

import logging
from typing import Any, List

import pytest
from tests.hybrid.late_ways import ALL, Bottle, Falcon, FastAPI, serve

import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import App, BuildError, Fenrir
from fenrir_core.testing import Client


@pytest.fixture(params=ALL, ids=lambda item: item.__name__)
def ways(request: Any) -> Any:
    found = request.param()
    found.route("/early", "early")
    return found


def test_a_late_route_is_served(ways: Any) -> None:
    async def scenario(client: Client) -> None:
        assert [(await client.get(path)).status for path in ("/early", "/late")] == [200, 404]
        ways.route("/late", "late")
        assert [(await client.get(path)).text for path in ("/early", "/late")] == ["early", "late"]

    serve(ways.app, scenario)


def test_a_late_error_handler_handles_the_errors_of_all_routes(ways: Any, caplog: Any) -> None:
    caplog.set_level(logging.CRITICAL)
    ways.route("/fail", "", ZeroDivisionError())

    async def scenario(client: Client) -> None:
        assert (await client.get("/fail")).status == 500
        ways.handler(ZeroDivisionError)
        ways.route("/fail/late", "", ZeroDivisionError())
        assert [(await client.get(path)).text for path in ("/fail", "/fail/late")] == ["handled", "handled"]

    serve(ways.app, scenario)


@pytest.mark.parametrize("kind", [item for item in ALL if hasattr(item, "middleware")], ids=lambda item: item.__name__)
def test_late_middleware_sees_all_routes(kind: Any) -> None:
    ways = kind()
    ways.route("/early", "early")

    async def scenario(client: Client) -> None:
        assert "x-tag" not in (await client.get("/early")).headers
        ways.middleware()
        ways.route("/late", "late")
        assert [(await client.get(path)).headers["x-tag"] for path in ("/early", "/late")] == ["late", "late"]

    serve(ways.app, scenario)


# in FastAPI the first of two routes is served, in Falcon and Bottle the last
@pytest.mark.parametrize(
    "kind", [item for item in ALL if item not in (FastAPI, Falcon, Bottle)], ids=lambda item: item.__name__
)
def test_a_late_route_that_is_there_already_is_refused_with_both_places_and_nothing_is_lost(kind: Any) -> None:
    ways = kind()
    ways.route("/early", "early")

    async def scenario(client: Client) -> None:
        with pytest.raises(BuildError, match=r"/early is registered twice: .*late_ways.py:\d+.*py:\d+"):
            ways.route("/early", "again")
        assert (await client.get("/early")).text == "early"
        ways.route("/late", "late")
        assert (await client.get("/late")).text == "late"

    serve(ways.app, scenario)


def test_a_strict_app_refuses_a_late_route(ways: Any) -> None:
    ways.app.plugins.strict = True

    async def scenario(client: Client) -> None:
        with pytest.raises(BuildError, match=r"late_ways.py:\d+: .*/late.* can't be added: .* strict"):
            ways.route("/late", "late")
        assert (await client.get("/late")).status == 404

    serve(ways.app, scenario)


def test_a_late_route_in_a_mounted_app_is_served_below_its_prefix(ways: Any) -> None:
    outer = Fenrir()
    outer.mount("/sub", ways.app)

    async def scenario(client: Client) -> None:
        assert (await client.get("/sub/early")).text == "early"
        ways.route("/late", "late")
        assert (await client.get("/sub/late")).text == "late"

    serve(outer, scenario)


def test_a_late_mount_starts_the_app_that_is_mounted(ways: Any) -> None:
    events: List[str] = []
    sanic: Any = fenrir_sanic.Sanic("mounted")
    sanic.add_route(lambda request: fenrir_sanic.text("mounted"), "/", name="index")
    sanic.register_listener(lambda app: events.append("start"), "before_server_start")
    sanic.register_listener(lambda app: events.append("stop"), "after_server_stop")

    async def scenario(client: Client) -> None:
        ways.app.mount("/sub", sanic)
        assert [(await client.get("/sub/")).text for _ in range(2)] == ["mounted", "mounted"]
        assert (await client.get("/early")).text == "early"

    serve(ways.app, scenario)
    assert events == ["start", "stop"]


# ---------------------------------------------------------------- the hybrid app


def test_the_hybrid_app_takes_each_paradigms_routes_late() -> None:
    app: Any = Fenrir()
    blueprint = fenrir_flask.Blueprint("flask", "flask", url_prefix="/flask")
    blueprint.add_url_rule("/", "index", lambda: "flask")
    router = fenrir_fastapi.APIRouter()
    router.get("/fastapi")(lambda: "fastapi")
    sanic: Any = fenrir_sanic.Blueprint("sanic")
    sanic.add_route(lambda request: fenrir_sanic.text("sanic"), "/sanic", name="index")

    async def scenario(client: Client) -> None:
        assert (await client.get("/flask/")).status == 404
        app.register_blueprint(blueprint)
        app.include_router(router)
        app.blueprint(sanic)
        app.add_route("/falcon", Falcon.Resource("falcon"))
        found = [(await client.get(path)).text for path in ("/flask/", "/fastapi", "/sanic", "/falcon")]
        assert found == ["flask", '"fastapi"', "sanic", "falcon"]
        assert [(await client.get(path)).status for path in ("/flask/", "/late")] == [200, 404]

    serve(app, scenario)
    assert app.url_path("flask.index") == "/flask/"


def test_the_table_of_the_command_line_follows() -> None:
    app = App(paradigms=(), autoload=False)

    async def scenario(client: Client) -> None:
        app.get("/late")(lambda: "late")
        assert [target.route.path for target in app.compiled_routes] == ["/late"]

    serve(app, scenario)
