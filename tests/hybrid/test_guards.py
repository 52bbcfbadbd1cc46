"""Each cell of the table of guards, and the guards of the application classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, List

import pytest
from tests.asgi import Socket, ask, fetch, run
from tests.hybrid.guards import GUARDS, KINDS, SECRET, Guard, Kind, Resource, as_markdown, give_away, raw, wsgi

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir import Depends, Fenrir
from fenrir_core import App
from fenrir_fastapi import APIRouter, HTTPException
from fenrir_fastapi.routing import Mount, Route, WebSocketRoute
from fenrir_fastapi.staticfiles import StaticFiles

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guarantees.md"
HOST = {"host": "testserver"}
HTTP_KINDS = [kind for kind in KINDS if not kind.is_websocket]
BY_NAME = {"ids": lambda value: getattr(value, "name", str(value))}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "site").write_text(SECRET, encoding="utf-8")
    return tmp_path


async def visit(app: Any, kind: Kind, method: str = "GET") -> str:
    """Return what a client gets to see: status and body, or what a WebSocket sends."""
    if not kind.is_websocket:
        answer = await ask(app, method, "/site", headers=HOST)
        return f"{answer.status} {answer.text}"
    socket = Socket(app, "/site", headers=HOST)
    socket.start()
    await socket.until(lambda: socket.heard or socket.types[-1:] in (["close"], ["http.response.body"]))
    socket.close()
    answer = await socket.finish()
    return f"{answer.status} {answer.text}{''.join(map(str, socket.heard))}"


async def refusal(app: Any, path: str) -> int:
    """Return the status with which a handshake is refused."""
    return (await Socket(app, path).finish()).status


@pytest.mark.parametrize("kind", KINDS, **BY_NAME)
def test_without_a_guard_everyone_sees_the_secret(kind: Kind, files: Path) -> None:
    app = Fenrir()
    kind.site(app, files)
    assert SECRET in run(visit(app, kind))


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("kind", KINDS, **BY_NAME)
def test_a_guard_holds(kind: Kind, guard: str, files: Path) -> None:
    app = GUARDS[guard]()
    kind.site(app, files)
    assert run(visit(app, kind)) == "401 no"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("kind", HTTP_KINDS, **BY_NAME)
def test_a_guard_holds_for_derived_methods_and_unknown_ones(kind: Kind, method: str, files: Path) -> None:
    app = GUARDS["`before_request`"]()
    kind.site(app, files)
    assert run(visit(app, kind, method)) == ("401 " if method == "HEAD" else "401 no")


def test_the_page_prints_this_table() -> None:
    assert as_markdown() in PAGE.read_text(encoding="utf-8")


def test_a_guard_is_called_once_by_a_route_that_handles_by_itself(files: Path) -> None:
    calls: List[str] = []
    kind = next(kind for kind in KINDS if kind.name == "route class whose `handle` calls the original")
    app = Fenrir()
    kind.site(app, files)

    @app.before_request
    def count() -> None:
        calls.append("before")

    assert (run(visit(app, kind)), calls) == ("200 " + f'"{SECRET}"', ["before"])


def test_dependencies_of_an_inclusion_guard_endpoints_of_the_request_alone() -> None:
    def refuse() -> None:
        raise HTTPException(401)

    async def serve(request: Any) -> Any:
        raise AssertionError

    app = Fenrir()
    items: Any = [Route("/site", serve), WebSocketRoute("/socket", serve)]
    app.include_router(APIRouter(routes=items), dependencies=[Depends(refuse)])
    assert fetch(app, "GET", "/site").status == 401
    assert run(refusal(app, "/socket")) == 401


def test_a_body_that_a_guard_has_read_reaches_an_asgi_endpoint() -> None:
    async def echo(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        await fenrir_fastapi.Response(message["body"])(scope, receive, send)

    class Echo:
        def __init__(self, *arguments: Any) -> None:
            self.arguments = arguments

        def __await__(self) -> Any:
            return echo(*self.arguments).__await__()

    app = Fenrir()
    app.include_router(APIRouter(routes=[Route("/echo", Echo)]))

    @app.before_request
    def look() -> None:
        return None

    assert fetch(app, "POST", "/echo", body=b"hello").body == b"hello"


def test_a_guard_that_lets_a_websocket_in_does_not_disturb_it() -> None:
    app = Fenrir()

    @app.before_request
    def look() -> None:
        return None

    async def main() -> Socket:
        app.websocket("/site")(_greet)
        socket = Socket(app, "/site")
        await socket.finish()
        return socket

    assert run(main()).heard == ["hello"]


async def _greet(websocket: Any) -> None:
    await websocket.accept()
    await websocket.send_text("hello")


def test_a_websocket_is_not_refused_with_success() -> None:
    app = Fenrir()
    app.websocket("/site")(_greet)

    @app.before_request
    def guard() -> Any:
        return {"please": "log in"}

    assert run(refusal(app, "/site")) == 403


# -------------------------------------------------------------------- application classes


def falcon_app(**options: Any) -> Any:
    return fenrir_falcon.App(**options)


def _refuse() -> None:
    raise HTTPException(401, "no")


class Refusing:
    async def process_request(self, req: Any, resp: Any) -> None:
        raise fenrir_falcon.HTTPUnauthorized()

    async def process_request_ws(self, req: Any, ws: Any) -> None:
        raise fenrir_falcon.HTTPUnauthorized()


def of_falcon(app: Any, files: Path) -> List[str]:
    async def take_all(req: Any, resp: Any) -> None:
        resp.text = SECRET

    app.add_route("/resource", Resource())
    app.add_sink(take_all, "/sink")
    app.add_static_route("/static", files)
    return ["/resource", "/sink/x", "/static/site", "/unknown", *mounts(app)]


def of_flask(app: Any, files: Path) -> List[str]:
    app.add_url_rule("/view", "view", lambda: SECRET)
    blueprint = fenrir_flask.Blueprint("part", __name__, static_folder=str(files), static_url_path="/files")
    blueprint.route("/blueprint")(lambda: SECRET)
    app.register_blueprint(blueprint)
    return ["/view", "/blueprint", "/files/site", "/unknown", *mounts(app)]


def of_sanic(app: Any, files: Path) -> List[str]:
    async def serve(request: Any) -> Any:
        return fenrir_sanic.text(SECRET)

    app.add_route(serve, "/handler")
    app.static("/static", str(files))
    return ["/handler", "/static/site", "/unknown", *mounts(app)]


def of_bottle(app: Any, files: Path) -> List[str]:
    app.route("/callback")(lambda: SECRET)
    app.route("/static/<path:path>")(lambda path: fenrir_bottle.static_file(path, root=str(files)))
    other = fenrir_bottle.Bottle()
    other.route("/merged")(lambda: SECRET)
    app.merge(other)
    app.mount_wsgi(wsgi, prefix="/legacy")
    return ["/callback", "/static/site", "/merged", "/unknown", "/legacy/x", *mounts(app)]


def mounts(app: Any) -> List[str]:
    """Mount apps, and return a path of each."""
    inner = Fenrir()
    inner.get("/site")(lambda: SECRET)
    app.mount("/asgi", raw)
    app.mount("/fenrir", inner)
    return ["/asgi/", "/fenrir/site", "/fenrir/unknown"]


def of_mounting_fastapi(app: Any, files: Path) -> List[str]:
    router = APIRouter()
    router.get("/site")(lambda: SECRET)
    inner: Any = Mount("/inner", routes=[Route("/site", give_away)])
    app.mount("/static", StaticFiles(directory=files))
    app.mount("/router", router)
    app.router.routes.append(inner)
    paths = ["/static/site", "/router/site", "/router/unknown", "/inner/site"]
    return [*of_fastapi(app, files), *paths, *mounts(app)]


def of_fastapi(app: Any, files: Path) -> List[str]:
    app.get("/function", response_model=str, status_code=201)(lambda: SECRET)
    for kind in KINDS:
        if kind.name.startswith("route class with"):
            kind.site(app, files)
    app.frontend("/files", directory=str(files))
    return ["/function", "/site", "/files/site"]


def guarded_flask() -> Any:
    app = fenrir_flask.Flask(__name__)
    app.before_request(lambda: ("no", 401))
    return app


def guarded_sanic() -> Any:
    app = fenrir_sanic.Sanic("guarded")

    @app.on_request
    async def guard(request: Any) -> Any:
        return fenrir_sanic.text("no", 401)

    return app


def guarded_bottle() -> Any:
    app = fenrir_bottle.Bottle()

    @app.hook("before_request")
    def guard() -> None:
        fenrir_bottle.abort(401)

    return app


PURE = [
    pytest.param(guarded_flask, of_flask, id="Flask: before_request"),
    pytest.param(guarded_sanic, of_sanic, id="Sanic: on_request"),
    pytest.param(lambda: falcon_app(middleware=[Refusing()]), of_falcon, id="Falcon: process_request"),
    pytest.param(guarded_bottle, of_bottle, id="Bottle: before_request"),
    pytest.param(
        lambda: fenrir_fastapi.FastAPI(dependencies=[Depends(_refuse)]), of_fastapi, id="FastAPI: dependencies"
    ),
    pytest.param(lambda: fenrir_flask.Flask(__name__, plugins=[Guard()]), of_flask, id="Flask: RouteHook"),
    pytest.param(lambda: fenrir_sanic.Sanic("hooked", plugins=[Guard()]), of_sanic, id="Sanic: RouteHook"),
    pytest.param(lambda: falcon_app(plugins=[Guard()]), of_falcon, id="Falcon: RouteHook"),
    pytest.param(lambda: fenrir_bottle.Bottle(plugins=[Guard()]), of_bottle, id="Bottle: RouteHook"),
    pytest.param(lambda: fenrir_fastapi.FastAPI(plugins=[Guard()]), of_mounting_fastapi, id="FastAPI: RouteHook"),
]


@pytest.mark.parametrize(("make", "site"), PURE)
def test_a_guard_holds_in_an_application_class(
    make: Callable[[], App], site: Callable[[App, Path], List[str]], files: Path
) -> None:
    app = make()
    paths = site(app, files)

    async def main() -> List[int]:
        return [(await ask(app, "GET", path, headers=HOST)).status for path in paths]

    assert run(main()) == [401] * len(paths)


def websocket_falcon() -> Any:
    return falcon_app(middleware=[Refusing()])


@pytest.mark.parametrize("make", [guarded_flask, guarded_sanic, websocket_falcon, guarded_bottle])
def test_a_guard_of_an_application_class_holds_for_the_websockets_of_a_mount(make: Callable[[], App]) -> None:
    app = make()
    app.mount("/asgi", raw)
    assert run(refusal(app, "/asgi")) == 401


def test_dependencies_of_fastapi_are_not_those_of_its_mounts() -> None:
    app = fenrir_fastapi.FastAPI(dependencies=[Depends(_refuse)])
    app.mount("/asgi", raw)
    assert fetch(app, "GET", "/asgi/").status == 200
