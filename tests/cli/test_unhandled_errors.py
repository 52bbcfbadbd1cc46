"""Errors that nobody handles, on each server: one traceback in the log, a 500, and the process serves on."""

from __future__ import annotations

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.cli.test_servers import SERVERS

OUTSIDE = """\
import os
import sys

from fenrir import Fenrir

app = Fenrir()


async def index(*args, **kwargs):
    if "error" in os.environ["FAULT"]:
        raise ValueError("the fault")
    sys.exit("the fault")


class Failing:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan" and scope["path"] == "/middleware":
            await index()
        await self.app(scope, receive, send)


async def mounted(scope, receive, send):
    if scope["type"] == "lifespan":
        raise RuntimeError("no lifespan")
    await index()


app.mount("/mounted", mounted)
if "middleware" in os.environ["FAULT"]:
    app.add_middleware(Failing)
"""
HANDLERS = """\
from fenrir_core import App, StreamingResponse

app = App(paradigms=[])
pass_through = type("PassThrough", (), {
    "__init__": lambda self, app: setattr(self, "app", app),
    "__call__": lambda self, scope, receive, send: self.app(scope, receive, send),
})


@app.get("/handler")
async def handler():
    raise ValueError("the fault")


@app.get("/thread")
def thread():
    raise ValueError("the fault")


@app.get("/stream")
async def stream():
    async def parts():
        yield b"first"
        raise ValueError("the fault")

    return StreamingResponse(parts())


@app.get("/background")
async def background():
    async def work():
        raise ValueError("the fault")

    return StreamingResponse(iter([b"sent"]), background=work)


@app.websocket("/websocket")
async def websocket(websocket):
    raise ValueError("the fault")


@app.get("/ok")
async def ok():
    return "ok"
"""


def status(server: Any, path: str) -> int:
    """Return the status of a response on a connection of its own; its body may be cut off."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=40)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        try:
            answer.read()
        except http.client.HTTPException:
            pass
        return answer.status
    finally:
        connection.close()


def handshake(server: Any, path: str) -> bytes:
    """Return the status line of the answer to a WebSocket handshake."""
    parts = urlsplit(server.url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=40) as client:
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        return client.recv(65536).partition(b"\r\n")[0]


@pytest.mark.parametrize("has_middleware", [False, True], ids=["", "with middleware"])
@pytest.mark.parametrize("path", ["/handler", "/thread", "/stream", "/background", "/websocket"])
@pytest.mark.parametrize("name", SERVERS)
def test_an_error_of_a_handler_is_one_traceback_in_the_output(
    project: Any, serve: Any, name: str, path: str, has_middleware: bool
) -> None:
    project.write("app.py", HANDLERS + "\n\napp.add_middleware(pass_through)\n" * has_middleware)
    server = serve("app:app", "--server", name)
    if path == "/websocket":
        assert b" 101 " not in handshake(server, path)
    else:
        assert status(server, path) == (200 if path in ("/stream", "/background") else 500)
    assert status(server, "/ok") == 200
    assert server.stop() == 0
    assert server.output.count("Traceback (most recent call last)") == 1, server.output
    assert server.output.count("ValueError: the fault") == 1, server.output


@pytest.mark.parametrize("fault", ["middleware error", "middleware exit", "mounted error", "mounted exit"])
@pytest.mark.parametrize("name", SERVERS)
def test_what_fails_or_exits_outside_of_routes_is_logged_and_answered(
    project: Any, serve: Any, name: str, fault: str
) -> None:
    project.write("app.py", OUTSIDE)
    server = serve("app:app", "--server", name, FAULT=fault)
    path = f"/{fault.split()[0]}"
    assert status(server, path) == 500
    assert server.process.poll() is None
    assert status(server, "/none") == 404
    assert server.stop() == 0
    assert "in index\n" in server.output and "the fault" in server.output, server.output
