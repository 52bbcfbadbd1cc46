# mypy: disable-error-code="no-untyped-def, no-untyped-call, import-not-found, import-untyped, misc"
"""Plugins of outsiders, one of each kind, in every style of handlers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, List, Optional

import pytest

import fenrir
from fenrir_core import BuildError, Fenrir
from fenrir_core.testing import Refused, SyncClient, check_plugin, make_app

PLUGINS = ("metrics", "database", "users", "pages", "skus")
STYLES = ("/kernel", "/fastapi", "/flask", "/falcon", "/sanic", "/specs", "/urlconf")


@pytest.fixture(autouse=True)
def _installed(installed: Path) -> None:
    """Have the distributions installed."""


def everywhere(annotation: Any, use: Any) -> Fenrir:
    """Return an app with a route of each style: it answers with `await use(value)` of a parameter."""
    import acme_urlconf.urls as urls
    import acme_urlconf.views as views
    from acme_specs.web import RequestHandler

    import fenrir_fastapi
    import fenrir_flask
    import fenrir_sanic
    import fenrir_sanic.response

    app = Fenrir()
    router, flask, sanic = fenrir_fastapi.APIRouter(), fenrir_flask.Blueprint("f", "f"), fenrir_sanic.Blueprint("s")

    async def kernel(value):
        return await use(value)

    async def sanic_handler(request, value):
        return fenrir_sanic.response.json(await use(value))

    class Resource:
        async def on_get(self, req, resp, value):
            resp.media = await use(value)

    class Handler(RequestHandler):
        async def get(self, value):
            self.write({"value": await use(value)})

    async def view(request, value):
        return views.JsonResponse({"value": await use(value)})

    async def fastapi(value):
        return {"value": await use(value)}

    async def flask_view(value):
        return {"value": await use(value)}

    for function in (kernel, sanic_handler, Resource.on_get, Handler.get, view, fastapi, flask_view):
        function.__annotations__["value"] = annotation
    app.get("/kernel")(kernel)
    router.get("/fastapi")(fastapi)
    app.include_router(router)
    flask.route("/flask")(flask_view)
    app.register_blueprint(flask)
    app.add_route("/falcon", Resource())
    sanic.get("/sanic")(sanic_handler)
    app.blueprint(sanic)
    app.add_handlers([("/specs", Handler)])
    app.add_urls([urls.path("urlconf", view)])
    return app


@pytest.mark.parametrize("name", PLUGINS)
def test_an_outside_plugin_passes_the_check(name: str) -> None:
    check_plugin(f"acme_plugins.{name}", serve=True)


def test_metrics_are_counted_by_template_beside_another_observer_and_below_mounts() -> None:
    from acme_plugins import metrics

    class Second:
        """The same plugin once more, under another name."""

        fenrir_plugin = metrics.fenrir_plugin

        @metrics.hookimpl
        def fenrir_observers(self, build: Any) -> Any:
            responses = build.app.store(Seen).responses

            def count(observation: Any) -> None:
                responses[observation.scope["method"], observation.template or "unknown", observation.status] += 1

            yield metrics.Observer("second", on_end=count)

    class Seen(metrics.Metrics):
        pass

    inner = make_app([metrics])
    inner.get("/y/{number:int}")(lambda number: str(number))
    app = make_app([metrics, Second()])
    app.get("/items/{item_id}")(lambda item_id: item_id)
    app.mount("/inner", inner)
    with SyncClient(app) as client:
        for path in ("/items/1", "/items/2", "/inner/y/3", "/nowhere"):
            client.get(path)
        text = client.get("/metrics").text
    assert 'http_responses_total{method="GET",route="/items/{item_id}",status="200"} 2\n' in text
    expected = {("GET", "/items/{item_id}", 200): 2, ("GET", "/inner/y/{number}", 200): 1, ("GET", "unknown", 404): 1}
    for counts in (app.store(metrics.Metrics).responses, app.store(Seen).responses):
        assert {key: count for key, count in counts.items() if key[1] != "/metrics"} == expected
    assert inner.store(metrics.Metrics).responses == {("GET", "/inner/y/{number}", 200): 1}


def test_a_session_is_committed_or_rolled_back_in_every_style() -> None:
    from acme_plugins.database import Pool, Session

    async def use(session: Session) -> str:
        return await session.add("item")

    app = everywhere(Session, use)
    pool = app.store(Pool)
    with SyncClient(app) as client:
        assert pool.is_open
        for path in STYLES:
            pool.log.clear()
            assert "item" in client.get(path).text, path
            assert pool.log == ["add item", "commit"], path
    assert not pool.is_open

    async def fail(session: Session) -> str:
        raise ZeroDivisionError

    app = everywhere(Session, fail)
    pool = app.store(Pool)
    with SyncClient(app, raise_errors=False) as client:
        for path in STYLES:
            pool.log.clear()
            assert client.get(path).status == 500, path
            assert pool.log == ["roll back"], path


def test_the_users_parameter_is_one_in_every_style_and_in_websockets() -> None:
    from acme_plugins.users import User, current_user

    async def use(user: User) -> str:
        return f"{user.name} {current_user.name}"

    app = everywhere(User, use)
    token = {"authorization": "Bearer secret"}

    @app.get("/maybe")
    async def maybe(user: Optional[User]) -> str:
        return "nobody" if user is None else user.name

    @app.websocket("/ws")
    async def socket(websocket: fenrir.WebSocket, user: User) -> None:
        await websocket.accept()
        await websocket.send_text(user.name)

    with SyncClient(app) as client:
        for path in STYLES:
            assert "ada ada" in client.get(path, headers=token).text, path
            answer = client.get(path)
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), path
        assert [client.get("/maybe", headers=given).text for given in ({}, token)] == ["nobody", "ada"]
        with client.websocket("/ws", headers=token) as session:
            assert session.receive() == "ada"
        with pytest.raises(Refused) as refused, client.websocket("/ws"):
            pass
        assert refused.value.answer.status == 401
    document = app.openapi()
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    for path in STYLES:
        operation = document["paths"][path]["get"]
        assert operation["security"] == [{"bearer": []}], path
        assert "parameters" not in operation and "requestBody" not in operation, path


def test_pages_are_rendered_and_other_values_are_answered_as_ever() -> None:
    from acme_plugins import pages

    app = make_app([pages], acme_pages={"hello": "<p>Hello, $name</p>"})

    @app.get("/hello/{name}", page="hello")
    async def hello(name: str) -> Any:
        return ("gone", 410) if name == "nobody" else {"name": name}

    with SyncClient(app) as client:
        answer = client.get("/hello/%3Cb%3E")
        assert (answer.text, answer.headers["content-type"]) == (
            "<p>Hello, &lt;b&gt;</p>",
            "text/html; charset=utf-8",
        )
        assert client.get("/hello/nobody").status == 410
    wrong = make_app([pages])
    wrong.get("/", page="helo")(lambda: {})
    with pytest.raises(BuildError, match=r"test_plugins.py:\d+: there is no template 'helo'"):
        wrong.build()


def test_a_converter_makes_values_and_paths() -> None:
    from acme_plugins.skus import Sku

    app = Fenrir()

    @app.get("/articles/{sku:sku}")
    async def article(sku: Any) -> Any:
        return {"maker": sku.maker, "number": sku.number}

    with SyncClient(app) as client:
        assert client.get("/articles/AB-0012").json() == {"maker": "AB", "number": 12}
        assert client.get("/articles/AB-12").status == 404
    assert app.url_path("article", sku=Sku("AB", 12)) == "/articles/AB-0012"


APP = """
from contextlib import asynccontextmanager
from fenrir_core import App

