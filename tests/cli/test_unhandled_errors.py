"""Errors that nobody handles, on each server: one traceback in the log, a 500, and the process serves on."""

from __future__ import annotations

import http.client
import socket
from functools import lru_cache
from typing import Any, Callable, Dict, NamedTuple
from urllib.parse import urlsplit

import pytest
from tests.cli.conftest import Project, start_server
from tests.cli.test_servers import SERVERS
from tests.conftest import find_free_port

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
    raise ValueError("the fault of /handler")


@app.get("/thread")
def thread():
    raise ValueError("the fault of /thread")


@app.get("/stream")
async def stream():
    async def parts():
        yield b"first"
        raise ValueError("the fault of /stream")

    return StreamingResponse(parts())


@app.get("/background")
async def background():
    async def work():
        raise ValueError("the fault of /background")

    return StreamingResponse(iter([b"sent"]), background=work)


@app.websocket("/websocket")
async def websocket(websocket):
    raise ValueError("the fault of /websocket")


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


class Conversation(NamedTuple):
    """What a server answered and printed, from its start to its end."""

    statuses: Dict[str, int]
    handshake: bytes
    after: int
    exit_code: int
    output: str


Converse = Callable[[str, bool], Conversation]


@pytest.fixture(scope="module")
def converse(tmp_path_factory: pytest.TempPathFactory) -> Converse:
    """Return a function that asks a server for every path that fails, once for each server, and stops it."""

    @lru_cache(maxsize=None)
    def run(name: str, has_middleware: bool) -> Conversation:
        project = Project(tmp_path_factory.mktemp("unhandled"))
        project.write("app.py", HANDLERS + "\n\napp.add_middleware(pass_through)\n" * has_middleware)
        log = project.directory / "output.txt"
        server = start_server(project, log, find_free_port(), "app:app", "--server", name)
        try:
            statuses = {path: status(server, path) for path in FAILING}
            answer = handshake(server, "/websocket")
            return Conversation(statuses, answer, status(server, "/ok"), server.stop(), server.output)
        finally:
            server.end()

    return run


#: The paths that fail, and their statuses: what has begun is cut off.
FAILING = {"/handler": 500, "/thread": 500, "/stream": 200, "/background": 200}

each_server = pytest.mark.parametrize("name", SERVERS)
with_and_without = pytest.mark.parametrize("has_middleware", [False, True], ids=["", "with middleware"])


@with_and_without
@pytest.mark.parametrize("path", [*FAILING, "/websocket"])
@each_server
def test_an_error_of_a_handler_is_one_traceback_in_the_output(
    converse: Converse, name: str, path: str, has_middleware: bool
) -> None:
    output = converse(name, has_middleware).output
    assert output.count(f"ValueError: the fault of {path}") == 1, output


@with_and_without
@each_server
def test_errors_of_handlers_are_all_that_is_printed_as_tracebacks(
    converse: Converse, name: str, has_middleware: bool
) -> None:
    output = converse(name, has_middleware).output
    assert output.count("Traceback (most recent call last)") == len([*FAILING, "/websocket"]), output


@with_and_without
@pytest.mark.parametrize("path", FAILING)
@each_server
def test_an_error_of_a_handler_is_answered_500_unless_the_response_has_begun(
    converse: Converse, name: str, path: str, has_middleware: bool
) -> None:
    assert converse(name, has_middleware).statuses[path] == FAILING[path]


@with_and_without
@each_server
def test_a_websocket_whose_handler_fails_first_is_not_accepted(
    converse: Converse, name: str, has_middleware: bool
) -> None:
    assert b" 101 " not in converse(name, has_middleware).handshake


@with_and_without
@each_server
def test_the_server_serves_on_and_stops_without_an_error(converse: Converse, name: str, has_middleware: bool) -> None:
    conversation = converse(name, has_middleware)
    assert (conversation.after, conversation.exit_code) == (200, 0)


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
