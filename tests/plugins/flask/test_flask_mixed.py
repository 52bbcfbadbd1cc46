"""The Flask paradigm's names in what other paradigms write."""

from __future__ import annotations

import asyncio
from typing import Any

from fenrir import Depends, Fenrir, WebSocket, g, render_template_string, request, session
from fenrir_core.testing import Client
from fenrir_flask.views import MethodView


def test_a_dependency_writes_g_and_a_handler_reads_it_also_across_threads(browse: Any) -> None:
    app = Fenrir()

    def sync_user() -> str:
        g.user = request.args["user"]
        return "sync"

    async def async_user(first: str = Depends(sync_user)) -> str:
        g.user += "!"
        return first + " async"

    @app.get("/sync")
    def one(how: str = Depends(async_user)) -> Any:
        return [g.user, how]

    @app.get("/async")
    async def two(how: str = Depends(async_user)) -> Any:
        return [g.user, how]

    browser = browse(app)
    assert browser.get("/sync?user=a").json() == browser.get("/async?user=a").json() == ["a!", "sync async"]


def test_an_error_handler_may_have_dependencies(browse: Any) -> None:
    app = Fenrir()

    def who() -> str:
        return request.headers["x-who"]

    @app.exception(ValueError)
    def refuse(error: ValueError, who: str = Depends(who)) -> Any:
        return [str(error), who]

    @app.get("/")
    async def index() -> None:
        raise ValueError("bad")

    assert browse(app).get("/", headers={"x-who": "me"}).json() == ["bad", "me"]


def test_a_hook_may_have_dependencies(browse: Any) -> None:
    app = Fenrir()

    def who() -> str:
        return "me"

    @app.before_request
    async def keep(who: str = Depends(who)) -> None:
        g.who = who

    @app.get("/")
    async def index() -> str:
        return str(g.who)

    assert browse(app).get("/").text == "me"


def test_a_falcon_resource_and_sanic_middleware_see_the_locals(browse: Any) -> None:
    app = Fenrir(secret_key="key")

    @app.middleware("request")
    async def mark(request: Any) -> None:
        g.mark = "marked"

    class Page:
        async def on_get(self, req: Any, resp: Any) -> None:
            session["seen"] = True
            resp.text = render_template_string("{{ g.mark }} {{ request.path }}")

        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = request.form.to_dict()

    app.add_route("/page", Page())
    browser = browse(app)
    answer = browser.get("/page")

    assert answer.text == "marked /page"
    assert "session" in answer.cookies
    assert browser.post("/page", data={"a": "1"}).json() == {"a": "1"}


def test_a_websocket_has_g_the_query_and_the_session() -> None:
    app = Fenrir(secret_key="key")

    @app.websocket("/ws")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        g.n = request.args["n"]
        await websocket.send_text(f"{g.n} {session.get('n')} {request.path}")

    async def ask() -> Any:
        async with Client(app) as client, client.websocket("/ws?n=1") as socket:
            return await socket.receive()

    assert asyncio.run(ask()) == "1 None /ws"


def test_a_background_task_and_a_stream_run_in_the_requests_context(browse: Any) -> None:
    app, seen = Fenrir(), []

    @app.get("/")
    async def index() -> Any:
        g.a = 1

        async def pieces() -> Any:
            yield str(g.a)
            g.a += 1
            yield str(g.a)

        return pieces()

    @app.teardown_request
    async def end(error: Any) -> None:
        seen.append(g.a)

    assert browse(app).get("/").text == "12"
    assert seen == [2]


def test_the_methods_of_a_view_class_have_parameters_of_their_own(browse: Any) -> None:
    app = Fenrir()

    def token() -> str:
        return request.headers["x-token"]

    class Pets(MethodView):
        def get(self, limit: int = 5) -> Any:
            return {"limit": limit}

        async def post(self, token: str = Depends(token)) -> Any:
            return {"token": token, "method": request.method}

    app.add_url_rule("/pets", view_func=Pets.as_view("pets"))
    browser = browse(app)

    assert browser.get("/pets?limit=7").json() == {"limit": 7}
    assert browser.post("/pets", headers={"x-token": "t"}).json() == {"token": "t", "method": "POST"}
    assert browser.ask("HEAD", "/pets").status_code == 200
    assert browser.ask("PUT", "/pets").headers["allow"] == "GET, HEAD, OPTIONS, POST"
