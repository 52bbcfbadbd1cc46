"""What is read of legacy applications: their routes in reports, `why` and URLs; and the session of Flask."""

from __future__ import annotations

import json
import warnings
from typing import Any, Callable, Dict, List, Tuple

import pytest
from tests.plugins.takeover.legacy_apps import ask, taken

from fenrir import Fenrir, session
from fenrir_cli.inspect import routes_of as list_routes
from fenrir_cli.why import decide
from fenrir_core import App
from fenrir_takeover.legacy_routes import LegacyRoute, routes_of

pytestmark = pytest.mark.filterwarnings("default")
Made = Tuple[Any, List[LegacyRoute]]


def flask_app() -> Made:
    flask = pytest.importorskip("flask")
    app = flask.Flask("old", static_folder=None)
    app.add_url_rule("/items/<int:item_id>/<name>", "item", lambda item_id, name: name, methods=["GET", "PUT"])
    app.add_url_rule("/any/<any(a, b):letter>", "letter", lambda letter: letter)
    return app, [
        LegacyRoute("/items/{item_id:int}/{name}", ("GET", "PUT"), "item"),
        LegacyRoute("/any/{letter}", ("GET",), "letter"),
    ]


def bottle_app() -> Made:
    bottle = pytest.importorskip("bottle")
    app = bottle.Bottle()
    app.route("/items/<item_id:int>/<name:re:[a-z]+>", "GET", lambda item_id, name: name, name="item")
    app.route("/all", "ANY", lambda: "")
    return app, [LegacyRoute("/items/{item_id:int}/{name}", ("GET",), "item"), LegacyRoute("/all", (), "")]


def falcon_app() -> Made:
    falcon = pytest.importorskip("falcon")

    class Item:
        def on_get(self, req: Any, resp: Any, item_id: int) -> None:
            pass

        def on_put(self, req: Any, resp: Any, item_id: int) -> None:
            pass

    app = falcon.App()
    app.add_route("/items/{item_id:int(min=1)}", Item())
    return app, [LegacyRoute("/items/{item_id:int}", ("GET", "PUT"), "Item")]


def starlette_app() -> Made:
    routing = pytest.importorskip("starlette.routing")
    from starlette.applications import Starlette

    async def item(request: Any) -> Any:
        raise NotImplementedError

    inner = routing.Mount("/inner", routes=[routing.Route("/{rest:path}", item, name="rest")], name="inner")
    app = Starlette(routes=[routing.Route("/items/{item_id:int}", item, methods=["GET", "PUT"], name="item"), inner])
    return app, [
        LegacyRoute("/items/{item_id:int}", ("GET", "PUT"), "item"),
        LegacyRoute("/inner/{rest:path}", ("GET",), "inner:rest"),
    ]


def fastapi_app() -> Made:
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI(openapi_url=None)
    app.get("/items/{item_id}", name="item")(lambda item_id: item_id)
    return app, [LegacyRoute("/items/{item_id}", ("GET",), "item")]


def sanic_app() -> Made:
    sanic = pytest.importorskip("sanic")
    app = sanic.Sanic("old", configure_logging=False)
    app.add_route(lambda request, item_id: None, "/items/<item_id:int>", name="item")
    return app, [LegacyRoute("/items/{item_id:int}", ("GET",), "item")]


def quart_app() -> Made:
    quart = pytest.importorskip("quart")
    app = quart.Quart("old", static_folder=None)
    app.add_url_rule("/items/<uuid:item_id>", "item", lambda item_id: "")
    return app, [LegacyRoute("/items/{item_id:uuid}", ("GET",), "item")]


def django_app() -> Made:
    django = pytest.importorskip("django")
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import clear_url_caches, include, path

    def view(request: Any) -> Any:
        raise NotImplementedError

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=(), SECRET_KEY="s", USE_TZ=True)
        django.setup()
    inner = include(([path("<slug:name>", view, name="page")], "pages"), namespace="pages")
    settings.ROOT_URLCONF = (path("items/<int:item_id>", view, name="item"), path("pages/", inner))
    clear_url_caches()
    return WSGIHandler(), [
        LegacyRoute("/items/{item_id:int}", (), "item"),
        LegacyRoute("/pages/{name}", (), "pages:page"),
    ]


