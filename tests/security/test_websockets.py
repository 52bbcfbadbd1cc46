"""A client's mistakes on a WebSocket close it with the right code, and are no traceback; codes and reasons are valid.

Source: RFC 6455, sections 5.5 and 7.4.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple, Union

import pytest
from tests.asgi import Answer, Socket, kernel_app, run

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core import (
    App,
    EventSourceResponse,
    FileResponse,
    HTTPError,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from fenrir_falcon.asgi import App as Falcon
from fenrir_fastapi import FastAPI, WebSocket, WebSocketException
from fenrir_fastapi.endpoints import WebSocketEndpoint
from fenrir_flask import Flask
from fenrir_sanic import Sanic

Message = Union[str, bytes]
DEEP = "[" * 100_000


async def ends(websocket: Any, kind: str) -> None:
    """Close the connection in one of several ways."""
    if kind == "reason":
        await websocket.close(4000, "é" * 200)
    elif kind == "surrogate":
        await websocket.close(4000, "a\ud800")
    elif kind.isdigit():
        await websocket.close(int(kind))


async def talk(websocket: Any, kind: str) -> None:
    await websocket.accept()
    if kind == "text":
        await websocket.send_text(await websocket.receive_text())
    elif kind == "bytes":
        await websocket.send_bytes(await websocket.receive_bytes())
    elif kind == "json":
        await websocket.send_json(await websocket.receive_json())
    elif kind == "binary json":
        await websocket.send_json(await websocket.receive_json(mode="binary"))
    elif kind == "exception":
        raise WebSocketException(4000, "é" * 200)
    else:
        await ends(websocket, kind)


def by_kernel(make: Callable[[], Any]) -> Callable[[], Any]:
    def build() -> Any:
        app = make()

        @app.websocket("/{kind}")
        async def handler(websocket: Any) -> None:
            await talk(websocket, websocket.path_params["kind"])

        return app

    return build


def fastapi() -> Any:
    app = FastAPI()

    @app.websocket("/{kind}")
    async def handler(websocket: WebSocket, kind: str) -> None:
        await talk(websocket, kind)

    def endpoint(name: str) -> Any:
        class Endpoint(WebSocketEndpoint):
            encoding = name

            async def on_receive(self, websocket: Any, data: Any) -> None:
                await websocket.close()

        return Endpoint

    for name in ("text", "bytes", "json"):
        app.add_websocket_route(f"/endpoint/{name}", endpoint(name))
    return app


def falcon() -> Any:
    class Resource:
        async def on_websocket(self, req: Any, ws: Any, kind: str) -> None:
            await ws.accept()
            if kind == "text":
                await ws.send_text(await ws.receive_text())
            elif kind == "bytes":
                await ws.send_data(await ws.receive_data())
            elif kind == "json":
                await ws.send_media(await ws.receive_media())
            else:
                await ends(ws, kind)

    app = Falcon()
    app.add_route("/{kind}", Resource())
    return app


def sanic() -> Any:
    app = Sanic("sockets")

    @app.websocket("/<kind>")
    async def handler(request: Any, ws: Any, kind: str) -> None:
        if kind in ("text", "bytes"):
            await ws.send(await ws.recv())
        else:
            await ends(ws, kind)

    return app


APPS: Dict[str, Callable[[], Any]] = {
    "kernel": by_kernel(kernel_app), "hybrid": by_kernel(Fenrir), "flask": by_kernel(lambda: Flask("sockets")),
    "bottle": by_kernel(Bottle), "fastapi": fastapi, "falcon": falcon, "sanic": sanic,
}  # fmt: skip
KERNELS = ("kernel", "hybrid", "flask", "bottle")
#: What is sent to which handler, and the code with which it is closed.
MISTAKES: List[Tuple[str, str, Message, int]] = [
    *((name, "text", b"\xff", 1007) for name in KERNELS),
    *((name, "json", message, 1008) for name in KERNELS for message in ("{", "", "NaN", DEEP, "9" * 5000, "1e999")),
    *((name, "json", b"\xff", 1007) for name in KERNELS),
    *(("fastapi", "json", message, 1008) for message in ("{", "", "NaN", DEEP, "9" * 5000, "1e999")),
    *(("fastapi", kind, b"\xff", 1003) for kind in ("text", "json")),
    *(("fastapi", kind, "x", 1003) for kind in ("bytes", "binary json")),
    *(("fastapi", "binary json", message, 1008) for message in (b"\xff", b"{", b"")),
    *(("fastapi", "endpoint/json", message, 1003) for message in ("{", b"\xff", DEEP, "NaN")),
    *(("fastapi", "endpoint/text", message, 1003) for message in (b"\xff", b"x")),
    ("fastapi", "endpoint/bytes", "x", 1003),
    *(("falcon", "text", message, 1003) for message in (b"\xff", b"x")),
    ("falcon", "bytes", "x", 1003),
    *(("falcon", "json", message, 3400) for message in ("{", "NaN", DEEP, "1e999")),
    ("falcon", "json", b"\xff", 1003),
]


async def served(app: Any, path: str, *messages: Message) -> Tuple[Socket, Answer]:
    client = Socket(app, path)
    client.scope["asgi"] = {"version": "3.0", "spec_version": "2.4"}
    for message in messages:
        client.say(message)
    return client, await client.finish()


def close_of(client: Socket) -> Dict[str, Any]:
    """Return the one message that has closed the connection."""
    (found,) = [message for message in client.sent if message["type"] == "websocket.close"]
    return dict(found)


def mistake(case: Tuple[str, str, Message, int]) -> str:
    return f"{case[0]}-{case[1]}-{case[2]!r:.20}"


@pytest.mark.parametrize("case", MISTAKES, ids=mistake)
def test_a_clients_mistake_closes_with_its_code_and_no_traceback(
    case: Tuple[str, str, Message, int], caplog: pytest.LogCaptureFixture
) -> None:
    name, kind, message, code = case
    with caplog.at_level(logging.INFO):
        client, answer = run(served(APPS[name](), f"/{kind}", message))
    assert close_of(client)["code"] == code
    assert answer.error is None
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("kind", ["reason", "surrogate"])
def test_a_reason_is_as_much_as_a_frame_holds(name: str, kind: str) -> None:
    client, _ = run(served(APPS[name](), f"/{kind}"))
    found = close_of(client)
    assert found["code"] == 4000
    assert found["reason"] == {"reason": "é" * 61, "surrogate": "a?"}[kind]


def test_the_reason_of_an_exception_is_as_much_as_a_frame_holds() -> None:
    client, _ = run(served(fastapi(), "/exception"))
    assert close_of(client)["reason"] == "é" * 61


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
def test_a_code_that_can_not_be_sent_is_an_error_of_the_handler(name: str, code: int) -> None:
    client, _ = run(served(APPS[name](), f"/{code}"))
    assert close_of(client)["code"] == 1011


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_a_code_that_can_be_sent_is_sent(name: str, code: int) -> None:
    client, _ = run(served(APPS[name](), f"/{code}"))
    assert close_of(client)["code"] == code


async def pieces() -> Any:
    yield b"no "
    yield b"seat"


#: Responses of every kind, with the status and body that the client gets.
DENIALS: Dict[str, Tuple[Callable[[], Any], int, bytes]] = {
    "plain": (lambda: Response("no seat", 429), 429, b"no seat"),
    "json": (lambda: JSONResponse({"a": 1}, 401), 401, b'{"a":1}'),
    "stream": (lambda: StreamingResponse(pieces(), 403), 403, b"no seat"),
    "sync stream": (lambda: StreamingResponse(iter([b"no ", b"seat"]), 403), 403, b"no seat"),
    "events": (lambda: EventSourceResponse(pieces(), 403), 403, b"data: no \n\ndata: seat\n\n"),
    "file": (lambda: FileResponse(__file__, status=403), 403, Path(__file__).read_bytes()),
    "redirect": (lambda: RedirectResponse("/login", 307), 307, b""),
}


@pytest.mark.parametrize("make", [kernel_app, Fenrir], ids=["kernel", "hybrid"])
@pytest.mark.parametrize("name", DENIALS)
def test_a_handshake_is_refused_with_any_body(name: str, make: Callable[[], App]) -> None:
    response, status, body = DENIALS[name]
    app = make()

    @app.exception_handler(KeyError)
    async def handle(connection: Any, error: Exception) -> Any:
        return response()

    @app.websocket("/rejected")
    async def rejected(websocket: Any) -> None:
        await websocket.reject(response())

    @app.websocket("/failed")
    async def failed(websocket: Any) -> None:
        raise KeyError("seat")

    for path in ("/rejected", "/failed"):
        _, answer = run(served(app, path))
        assert (answer.status, answer.body, answer.complete, answer.error) == (status, body, True, None)


def test_an_error_before_the_handshake_is_its_status() -> None:
    app = kernel_app()

    @app.websocket("/")
    async def handler(websocket: Any) -> None:
        raise HTTPError(418, "no coffee")

    _, answer = run(served(app, "/"))
    assert (answer.status, answer.body) == (418, b'{"detail":"no coffee"}')
