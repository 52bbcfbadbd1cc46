"""Heads and bodies that are malformed, too large or never end, on each server: one server for the whole table."""

from __future__ import annotations

import socket
from typing import Any, Dict, List

import pytest
from tests.cli.test_servers import SERVERS

pytestmark = pytest.mark.once

APP = """\
from fenrir_core import App, Request

app = App(paradigms=[], max_websocket_message=20_000_000)


@app.route("/", ("GET", "POST"))
async def home():
    return "home"


@app.post("/body")
async def body(request: Request):
    return str(len(await request.body()))
"""
HOST = b"Host: h\r\n"
CLOSE = b"Connection: close\r\n\r\n"
#: What is sent, and the statuses of the answers; an empty list is a connection that is closed without one.
TABLE: Dict[str, Any] = {
    "a head that never ends": (b"GET / HTTP/1.1\r\nHost: h\r\nX: ", ([], [408])),
    "nothing": (b"", ([],)),
    "a head without limit": (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 1_000_000, ([431], [400])),
    "a large head": (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 70_000 + b"\r\n" + CLOSE, ([431],)),
    "many headers": (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: 1\r\n" * 300 + CLOSE, ([431],)),
    "a body that never ends": (b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n123", ([408],)),
    "chunks that never end": (
        b"POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ([408],),
    ),
    "no host": (b"GET / HTTP/1.1\r\n" + CLOSE, ([400],)),
    "no host, HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", ([200],)),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + CLOSE, ([400],)),
    "a malformed host": (b"GET / HTTP/1.1\r\nHost: a/b\r\n" + CLOSE, ([400],)),
    "a method that is no token": (b"G@T / HTTP/1.1\r\nHost: h\r\n" + CLOSE, ([400],)),
    "an extension method": (b"PROPFIND / HTTP/1.1\r\nHost: h\r\n" + CLOSE, ([405],)),
    "a length over the limit": (b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2147483648\r\n\r\n", ([413],)),
    "the same with an expectation": (
        b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2147483648\r\nExpect: 100-continue\r\n\r\n",
        ([413],),
    ),
    "a length within the limit with an expectation": (
        b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        ([100, 408],),
    ),
}


def statuses(server: Any, data: bytes) -> List[int]:
    """Return the statuses that a server sends until it closes the connection."""
    host, port = server.url.rpartition("/")[2].split(":")
    found = b""
    with socket.create_connection((host, int(port)), 30) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass  # it was refused before all was sent
        try:
            while True:
                piece = connection.recv(65536)
                if not piece:
                    break
                found += piece
        except ConnectionResetError:
            pass
    return [int(line.split()[1]) for line in found.split(b"\r\n") if line.startswith(b"HTTP/1.")]


@pytest.mark.parametrize("name", SERVERS)
def test_each_is_refused_and_its_connection_closed(project: Any, serve: Any, name: str) -> None:
    project.write("app.py", APP)
    server = serve("app:app", "--server", name, "--read-timeout", "0.5")
    found = {case: statuses(server, data) for case, (data, _) in TABLE.items()}
    assert {case: found[case] for case, (_, right) in TABLE.items() if found[case] not in right} == {}


def test_an_app_that_is_not_fenrirs_gets_no_request_without_a_host(project: Any, serve: Any) -> None:
    project.write(
        "app.py",
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n        raise RuntimeError\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b'ok'})\n",
    )
    server = serve("app:app")
    asked = {
        "none": b"GET / HTTP/1.1\r\n" + CLOSE,
        "malformed": b"GET / HTTP/1.1\r\nHost: a/b\r\n" + CLOSE,
        "valid": b"GET / HTTP/1.1\r\nHost: a\r\n" + CLOSE,
    }
    assert {case: statuses(server, data) for case, data in asked.items()} == {
        "none": [400], "malformed": [400], "valid": [200],
    }  # fmt: skip


def test_a_setting_lets_requests_without_a_host_in(project: Any, serve: Any) -> None:
    project.write("app.py", APP.replace("paradigms=[]", "paradigms=[], require_host=False"))
    server = serve("app:app", "--server", "uvicorn")
    assert statuses(server, b"GET / HTTP/1.1\r\n" + CLOSE) == [200]
