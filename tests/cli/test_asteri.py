"""What asteri leaves out or does differently and its adapter corrects; tests/server has the rest."""

from __future__ import annotations

import http.client
import importlib.util
import socket
from typing import Any, Iterator

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("asteri") is None, reason="asteri is not installed")
APP = """\
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    if scope["path"] == "/raise":
        raise LookupError("nothing there")
    body = b""
    more = scope["method"] == "POST"
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"] != "/silent":
        headers = [(b"content-length", b"%d" % len(body or b"mine")), (b"x-name", b"\\xe9")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body or b"mine"})
"""


@pytest.fixture
def asteri(project: Any, serve: Any) -> Any:
    project.write("app.py", APP)
    return serve("app:app", "--server", "asteri")


@pytest.fixture
def connection(asteri: Any) -> Iterator[http.client.HTTPConnection]:
    made = http.client.HTTPConnection("127.0.0.1", int(asteri.url.rsplit(":", 1)[1]), timeout=30)
    yield made
    made.close()


def raw(server: Any, request: bytes) -> bytes:
    """Send bytes as they are, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), 30) as client:
        client.sendall(request)
        answer = b""
        while True:
            part = client.recv(65536)
            if not part:
                return answer
            answer += part


def test_the_length_is_sent_once(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.headers.get_all("content-length") == ["4"]
    assert answer.headers["connection"] == "close"
    assert answer.read() == b"mine"


def test_paths_of_asteris_own_pages_are_the_apps(asteri: Any) -> None:
    assert [asteri.get(path) for path in ("/metrics", "/asteri-status")] == ["mine", "mine"]


def test_a_body_may_hold_what_asteri_takes_for_a_request_of_its_own(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"GET /metrics")
    assert connection.getresponse().read() == b"GET /metrics"


def test_a_head_may_be_longer_than_what_asteri_reads_at_once(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"x", headers={f"x-{number}": "v" * 1000 for number in range(20)})
    assert connection.getresponse().read() == b"x"


@pytest.mark.parametrize("path", ["/raise", "/silent"])
def test_an_app_that_gives_no_answer_is_a_500(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    assert connection.getresponse().status == 500


def test_a_client_that_waits_for_a_word_before_the_body_is_given_it(asteri: Any) -> None:
    answer = raw(asteri, b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nok")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked",
        b"GET / HTTP/1.1\r\nhost : a",
        b"GET /",
        b"PRI * HTTP/2.0",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(asteri: Any, head: bytes) -> None:
    assert raw(asteri, head + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")
