"""Requests are freed when they end, not when the garbage collector runs."""

from __future__ import annotations

import asyncio
import gc
import importlib
from typing import Any, Callable, Dict

import pytest

ROUNDS = 20


def fastapi_app() -> Any:
    module = importlib.import_module("fenrir_fastapi")
    app = module.FastAPI()

    @app.post("/things/{number}")
    async def work(number: int, request: module.Request, limit: int = 1) -> Dict[str, Any]:
        return {"number": number, "limit": limit, "body": (await request.body()).decode(), "url": str(request.url)}

    return app


def flask_app() -> Any:
    flask = importlib.import_module("fenrir_flask")
    app = flask.Flask("bench")

    @app.before_request
    def load() -> None:
        flask.g.user = flask.request.args["limit"]

    @app.post("/things/<int:number>")
    async def work(number: int) -> Dict[str, Any]:
        return {"number": number, "user": flask.g.user, "body": flask.request.get_data(as_text=True)}

    return app


def falcon_app() -> Any:
    app = importlib.import_module("fenrir_falcon").App()

    class Work:
        async def on_post(self, req: Any, resp: Any, number: str) -> None:
            resp.set_header("x-limit", req.get_param("limit"))
            resp.media = {"number": number, "body": (await req.stream.read()).decode()}

    app.add_route("/things/{number}", Work())
    return app


def sanic_app() -> Any:
    sanic = importlib.import_module("fenrir_sanic")
    app = sanic.Sanic("bench")

    @app.on_request
    async def look(request: Any) -> None:
        request.ctx.limit = request.args.get("limit")

    @app.post("/things/<number:int>")
    async def work(request: Any, number: int) -> Any:
        return sanic.response.json({"number": number, "limit": request.ctx.limit, "body": request.body.decode()})

    return app


def bottle_app() -> Any:
    bottle = importlib.import_module("fenrir_bottle")
    app = bottle.Bottle()

    @app.post("/things/<number:int>")
    def work(number: int) -> Dict[str, Any]:
        return {"number": number, "limit": bottle.request.query.limit, "body": bottle.request.body.read().decode()}

    return app


async def request(app: Any) -> int:
    """Send one request as a server does, without a client that keeps anything; return the status."""
    statuses = []

    async def receive() -> Dict[str, Any]:
        return {"type": "http.request", "body": b"data", "more_body": False}

    async def send(message: Dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/things/7",
        "raw_path": b"/things/7",
        "query_string": b"limit=3",
        "root_path": "",
        "headers": [(b"host", b"test")],
    }
    await app(scope, receive, send)
    return statuses[0]


@pytest.mark.parametrize("make", [fastapi_app, flask_app, falcon_app, sanic_app, bottle_app])
def test_a_request_is_freed_when_it_ends(make: Callable[[], Any]) -> None:
    async def main() -> int:
        app = make()
        await app.lifespan_manager.start()
        try:
            assert await request(app) == 200
            gc.collect()
            gc.disable()
            try:
                for _ in range(ROUNDS):
                    await request(app)
                return gc.collect()
            finally:
                gc.enable()
        finally:
            await app.lifespan_manager.stop()

    # the garbage of the event loop itself is less than one object per request
    assert asyncio.run(main()) < ROUNDS
