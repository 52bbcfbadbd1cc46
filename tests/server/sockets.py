"""An app with every way to write a WebSocket handler; `/tasks` returns how many tasks its event loop has."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Iterator

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core import App, WebSocket, WebSocketDisconnect, current_connection
from fenrir_falcon.asgi import App as Falcon
from fenrir_fastapi import APIRouter, Depends, FastAPI
from fenrir_fastapi.endpoints import WebSocketEndpoint
from fenrir_flask import Flask
from fenrir_sanic import Sanic

app = Fenrir()
router = APIRouter()


@app.get("/tasks")
async def tasks() -> int:
    return len(asyncio.all_tasks())


async def opened() -> AsyncIterator[str]:
    yield "opened"


def opened_in_thread() -> Iterator[str]:
    yield "opened"


async def echo(websocket: Any) -> None:
    await websocket.accept()
    async for message in websocket:
        await websocket.send_text(message)


async def until_disconnect(websocket: Any) -> None:
    await websocket.accept()
    while True:
        try:
            await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            return


async def raw(websocket: Any) -> None:
    await websocket.receive()
    await websocket.send({"type": "websocket.accept"})
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        await websocket.send({"type": "websocket.send", "text": message["text"]})


async def push(websocket: Any) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text("tick")
        await asyncio.sleep(0.02)


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "websocket"
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})


class Texts(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket: Any, data: Any) -> None:
        await websocket.send_text(data)


class Anything(WebSocketEndpoint):
    async def on_receive(self, websocket: Any, data: Any) -> None:
        await websocket.send_text(data)


for name, handler in {"echo": echo, "until": until_disconnect, "raw": raw, "push": push}.items():
    app.websocket(f"/hybrid/{name}")(handler)


@app.websocket("/hybrid/depends")
async def depends(websocket: WebSocket, one: str = Depends(opened), two: str = Depends(opened_in_thread)) -> None:
    await echo(websocket)


router.add_websocket_route("/router/texts", Texts)
router.add_websocket_route("/router/anything", Anything)
router.add_websocket_route("/router/echo", until_disconnect)
app.include_router(router)

fastapi = FastAPI()
fastapi.add_websocket_route("/texts", Texts)
fastapi.add_websocket_route("/anything", Anything)
fastapi.add_websocket_route("/asgi", Texts)


@fastapi.websocket("/raw")
async def fastapi_raw(websocket: WebSocket) -> None:
    await raw(websocket)


falcon = Falcon()


class Resource:
    """A Falcon resource."""

    async def on_websocket(self, req: Any, ws: Any) -> None:
        await ws.accept()
        while True:
            await ws.send_text(await ws.receive_text())


class Pusher:
    """A Falcon resource that only sends."""

    async def on_websocket(self, req: Any, ws: Any) -> None:
        await ws.accept()
        while True:
            await ws.send_text("tick")
            await asyncio.sleep(0.02)


falcon.add_route("/echo", Resource())
falcon.add_route("/push", Pusher())

sanic = Sanic("sockets")


@sanic.websocket("/echo")
async def sanic_echo(request: Any, ws: Any) -> None:
    async for message in ws:
        await ws.send(message)


@sanic.websocket("/push")
async def sanic_push(request: Any, ws: Any) -> None:
    while True:
        await ws.send("tick")
        await asyncio.sleep(0.02)


flask, bottle, kernel = Flask("sockets"), Bottle(), App(paradigms=(), autoload=False)


async def annotated(websocket: WebSocket) -> None:
    await echo(websocket)


@bottle.websocket("/echo")
async def bottle_echo() -> None:
    await echo(current_connection())


for pure in (flask, kernel):
    pure.websocket("/echo")(annotated)

app.mount("/fastapi", fastapi)
app.mount("/falcon", falcon)
app.mount("/sanic", sanic)
app.mount("/flask", flask)
app.mount("/bottle", bottle)
app.mount("/kernel", kernel)
app.mount("/asgi", asgi)
