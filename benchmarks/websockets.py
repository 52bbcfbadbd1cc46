"""The WebSocket case: a connection that is accepted, echoes ten messages, and is closed by the client."""

# mypy: ignore-errors
from __future__ import annotations

from typing import Any, Callable, Dict

from .cases import EchoCase

CASE = EchoCase("websocket", "GET", "/echo", "\n".join(f"message {number} of the pack" for number in range(10)))


async def hand(scope, receive, send):
    """Echo as a hand-written app: the messages of the protocol and nothing else."""
    if scope["type"] != "websocket":
        raise NotImplementedError
    if scope["path"] != "/echo" or (await receive())["type"] != "websocket.connect":
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message["text"]})


def fenrir() -> Any:
    """Return the hybrid app's echo, as in its documentation."""
    from fenrir import Fenrir, WebSocket

    app = Fenrir()

    async def echo(websocket):
        await websocket.accept()
        async for text in websocket:
            await websocket.send_text(text)

    echo.__annotations__["websocket"] = WebSocket  # Fenrir is not imported above, for environments without it
    app.websocket("/echo")(echo)
    return app


def of_fastapi(tools: Any) -> Any:
    """Return the echo of FastAPI, of Fenrir's paradigm, or of another framework with the same API.

    Args:
        tools: The module with `FastAPI`, `WebSocket` and `WebSocketDisconnect`.
    """
    app = tools.FastAPI()

    async def echo(websocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except tools.WebSocketDisconnect:
            return

    echo.__annotations__["websocket"] = tools.WebSocket
    app.websocket("/echo")(echo)
    return app


def _fenrir_fastapi() -> Any:
    import fenrir_fastapi

    return of_fastapi(fenrir_fastapi)


def _fastapi() -> Any:
    import fastapi

    return of_fastapi(fastapi)


def _starlette() -> Any:
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    async def echo(websocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    return Starlette(routes=[WebSocketRoute("/echo", echo)])


def _blacksheep() -> Any:
    from blacksheep import Application, Router, WebSocket, WebSocketDisconnectError

    app = Application(router=Router())

    async def echo(websocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnectError:
            return

    echo.__annotations__["websocket"] = WebSocket
    app.router.add_ws("/echo", echo)
    return app


def _litestar() -> Any:
    from litestar import Litestar, websocket
    from litestar.connection import WebSocket
    from litestar.exceptions import WebSocketDisconnect

    async def echo(socket):
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect:
            return

    echo.__annotations__.update(socket=WebSocket, **{"return": None})
    return Litestar([websocket("/echo")(echo)], openapi_config=None)


#: By contestant.
MAKERS: Dict[str, Callable[[], Any]] = {
    "fenrir": fenrir,
    "fenrir_fastapi.FastAPI": _fenrir_fastapi,
    "starlette": _starlette,
    "fastapi": _fastapi,
    "blacksheep": _blacksheep,
    "litestar": _litestar,
}
