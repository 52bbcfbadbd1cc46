"""Requests whose end is ambiguous, and HTTP/2 that was not asked for, on each server."""

from __future__ import annotations

import base64
import socket
from typing import Any

import pytest
from tests.cli.test_servers import SERVERS

pytestmark = pytest.mark.once

APP = """\
from fenrir_core import App

app = App(paradigms=[])


@app.route("/", ("GET", "POST"))
async def home():
    return "home"
"""
BOTH = (
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
    + base64.urlsafe_b64encode(bytes.fromhex("00030000006400040000ffff"))
    + b"\r\n\r\n"
)


def answers(server: Any, data: bytes) -> bytes:
    """Return all that a server sends until it closes the connection, or for a second."""
    host, port = server.url.rpartition("/")[2].split(":")
    found = b""
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.sendall(data)
        connection.settimeout(1)
        try:
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return found + b"<closed>"
                found += piece
        except ConnectionResetError:
            return found + b"<closed>"
        except socket.timeout:
            return found


@pytest.mark.parametrize("name", SERVERS)
def test_a_request_with_a_length_and_a_transfer_encoding_gets_one_answer_and_no_second_request(
    project: Any, serve: Any, name: str
) -> None:
    project.write("app.py", APP)
    found = answers(serve("app:app", "--server", name), BOTH)
    assert (found.count(b"HTTP/1.1 "), found[-8:]) == (1, b"<closed>")
    if name != "granian":  # it takes the transfer encoding and closes, which RFC 9112 allows
        assert found.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("name", SERVERS)
def test_http2_in_the_clear_is_not_spoken_unasked(project: Any, serve: Any, name: str) -> None:
    project.write("app.py", APP)
    server = serve("app:app", "--server", name)
    assert answers(server, UPGRADE).startswith(b"HTTP/1.1 200 ")
    refused = answers(server, PREFACE)
    assert refused == b"<closed>" or refused.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), refused
    assert refused.endswith(b"<closed>")


def test_http2_in_the_clear_is_spoken_by_hypercorn_when_it_is_offered(project: Any, serve: Any) -> None:
    project.write("app.py", APP)
    server = serve("app:app", "--server", "hypercorn", "--http2")
    assert answers(server, UPGRADE).startswith(b"HTTP/1.1 101 ")
    assert answers(server, PREFACE)[3:4] == b"\x04"  # a SETTINGS frame
    assert answers(server, BOTH).startswith(b"HTTP/1.1 400 ")
