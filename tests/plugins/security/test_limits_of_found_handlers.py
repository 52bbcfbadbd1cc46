"""Limits on handlers without a compiled route: a paradigm's own router, sink or dispatch finds them."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, List

import pytest
from werkzeug.test import Client as WSGIClient

from fenrir_core import Request
from fenrir_core.testing import SyncClient
from fenrir_falcon import App as Falcon
from fenrir_falcon.routing import CompiledRouter
from fenrir_flask import Flask, signals
from fenrir_flask.views import MethodView
from fenrir_security import rate_limit


class Things:
    """A resource whose responders have limits."""

    @rate_limit("1/minute")
    async def on_get(self, req: Any, resp: Any, **fields: str) -> None:
        resp.text = "things"

    @rate_limit("2/minute")
    def on_post(self, req: Any, resp: Any, **fields: str) -> None:
        resp.text = "posted"

    async def on_put(self, req: Any, resp: Any, **fields: str) -> None:
        resp.text = "put"


class OwnRouter:
    """A router of the user's own, which has no templates and makes its responders anew for each request."""

    def __init__(self) -> None:
        self.resources: Dict[str, Any] = {}

    def add_route(self, path: str, resource: Any, **options: Any) -> None:
        self.resources[path] = resource

    def find(self, path: str, req: Any = None) -> Any:
        resource = self.resources.get("/" + path.split("/")[1])
        if resource is None:
            return None
        return resource, {"GET": resource.on_get, "POST": resource.on_post, "PUT": resource.on_put}, {}


def statuses(client: SyncClient, *requests: str) -> List[int]:
    """Return the statuses of requests such as ``GET /path``."""
    return [client.request(*request.split()).status for request in requests]


@pytest.mark.parametrize("router", [None, CompiledRouter, OwnRouter])
def test_a_limit_of_a_responder_holds_whatever_router_finds_it(router: Any) -> None:
    app = Falcon() if router is None else Falcon(router=router())
    path = "/things" if router is OwnRouter else "/things/{a}.{b}"
    app.add_route(path, Things())
    with SyncClient(app) as client:
        # by template and not by path, so that no client escapes with another value
        assert statuses(client, "GET /things/1.2", "GET /things/3.4") == [200, 429]
        assert statuses(client, *["POST /things/1.2"] * 3) == [200, 200, 429]
        assert statuses(client, *["PUT /things/1.2"] * 3) == [200, 200, 200]


def test_a_limit_of_a_sink_holds() -> None:
    app = Falcon()

    @rate_limit("1/minute")
    async def sink(req: Any, resp: Any) -> None:
        resp.text = "sink"

    @rate_limit("1/minute")
    def in_thread(req: Any, resp: Any) -> None:
        resp.text = "in thread"

    app.add_sink(sink, "/sink")
    app.add_sink(in_thread, "/thread")
    with SyncClient(app) as client:
        assert statuses(client, "GET /sink/1", "POST /sink/2") == [200, 429]
        assert statuses(client, "GET /thread", "GET /thread") == [200, 429]
        answer = client.get("/sink")
        assert (answer.headers["ratelimit-policy"], answer.headers["retry-after"]) == ('"1/minute";q=1;w=60', "60")


def test_the_limit_of_the_app_counts_such_a_request_too() -> None:
    app = Falcon(rate_limit="3/minute")
    app.add_sink(rate_limit("2/minute")(lambda req, resp: None), "/sink")
    with SyncClient(app) as client:
        assert statuses(client, *["GET /sink"] * 3, "GET /other") == [200, 200, 429, 429]


class Overriding(Flask):
    """An app that dispatches requests itself."""

    def dispatch_request(self) -> Any:  # type: ignore[override]  # as code for Flask has it
        return super().dispatch_request()


def plain(**settings: Any) -> Flask:
    return Flask("limits", **settings)


def overriding(**settings: Any) -> Flask:
    return Overriding("limits", **settings)


def with_a_converter(**settings: Any) -> Flask:
    app = Flask("limits", **settings)
    app.add_url_rule("/other/<any(a, b):item>", "other", lambda item: item)
    return app


def with_middleware(**settings: Any) -> Flask:
    app = Flask("limits", **settings)
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(environ, start_response)  # type: ignore[method-assign]
    return app


def with_trusted_hosts(**settings: Any) -> Flask:
    app = Flask("limits", **settings)
    app.config["TRUSTED_HOSTS"] = ["test"]
    return app