def fenrir_app() -> Made:
    app = App(paradigms=(), autoload=False)
    app.route("/items/{item_id:int}", ("GET", "PUT"), name="item")(lambda item_id: item_id)
    return app, [LegacyRoute("/items/{item_id:int}", ("GET", "PUT"), "item")]


MAKERS: Dict[str, Callable[[], Made]] = {
    "flask": flask_app, "bottle": bottle_app, "falcon": falcon_app, "starlette": starlette_app,
    "fastapi": fastapi_app, "sanic": sanic_app, "quart": quart_app, "django": django_app,
    "fenrir": fenrir_app,
}  # fmt: skip


def made(name: str) -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MAKERS[name]()


@pytest.mark.parametrize("name", MAKERS)
def test_the_routes_of_a_framework_are_read(name: str) -> None:
    app, expected = made(name)
    assert routes_of(app) == expected


def test_an_application_without_a_framework_has_no_routes_to_read() -> None:
    assert routes_of(lambda environ, start_response: []) is None


@pytest.mark.parametrize("prefix", ["/", "/old"])
@pytest.mark.parametrize("name", ["flask", "bottle", "starlette", "django", "falcon", "fenrir"])
def test_the_routes_are_listed_and_why_says_who_answers(name: str, prefix: str) -> None:
    application, expected = made(name)
    app, base = Fenrir(), prefix.rstrip("/")
    app.take_over(application, prefix)
    listed = {(getattr(route, "path", ""), route.name) for route in app.routes}
    assert {(base + route.path, f"legacy.{route.name}" if route.name else "") for route in expected} <= listed
    path = expected[0].path.replace("{item_id:int}", "7").replace("{name}", "x")
    decision = decide(app, "GET", base + path)
    assert decision.outcome == "mount"
    assert f"the {name} application has {base}/items/{{item_id}}" in decision.reason


def test_each_route_of_a_legacy_application_is_listed_once() -> None:
    application, _ = made("falcon")
    app = Fenrir()
    app.take_over(application)
    listed = [info.path for info in list_routes(app) if info.path.startswith("/items")]
    assert listed == ["/items/{item_id:int}"]


# ------------------------------------------------------------ the OpenAPI document


def document(application: Any, prefix: str = "/", **options: Any) -> Any:
    app = Fenrir()
    app.take_over(application, prefix, **options)

    @app.get("/items/{number}/{other}")
    async def ours(number: int, other: str) -> Any:
        return number

    path = "/openapi-docs/openapi.json" if prefix == "/" else "/openapi.json"
    return json.loads(ask(app, ("GET", path))[0].body)


def test_legacy_routes_are_in_the_document_by_choice() -> None:
    application, _ = made("flask")
    assert set(document(application)["paths"]) == {"/items/{number}/{other}"}
    paths = document(application, openapi=True)["paths"]
    assert set(paths) == {"/items/{number}/{other}", "/any/{letter}"}
    assert paths["/any/{letter}"]["get"]["parameters"] == [
        {"name": "letter", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    assert "default" in paths["/any/{letter}"]["get"]["responses"]


def test_a_route_of_ours_hides_the_legacy_one_in_the_document_and_other_methods_join_it() -> None:
    application, _ = made("flask")
    found = document(application, openapi=True)["paths"]["/items/{number}/{other}"]
    assert (set(found), "tags" in found["get"]) == ({"get", "put"}, False)
    names = [parameter["name"] for parameter in found["put"]["parameters"]]
    assert (names, found["put"]["parameters"][0]["schema"]) == (["number", "other"], {"type": "integer"})


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in ("sanic", "quart")])
def test_the_document_with_legacy_routes_is_a_valid_one(name: str) -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    application, expected = made(name)
    found = document(application, "/old", name="shop", openapi=True)
    assert len(found["paths"]) == len(expected) + 1
    validator.validate(found)


