"""Late registration in each paradigm: where its framework takes it, what it takes, and what it refuses."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Awaitable, Callable, Dict, List, Tuple

import pytest
from tests.profiling import profiled

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import App, BuildError, Fenrir
from fenrir_core.testing import Client
from fenrir_fastapi.middleware.gzip import GZipMiddleware
from fenrir_fastapi.responses import PlainTextResponse

Scenario = Callable[[Client], Awaitable[None]]


def serve(app: Any, scenario: Scenario) -> None:
    async def run() -> None:
        async with Client(app, raise_errors=False) as client:
            await scenario(client)

    asyncio.run(run())


# ---------------------------------------------------------------- each paradigm's own way


class Falcon:
    """Falcon's ways to register, in its own class or in the hybrid app."""

    class Resource:
        def __init__(self, text: str, error: Any = None) -> None:
            self.text, self.error = text, error

        async def on_get(self, req: Any, resp: Any) -> None:
            if self.error is not None:
                raise self.error
            resp.text = self.text

        async def on_post(self, req: Any, resp: Any) -> None:
            resp.text = self.text

    class Tag:
        async def process_response(self, req: Any, resp: Any, resource: Any, succeeded: bool) -> None:
            resp.set_header("x-tag", "late")

    def __init__(self) -> None:
        self.app: Any = fenrir_falcon.App()

    def route(self, path: str, text: str, error: Any = None) -> None:
        self.app.add_route(path, self.Resource(text, error))

    def middleware(self) -> None:
        self.app.add_middleware(self.Tag())

    def handler(self, kind: Any) -> None:
        async def handle(req: Any, resp: Any, error: Any, params: Any) -> None:
            resp.text = "handled"

        self.app.add_error_handler(kind, handle)


class Sanic:
    """Sanic's ways to register."""

    def __init__(self) -> None:
        self.app: Any = fenrir_sanic.Sanic("late")

    def route(self, path: str, text: str, error: Any = None) -> None:
        async def handler(request: Any) -> Any:
            if error is not None:
                raise error
            return fenrir_sanic.text(text)

        self.app.add_route(handler, path, name=path.strip("/").replace("/", "_") or "index")

    def middleware(self) -> None:
        @self.app.on_response
        async def tag(request: Any, response: Any) -> None:
            response.headers["x-tag"] = "late"

    def handler(self, kind: Any) -> None:
        @self.app.exception(kind)
        async def handle(request: Any, error: Any) -> Any:
            return fenrir_sanic.text("handled")


class Bottle:
    """Bottle's ways to register."""

    def __init__(self) -> None:
        self.app: Any = fenrir_bottle.Bottle()

    def route(self, path: str, text: str, error: Any = None) -> None:
        def handler() -> str:
            if error is not None:
                raise error
            return text

        self.app.route(path, callback=handler)

    def middleware(self) -> None:
        self.app.add_hook("after_request", lambda: fenrir_bottle.response.set_header("x-tag", "late"))

    def handler(self, kind: Any) -> None:
        self.app.error(500)(lambda error: "handled")


class FastAPI:
    """FastAPI's ways to register; middleware is not among them."""

    def __init__(self) -> None:
        self.app: Any = fenrir_fastapi.FastAPI()

    def route(self, path: str, text: str, error: Any = None) -> None:
        @self.app.get(path, response_class=PlainTextResponse)
        async def handler() -> str:
            if error is not None:
                raise error
            return text

    def handler(self, kind: Any) -> None:
        @self.app.exception_handler(kind)
        async def handle(request: Any, error: Any) -> Any:
            return PlainTextResponse("handled")


class Hybrid:
    """The hybrid app's ways: routes of the kernel, middleware as in Sanic, handlers as in Flask."""

    def __init__(self) -> None:
        self.app: Any = Fenrir()

    def route(self, path: str, text: str, error: Any = None) -> None:
        @self.app.get(path)
        async def handler() -> str:
            if error is not None:
                raise error
            return text

    def middleware(self) -> None:
        @self.app.after_request
        def tag(response: Any) -> Any:
            response.headers["x-tag"] = "late"
            return response

    def handler(self, kind: Any) -> None:
        @self.app.errorhandler(kind)
        def handle(error: Any) -> Any:
            return "handled"


ALL = [Falcon, Sanic, Bottle, FastAPI, Hybrid]


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
        with pytest.raises(BuildError, match=r"/early is registered twice: .*test_late_registration.py:\d+.*py:\d+"):
            ways.route("/early", "again")
        assert (await client.get("/early")).text == "early"
        ways.route("/late", "late")
        assert (await client.get("/late")).text == "late"

    serve(ways.app, scenario)


def test_a_strict_app_refuses_a_late_route(ways: Any) -> None:
    ways.app.plugins.strict = True

    async def scenario(client: Client) -> None:
        with pytest.raises(BuildError, match=r"test_late_registration.py:\d+: .*/late.* can't be added: .* strict"):
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
        with pytest.raises(RuntimeError, match=r"test_late_registration.py:\d+: .* GZipMiddleware can't be added"):
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
        with pytest.raises(Exception, match="test_late_registration.py|object"):
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
        with pytest.raises(AssertionError, match=r"test_late_registration.py:\d+: .* its first request"):
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


# ---------------------------------------------------------------- what it costs where it is called


def _large(kind: str, count: int) -> Tuple[Any, Callable[[], object]]:
    """Return an app of many routes, and a function that registers one more."""
    app: Any = {"fastapi": fenrir_fastapi.FastAPI, "falcon": fenrir_falcon.App, "hybrid": Fenrir}[kind]()

    def add(path: str) -> None:
        if kind == "falcon":
            app.add_route(path, Falcon.Resource("x"))
        else:
            app.get(path)(lambda: "x")

    for number in range(count):
        add(f"/{number}")
    return app, lambda: add("/late")


@pytest.mark.parametrize(("kind", "most"), [("hybrid", 40), ("fastapi", 70), ("falcon", 75)])
def test_a_late_route_of_a_large_app_makes_few_calls_for_each_route_that_is_there(kind: str, most: int) -> None:
    async def calls(count: int) -> int:
        app, register = _large(kind, count)
        made = 0

        def note(frame: Any, event: str, argument: Any) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        async with Client(app) as client:
            with profiled(note):
                register()
            assert (await client.get("/late")).status == 200
        return made

    few, many = asyncio.run(calls(120)), asyncio.run(calls(320))
    assert (many - few) / 200 <= most
