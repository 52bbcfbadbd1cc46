"""What the URL of a route costs does not depend on the number of routes."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List

import pytest
from tests.profiling import profiled

import fenrir_bottle
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core.testing import Client

Make = Callable[[], str]


def hybrid(count: int, measure: Callable[[Make], object]) -> Any:
    app = Fenrir()
    for number in range(count):
        app.get(f"/items/{number}/{{id:int}}", name=f"item{number}")(lambda id: "")
    app.get("/", nonblocking=True)(lambda: measure(lambda: app.url_path("item3", id=5)))
    return app


def fastapi(count: int, measure: Callable[[Make], object]) -> Any:
    app, router = fenrir_fastapi.FastAPI(), fenrir_fastapi.APIRouter()
    for number in range(count):
        router.get(f"/{number}/{{id}}", name=f"item{number}")(lambda id: "")
    app.include_router(router, prefix="/items")

    async def index(request: fenrir_fastapi.Request) -> Any:
        return measure(lambda: request.url_for("item3", id=5).path)

    app.get("/")(index)
    return app


def flask(count: int, measure: Callable[[Make], object]) -> Any:
    app = fenrir_flask.Flask(__name__)
    for number in range(count):
        app.add_url_rule(f"/items/{number}/<int:id>", f"item{number}", lambda id: "")

    async def index() -> Any:
        return str(measure(lambda: fenrir_flask.url_for("item3", id=5)))

    app.add_url_rule("/", "index", index)
    return app


def sanic(count: int, measure: Callable[[Make], object]) -> Any:
    app, items = fenrir_sanic.Sanic(f"urls{count}"), fenrir_sanic.Blueprint("items", url_prefix="/items")

    async def item(request: Any, id: int) -> Any:
        return fenrir_sanic.response.empty()

    async def index(request: Any) -> Any:
        return fenrir_sanic.text(str(measure(lambda: str(app.url_for("items.item3", id=5)))))

    for number in range(count):
        items.add_route(item, f"/{number}/<id:int>", name=f"item{number}")
    app.blueprint(items)
    app.add_route(index, "/")
    return app


def bottle(count: int, measure: Callable[[Make], object]) -> Any:
    app = fenrir_bottle.Bottle()
    for number in range(count):
        app.route(f"/items/{number}/<id:int>", name=f"item{number}")(lambda id: "")

    async def index() -> Any:
        return str(measure(lambda: str(app.get_url("item3", id=5))))

    app.route("/")(index)
    return app


def calls_for_a_url(make_app: Any, count: int) -> int:
    """Return the number of calls for a second URL of a route in an app of so many."""
    calls: List[str] = []

    def note(frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            calls.append(event)

    def measure(make: Make) -> str:
        assert make() == "/items/3/5"
        with profiled(note):
            make()
        return "measured"

    async def ask() -> None:
        async with Client(make_app(count, measure)) as client:
            assert "measured" in (await client.get("/")).text

    asyncio.run(ask())
    return len(calls)


WAYS: Dict[str, Any] = {"hybrid": hybrid, "fastapi": fastapi, "flask": flask, "sanic": sanic, "bottle": bottle}


@pytest.mark.parametrize("way", WAYS)
def test_a_url_costs_the_same_among_many_routes(way: str) -> None:
    # a few more or less: on Python 3.8 `urlsplit` forgets what it has split after twenty URLs
    assert calls_for_a_url(WAYS[way], 200) < calls_for_a_url(WAYS[way], 10) + 50