each_flask = pytest.mark.parametrize("make", [plain, overriding, with_a_converter, with_middleware, with_trusted_hosts])


@each_flask
def test_a_limit_of_a_view_holds_however_the_app_is_served(make: Callable[[], Flask]) -> None:
    app = make()

    @app.route("/marked/<int:number>")
    @rate_limit("1/minute")
    def marked(number: int) -> str:
        return "marked"

    @app.route("/option", rate_limit="1/minute", methods=["GET", "POST"])
    def option() -> str:
        return "option"

    @app.route("/free")
    def free() -> str:
        return "free"

    with SyncClient(app) as client:
        assert statuses(client, "GET /marked/1", "GET /marked/2", "HEAD /marked/3") == [200, 429, 429]
        assert statuses(client, "GET /option", "POST /option", "OPTIONS /option") == [200, 429, 200]
        assert statuses(client, *["GET /free"] * 3) == [200, 200, 200]
        assert client.get("/option").headers["retry-after"] == "60"


@each_flask
def test_a_limit_of_a_method_of_a_view_holds(make: Callable[[], Flask]) -> None:
    class View(MethodView):
        @rate_limit("1/minute")
        def get(self) -> str:
            return "got"

        def post(self) -> str:
            return "posted"

    app = make()
    app.add_url_rule("/view", view_func=View.as_view("view"))
    with SyncClient(app) as client:
        assert statuses(client, "GET /view", "GET /view", "POST /view", "POST /view") == [200, 429, 200, 200]


@each_flask
def test_a_key_of_the_request_is_counted_by(make: Callable[[], Flask]) -> None:
    async def by_key(request: Request) -> Any:
        return request.headers.get("x-key")

    app = make()
    app.add_url_rule("/", "home", rate_limit("1/minute", key=by_key)(lambda: "home"))
    with SyncClient(app) as client:
        found = [client.get("/", headers={"x-key": key}).status for key in ("a", "a", "b", "b")]
        assert found == [200, 429, 200, 429]


def test_a_refused_request_reaches_the_error_handlers_and_not_the_view_of_an_app_that_dispatches_itself() -> None:
    app, called = overriding(), []

    @app.errorhandler(429)
    def slower(error: Any) -> Any:
        return "slower", 429

    @app.route("/")
    @rate_limit("1/minute")
    def home() -> str:
        called.append("home")
        return "home"

    with SyncClient(app) as client:
        client.get("/")
        answer = client.get("/")
    assert (answer.status, answer.text, answer.headers["retry-after"]) == (429, "slower", "60")
    assert called == ["home"]


def test_a_limit_holds_where_signals_have_receivers() -> None:
    app = plain()
    app.add_url_rule("/", "home", rate_limit("1/minute")(lambda: "home"))

    def received(sender: Any, **details: Any) -> None:
        pass

    with SyncClient(app) as client:
        assert statuses(client, "GET /") == [200]
        with signals.request_started.connected_to(received, app):
            assert statuses(client, "GET /", "GET /") == [429, 429]


@each_flask
@pytest.mark.parametrize("settings", [{}, {"csrf": True}])
def test_a_wsgi_server_is_no_way_around_the_guards_of_a_flask_app(make: Callable[..., Flask], settings: Any) -> None:
    app = make(**settings)
    app.add_url_rule("/", "home", rate_limit("1/minute")(lambda: "home"))
    app.add_url_rule("/order", "order", lambda: "ordered", methods=["POST"])
    client = WSGIClient(app)
    assert [client.get("/", headers={"host": "test"}).status_code for _ in range(2)] == [200, 429]
    assert client.post("/order", headers={"host": "test"}).status_code == (403 if settings else 200)


def test_a_wsgi_server_calls_the_methods_of_a_flask_app_without_guards() -> None:
    app, threads = Flask("limits"), []
    app.add_url_rule("/", "home", lambda: str(threads.append(threading.current_thread())))
    assert WSGIClient(app).get("/").status_code == 200
    assert threads == [threading.current_thread()]


def test_the_test_client_of_a_flask_app_calls_its_methods() -> None:
    app = Flask("limits", csrf=True)
    app.add_url_rule("/", "home", rate_limit("1/minute")(lambda: "home"), methods=["POST"])
    client = app.test_client()
    assert [client.post("/").status_code for _ in range(2)] == [200, 200]
