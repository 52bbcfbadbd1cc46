"""No value of a path parameter makes the URL of a route lead to another host."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, Tuple

import pytest

import fenrir_bottle
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core.testing import Client
from fenrir_fastapi.starlette.applications import Starlette
from fenrir_fastapi.starlette.responses import PlainTextResponse
from fenrir_fastapi.starlette.routing import Route

Built = Tuple[Any, Callable[[str], str]]


def hybrid() -> Built:
    app = Fenrir()
    app.get("/{found:path}", name="show", nonblocking=True)(lambda found: found)
    return app, lambda value: app.url_path("show", found=value)


def fastapi() -> Built:
    app = fenrir_fastapi.FastAPI(openapi_url=None)

    async def show(found: str) -> Any:
        return fenrir_fastapi.Response(found)

    app.get("/{found:path}", name="show")(show)
    return app, lambda value: app.url_path_for("show", found=value)


def starlette() -> Built:
    async def show(request: Any) -> Any:
        return PlainTextResponse(request.path_params["found"])

    app = Starlette(routes=[Route("/{found:path}", show, name="show")])
    return app, lambda value: app.url_path_for("show", found=value)


def flask() -> Built:
    app = fenrir_flask.Flask(__name__, static_folder=None)
    app.add_url_rule("/<path:found>", "show", lambda found: found)

    def build(value: str) -> str:
        with app.test_request_context("/"):
            return fenrir_flask.url_for("show", found=value)

    return app, build


def sanic() -> Built:
    app = fenrir_sanic.Sanic("built")

    async def show(request: Any, found: str) -> Any:
        return fenrir_sanic.text(found)

    app.add_route(show, "/<found:path>", name="show", unquote=True)
    return app, lambda value: app.url_for("show", found=value)


def bottle() -> Built:
    app = fenrir_bottle.Bottle()
    app.route("/<found:path>", name="show")(lambda found: found)
    return app, lambda value: app.get_url("show", found=value)


WAYS: Dict[str, Callable[[], Built]] = {
    "hybrid": hybrid,
    "fastapi": fastapi,
    "starlette": starlette,
    "flask": flask,
    "sanic": sanic,
    "bottle": bottle,
}
VALUES = ["/evil.example", "//evil.example", "\\evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("way", WAYS)
def test_a_built_path_begins_no_host(way: str, value: str) -> None:
    _, build = WAYS[way]()
    path = build(value)
    assert path.startswith("/") and path[1:2] not in ("/", "\\")


# Flask and Bottle leave slashes away that begin a value, as they do themselves
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("way", ["hybrid", "fastapi", "sanic"])
def test_the_route_gets_the_value_that_its_url_was_built_with(way: str, value: str) -> None:
    app, build = WAYS[way]()

    async def ask() -> str:
        async with Client(app) as client:
            return (await client.get(build(value))).text

    assert asyncio.run(ask()) == value
