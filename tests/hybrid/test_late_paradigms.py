"""Late registration in each paradigm: what it takes by its framework, and what it refuses."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

import pytest
from tests.hybrid.late_ways import Bottle, Falcon, FastAPI, Hybrid, Sanic, serve

import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import BuildError, Fenrir
from fenrir_core.testing import Client
from fenrir_fastapi.middleware.gzip import GZipMiddleware

# ---------------------------------------------------------------- Falcon


def test_falcons_sinks_static_routes_and_components_may_come_late(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("file")
    ways = Falcon()
    ways.route("/early", "early")

    async def sink(req: Any, resp: Any) -> None:
        resp.text = "sink"

    async def scenario(client: Client) -> None:
        ways.app.add_sink(sink, "/sink")
        ways.app.add_static_route("/files", tmp_path)
        assert [(await client.get(path)).text for path in ("/sink/x", "/files/a.txt", "/early")] == [
            "sink",
            "file",
            "early",
        ]

    serve(ways.app, scenario)


def test_the_responders_of_a_late_resource_replace_those_of_its_path_together() -> None:
    ways = Falcon()
    ways.app.add_route("/both", Falcon.Resource("early"))

    class Later:
        async def on_put(self, req: Any, resp: Any) -> None:
            resp.text = "put"

    async def scenario(client: Client) -> None:
        assert (await client.get("/both")).text == "early"
        ways.app.add_route("/both", Later())
        assert (await client.put("/both")).text == "put"
        assert (await client.get("/both")).status == 405

    serve(ways.app, scenario)


# ---------------------------------------------------------------- Sanic


def test_a_late_blueprint_brings_its_routes_and_middleware() -> None:
    ways = Sanic()
    blueprint: Any = fenrir_sanic.Blueprint("shop", url_prefix="/shop")

    @blueprint.get("/")
    async def index(request: Any) -> Any:
        return fenrir_sanic.text("shop")

    @blueprint.on_response
    async def tag(request: Any, response: Any) -> None:
        response.headers["x-tag"] = "shop"

    async def scenario(client: Client) -> None:
        ways.app.blueprint(blueprint)
        answer = await client.get("/shop/")
        assert (answer.text, answer.headers["x-tag"]) == ("shop", "shop")

    serve(ways.app, scenario)


def test_a_late_blueprint_with_a_mistake_may_be_registered_again_when_it_is_mended() -> None:
    ways = Sanic()
    ways.route("/shop", "early")

    def blueprint(path: str) -> Any:
        made: Any = fenrir_sanic.Blueprint("shop")
        made.add_route(lambda request: fenrir_sanic.text("shop"), path, name="index")
        made.on_request(lambda request: None)
        return made

    async def scenario(client: Client) -> None:
        with pytest.raises(BuildError, match="/shop is registered twice"):
            ways.app.blueprint(blueprint("/shop"))
        ways.app.blueprint(blueprint("/other"))
        assert (await client.get("/other")).text == "shop"
        assert list(ways.app.blueprints) == ["shop"]

    serve(ways.app, scenario)


# ---------------------------------------------------------------- Bottle


def test_a_late_plugin_is_applied_to_all_routes() -> None:
    ways = Bottle()
    ways.route("/early", "early")

    def shout(callback: Any) -> Any:
        return lambda **values: callback(**values).upper()

    async def scenario(client: Client) -> None:
        assert (await client.get("/early")).text == "early"
        ways.app.install(shout)
        ways.route("/late", "late")
        assert [(await client.get(path)).text for path in ("/early", "/late")] == ["EARLY", "LATE"]
        ways.app.uninstall(shout)
        assert (await client.get("/early")).text == "early"

    serve(ways.app, scenario)


# ---------------------------------------------------------------- FastAPI


def test_a_late_route_joins_the_document(caplog: Any) -> None:
    for ways in (FastAPI(), Hybrid()):
        ways.route("/early", "early")  # type: ignore[attr-defined]

        async def scenario(client: Client, ways: Any = ways) -> None:
            url = ways.app.settings["openapi_url"]
            assert list((await client.get(url)).json()["paths"]) == ["/early"]
            ways.route("/late", "late")
            assert list((await client.get(url)).json()["paths"]) == ["/early", "/late"]

        serve(ways.app, scenario)


def test_late_middleware_is_a_runtime_error_in_fastapi() -> None:
    app = fenrir_fastapi.FastAPI()

    async def scenario(client: Client) -> None:
        with pytest.raises(RuntimeError, match=r"test_late_paradigms.py:\d+: .* GZipMiddleware can't be added"):
            app.add_middleware(GZipMiddleware)

    serve(app, scenario)


def test_a_route_that_joins_an_included_router_late_is_served_and_a_mistake_is_taken_back() -> None:
    app = fenrir_fastapi.FastAPI()
    router = fenrir_fastapi.APIRouter()
    app.include_router(router, prefix="/api")

    def broken(value: object) -> None: ...

    async def scenario(client: Client) -> None:
        router.get("/late")(lambda: "late")
        assert (await client.get("/api/late")).json() == "late"
        with pytest.raises(Exception, match="test_late_paradigms.py|object"):
            router.get("/broken/{x:nope}")(broken)
        router.get("/later")(lambda: "later")
        assert [(await client.get(path)).json() for path in ("/api/late", "/api/later")] == ["late", "later"]

    serve(app, scenario)


def test_a_late_dependency_of_scope_app_is_opened_once_and_closed_at_the_stop() -> None:
    events: List[str] = []

    async def pool() -> Any:
        events.append("open")
        yield "pool"
        events.append("close")

    for app in (fenrir_fastapi.FastAPI(), Fenrir()):

        async def scenario(client: Client, app: Any = app) -> None:
            @app.get("/late")
            async def late(value: str = fenrir_fastapi.Depends(pool, scope="app")) -> str:
                return value

            assert [(await client.get("/late")).status for _ in range(2)] == [200, 200]
            assert events == ["open"]

        serve(app, scenario)
        assert events == ["open", "close"]
        events.clear()


# ---------------------------------------------------------------- Flask


def flask_app() -> Tuple[Any, Dict[str, Callable[[], object]]]:
    app = fenrir_flask.Flask("late")
    app.add_url_rule("/early", "early", lambda: "early")
    blueprint = fenrir_flask.Blueprint("shop", "shop")
    return app, {
        "route": lambda: app.add_url_rule("/late", "late", lambda: "late"),
        "before_request": lambda: app.before_request(lambda: None),
        "after_request": lambda: app.after_request(lambda response: response),
        "error handler": lambda: app.register_error_handler(404, lambda error: "handled"),
        "context processor": lambda: app.context_processor(dict),
        "blueprint": lambda: app.register_blueprint(blueprint),
    }


def test_flask_takes_registrations_until_its_first_request() -> None:
    app, register = flask_app()

    async def scenario(client: Client) -> None:
        for add in register.values():
            add()
        assert [(await client.get(path)).text for path in ("/early", "/late", "/gone")] == ["early", "late", "handled"]

    serve(app, scenario)


@pytest.mark.parametrize("what", flask_app()[1])
def test_flask_refuses_registrations_after_its_first_request_by_an_assertion_error(what: str) -> None:
    app, register = flask_app()

    async def scenario(client: Client) -> None:
        await client.get("/early")
        with pytest.raises(AssertionError, match=r"test_late_paradigms.py:\d+: .* its first request"):
            register[what]()
        assert (await client.get("/late")).status == 404

    serve(app, scenario)


def test_a_blueprint_that_is_mounted_has_its_hooks_once_however_often_the_app_is_built() -> None:
    calls: List[str] = []
    blueprint = fenrir_flask.Blueprint("shop", "shop")
    blueprint.add_url_rule("/", "index", lambda: "shop")
    blueprint.before_request(lambda: calls.append("before"))
    app: Any = Fenrir()
    app.mount("/shop", blueprint)

    async def scenario(client: Client) -> None:
        app.get("/late")(lambda: "late")
        app.before_request(lambda: None)
        assert (await client.get("/shop/")).text == "shop"

    serve(app, scenario)
    assert calls == ["before"]


def test_a_blueprint_that_is_mounted_late_brings_its_hooks_and_error_handlers() -> None:
    blueprint = fenrir_flask.Blueprint("shop", "shop")

    @blueprint.route("/")
    def index() -> str:
        raise LookupError()

    blueprint.register_error_handler(LookupError, lambda error: ("handled", 418))
    tagged = fenrir_flask.Blueprint("tagged", "tagged")
    tagged.add_url_rule("/", "index", lambda: "tagged")

    @tagged.after_app_request
    def tag(response: Any) -> Any:
        response.headers["x-tag"] = "late"
        return response

    app: Any = Fenrir()
    app.get("/early")(lambda: "early")

    async def scenario(client: Client) -> None:
        app.mount("/shop", blueprint)
        assert (await client.get("/shop/")).status == 418
        app.mount("/tagged", tagged)
        found = [(await client.get(path)).headers.get("x-tag") for path in ("/early", "/shop/", "/tagged/")]
        assert found == ["late", "late", "late"]

    serve(app, scenario)