def test_urls_of_both_sides_are_built_by_name() -> None:
    application, _ = made("flask")
    app = Fenrir()
    app.take_over(application, "/old", name="shop")
    assert app.url_path("shop.item", item_id=7, name="a b") == "/old/items/7/a%20b"


def test_flasks_own_url_for_works_across_the_border() -> None:
    from fenrir import url_for

    application, _ = made("flask")
    app = Fenrir()
    app.take_over(application)

    @app.get("/link")
    async def link() -> Any:
        return {"url": url_for("legacy.letter", letter="a")}

    assert json.loads(ask(app, ("GET", "/link"))[0].body) == {"url": "/any/a"}


def test_routes_that_no_template_of_ours_can_say_are_left_out_and_served() -> None:
    flask = pytest.importorskip("flask")
    application = flask.Flask("old", static_folder=None)
    application.add_url_rule("/twice/<path:a>/<path:b>", "twice", lambda a, b: a + b)
    application.add_url_rule("/{odd}", "odd", lambda: "odd")
    app = taken(application)
    assert [answer.text for answer in ask(app, ("GET", "/twice/a/b"), ("GET", "/%7Bodd%7D"))] == ["ab", "odd"]


# ------------------------------------------------------------ one login


def login_app(secret: str = "the legacy key") -> Any:
    flask = pytest.importorskip("flask")
    app = flask.Flask("old")
    app.config.update(SECRET_KEY=secret, SESSION_COOKIE_NAME="shop")

    @app.post("/login")
    def login() -> str:
        flask.session["user"] = "ada"
        return "in"

    @app.post("/logout")
    def logout() -> str:
        flask.session.clear()
        return "out"

    @app.get("/legacy-user")
    def user() -> Any:
        return {"user": flask.session.get("user"), "cart": flask.session.get("cart")}

    return app


def shop(**options: Any) -> Fenrir:
    app = Fenrir(**options.pop("settings", {}))
    app.take_over(login_app(), **options)

    @app.get("/user")
    def user() -> Any:
        return {"user": session.get("user"), "cart": session.get("cart")}

    @app.post("/cart")
    def cart() -> Any:
        session["cart"] = 3
        return {}

    @app.post("/our-logout")
    def our_logout() -> Any:
        session.clear()
        return {}

    return app


def as_a_browser(app: Any, *requests: Tuple[str, str]) -> List[Any]:
    """Send requests with the cookies that the responses set, and return the bodies."""
    from tests.asgi import Server, run

    async def scenario() -> List[Any]:
        server, cookies, bodies = Server(app), {}, []  # type: ignore[var-annotated]
        await server.startup()
        for method, path in requests:
            sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
            answer = await server.ask(method, path, headers={"cookie": sent} if sent else {})
            for cookie in answer.headers.getlist("set-cookie"):
                name, _, value = cookie.partition(";")[0].partition("=")
                cookies[name] = value
                if not value:
                    del cookies[name]
            bodies.append(json.loads(answer.body) if answer.body.startswith(b"{") else answer.text)
        await server.shutdown()
        return bodies

    return run(scenario())


def test_a_login_at_the_legacy_application_is_one_at_ours_and_the_reverse() -> None:
    bodies = as_a_browser(
        shop(), ("GET", "/user"), ("POST", "/login"), ("GET", "/user"), ("POST", "/cart"), ("GET", "/legacy-user")
    )
    nobody, both = {"user": None, "cart": None}, {"user": "ada", "cart": 3}
    assert [bodies[0], bodies[2], bodies[4]] == [nobody, {"user": "ada", "cart": None}, both]


@pytest.mark.parametrize("path", ["/logout", "/our-logout"])
def test_one_logout_ends_both(path: str) -> None:
    bodies = as_a_browser(shop(), ("POST", "/login"), ("POST", path), ("GET", "/user"), ("GET", "/legacy-user"))
    assert [body["user"] for body in bodies[2:]] == [None, None]


def test_a_session_is_not_shared_unless_it_may_be() -> None:
    app = shop(share_session=False)
    assert app.settings["secret_key"] is None


def test_different_keys_are_said_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "fenrir.takeover"):
        ask(shop(settings={"secret_key": "another key"}))
    assert "different secret keys" in caplog.text
