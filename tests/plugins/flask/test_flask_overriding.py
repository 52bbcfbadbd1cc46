"""What subclasses of the class `Flask` override, and middleware and signals around its requests."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any, List

import pytest
from tests.plugins.flask.asking import Ask

from fenrir_core.testing import SyncClient
from fenrir_flask import (
    Flask,
    Request,
    Response,
    g,
    make_response,
    request,
    request_started,
)


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


class Tracing(Flask):
    """An app whose steps leave a trace."""

    def preprocess_request(self, *args: Any) -> Any:
        g.trace = ["preprocess"]
        return super().preprocess_request(*args)

    def dispatch_request(self, *args: Any) -> Any:
        g.trace.append("dispatch")
        return super().dispatch_request(*args)

    def make_response(self, rv: Any) -> Any:
        g.trace.append("make")
        return super().make_response(rv)

    def process_response(self, response: Any) -> Any:  # type: ignore[override]
        response = super().process_response(response)
        response.headers["X-Trace"] = ", ".join([*g.trace, "process"])
        return response


def test_overridden_steps_of_a_request_are_called_in_order(ask: Ask) -> None:
    app = Tracing(__name__)
    app.add_url_rule("/", "index", lambda: "x")

    assert ask(app).headers["x-trace"] == "preprocess, dispatch, make, process"


def test_a_step_that_is_overridden_with_the_context_as_parameter_gets_it(ask: Ask) -> None:
    class My(Flask):
        def full_dispatch_request(self, ctx: Any) -> Any:
            response = super().full_dispatch_request(ctx)
            response.headers["X-Path"] = ctx.request.path
            return response

    app = My(__name__)
    app.add_url_rule("/a", "a", lambda: "x")

    assert ask(app, "/a").headers["x-path"] == "/a"


def test_a_step_that_is_replaced_in_the_app_is_called(app: Flask, ask: Ask) -> None:
    def handle(error: Exception) -> Any:
        return f"handled {error}", 418

    app.handle_user_exception = handle  # type: ignore[method-assign,assignment]
    app.add_url_rule("/", "index", lambda: 1 / 0)

    assert ask(app)[:2] == (418, "handled division by zero")


def test_asynchronous_views_of_an_app_with_steps_of_its_own_share_the_loop_of_the_server() -> None:
    app = Tracing(__name__)
    loops: List[Any] = []

    @app.route("/")
    async def view() -> str:
        loops.append(asyncio.get_running_loop())
        return "x"

    with SyncClient(app) as client:
        assert [client.get("/").status for _ in range(2)] == [200, 200]
    assert loops[0] is loops[1]


def test_what_an_asynchronous_hook_sets_in_the_context_is_seen_by_the_view(app: Flask, ask: Ask) -> None:
    tenant: ContextVar[str] = ContextVar("tenant", default="none")

    @app.before_request
    async def find() -> None:
        tenant.set("acme")

    app.add_url_rule("/", "index", lambda: tenant.get())
    assert ask(app).text == "acme"


def test_classes_of_requests_and_responses_are_used_where_no_step_is_overridden(ask: Ask) -> None:
    class MyRequest(Request):
        @property
        def tenant(self) -> str:
            return self.headers.get("X-Tenant", "none")

    class MyResponse(Response):
        default_mimetype = "text/plain"

    class My(Flask):
        request_class = MyRequest
        response_class = MyResponse
        secret_key = "s"  # type: ignore[assignment]

    app = My(__name__)
    app.add_url_rule("/", "index", lambda: make_response(request.tenant))  # type: ignore[attr-defined]

    answer = ask(app, headers={"X-Tenant": "acme"})
    assert (answer.text, answer.headers["content-type"]) == ("acme", "text/plain; charset=utf-8")


def test_an_app_that_overrides_nothing_is_served_by_compiled_routes(app: Flask) -> None:
    app.add_url_rule("/", "index", lambda: "x")
    assert [target.route.name for target in app.compiled_routes] == ["static", "index"]
    tracing = Tracing(__name__)
    assert [target.route.name for target in tracing.compiled_routes] == []


def test_middleware_around_wsgi_app_is_called(app: Flask, ask: Ask) -> None:
    inner = app.wsgi_app

    def middleware(environ: Any, start_response: Any) -> Any:
        environ["HTTP_X_FROM"] = "middleware"
        return inner(environ, start_response)

    app.wsgi_app = middleware  # type: ignore[method-assign]
    app.add_url_rule("/", "index", lambda: request.headers["X-From"])

    assert ask(app).text == "middleware"


def test_signals_of_requests_are_sent(app: Flask, ask: Ask) -> None:
    seen: List[Any] = []

    def started(sender: Any, **extra: Any) -> None:
        seen.append(request.path)

    app.add_url_rule("/a", "a", lambda: "x")
    with request_started.connected_to(started, app):
        ask(app, "/a")
    assert seen == ["/a"]


def test_a_signal_that_is_connected_while_the_app_serves_is_sent(app: Flask) -> None:
    seen: List[str] = []

    def started(sender: Any, **extra: Any) -> None:
        seen.append(request.path)

    app.add_url_rule("/<name>", "view", lambda name: name)
    with SyncClient(app) as client:
        client.get("/before")
        with request_started.connected_to(started, app):
            assert client.get("/during").body == b"during"
        assert client.get("/after").body == b"after"
    assert seen == ["/during"]
