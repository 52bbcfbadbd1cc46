"""The framework's own events of the start, the stop and WebSockets, and WebSockets by host."""

from __future__ import annotations

import asyncio
from typing import Any, List

import pytest

from fenrir_core.testing import Client, Refused
from fenrir_sanic import Request, Sanic, Websocket


def test_the_start_and_stop_are_events_after_the_listeners_of_their_phases() -> None:
    app, seen = Sanic("life"), []  # type: Sanic, List[str]
    for event in ("server.init.before", "server.init.after", "server.shutdown.before", "server.shutdown.after"):
        app.signal(event)(lambda app, loop, event=event: seen.append(event))
    app.before_server_start(lambda app: seen.append("listener"))

    async def live() -> None:
        async with app.lifespan():
            seen.append("serves")

    asyncio.run(live())
    assert seen == [
        "listener", "server.init.before", "server.init.after", "serves", "server.shutdown.before",
        "server.shutdown.after",
    ]  # fmt: skip


def _talking() -> Any:
    app = Sanic("talking")

    @app.signal("websocket.handler.before")
    async def before(request: Request, websocket: Websocket) -> None:
        await websocket.send("before")

    @app.signal("websocket.handler.after")
    async def after(request: Request, websocket: Websocket) -> None:
        await websocket.send("after")

    @app.signal("websocket.handler.exception")
    async def failed(request: Request, websocket: Websocket, exception: Exception) -> None:
        await websocket.send(f"failed: {exception}")

    @app.websocket("/<name>")
    async def talk(request: Request, ws: Websocket, name: str) -> None:
        if name == "bad":
            raise ValueError("no")
        await ws.send(name)

    return app


@pytest.mark.parametrize(
    ("path", "expected"), [("/good", ["before", "good", "after"]), ("/bad", ["before", "failed: no"])]
)
def test_a_websocket_handler_has_events_around_it(path: str, expected: List[str]) -> None:
    async def talk() -> List[str]:
        async with Client(_talking(), raise_errors=False) as client, client.websocket(path) as session:
            return [await session.receive() for _ in expected]

    assert asyncio.run(talk()) == expected


def _by_host() -> Any:
    app = Sanic("hosts")

    @app.websocket("/ws", host="a.example")
    async def a(request: Request, ws: Websocket) -> None:
        await ws.send("a")

    @app.websocket("/ws", host="b.example")
    async def b(request: Request, ws: Websocket) -> None:
        await ws.send("b")

    return app


def test_a_websocket_is_served_by_its_host() -> None:
    async def talk(host: str) -> str:
        async with Client(_by_host()) as client, client.websocket("/ws", headers={"host": host}) as session:
            found: str = await session.receive()
            return found

    assert [asyncio.run(talk("a.example")), asyncio.run(talk("b.example:80"))] == ["a", "b"]


def test_a_websocket_that_is_served_by_its_host_is_closed_once() -> None:
    sent: List[str] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": [(b"host", b"a.example")]}
    asyncio.run(_by_host()({"asgi": {"version": "3.0"}, "scheme": "ws", "root_path": "", **scope}, receive, send))
    assert sent == ["websocket.accept", "websocket.send", "websocket.close"]


def test_a_websocket_of_another_host_is_refused() -> None:
    async def talk() -> None:
        async with Client(_by_host()) as client, client.websocket("/ws", headers={"host": "c.example"}):
            pass

    with pytest.raises(Refused):
        asyncio.run(talk())


def test_a_signal_has_the_attributes_of_a_route() -> None:
    app = Sanic("attributes")
    app.signal("order.placed.<number:int>", condition={"by": "ada"})(lambda **context: None)
    signal = app.signal_router.routes[0]
    assert signal.segments == ("order", "placed", "<number:int>")
    assert [(item.name, item.cast) for item in signal.params.values()] == [("number", int)]
    assert signal.requirements == {"by": "ada"}