@asynccontextmanager
async def lifespan(app):
    print("app starts", flush=True)
    yield
    print("app stops", flush=True)

app = App(paradigms=[], lifespan=lifespan)

@app.get("/items/{item_id:int}")
async def item(item_id: int):
    return {"item": item_id}
"""


def command(sources: Path, directory: Path, *words: str) -> subprocess.Popen[str]:
    """Start `fenrir` with the distributions installed."""
    (directory / "app.py").write_text(APP, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FENRIR_", "PYTEST_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "fenrir_cli", *words],
        cwd=str(directory),
        env={**kept, "PYTHONPATH": str(sources), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def test_a_command_is_listed_and_runs(sources: Path, tmp_path: Path) -> None:
    for words, shown in ((["paths"], "/items/{item_id:int}"), (["--help"], "paths")):
        process = command(sources, tmp_path, *words)
        told, _ = process.communicate(timeout=60)
        assert (process.returncode, shown in told) == (0, True), told


def test_a_server_serves_until_it_is_stopped(sources: Path, tmp_path: Path) -> None:
    process = command(sources, tmp_path, "run", "app:app", "--server", "tiny", "--port", "0")
    told: List[str] = []
    try:
        assert process.stdout is not None
        address = None
        while address is None:
            told.append(process.stdout.readline())
            assert told[-1], "".join(told)
            address = re.search(r"http://127\.0\.0\.1:\d+", told[-1])
        with urllib.request.urlopen(f"{address[0]}/items/7", timeout=30) as response:
            assert json.load(response) == {"item": 7}
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, "app stops" in rest) == (0, True), "".join(told) + rest
