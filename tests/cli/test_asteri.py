"""What asteri leaves out or does differently and its adapter corrects; tests/server has the rest."""

from __future__ import annotations

import http.client
import importlib.util
import socket
from typing import Any, Iterator

import pytest

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("asteri") is None, reason="asteri is not installed"),
    pytest.mark.once,
]
APP = """\
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    if scope["path"] == "/asks":  # as an app that reads bodies whatever the method
        kinds = []
        while not kinds or kinds[-1][0] == "http.request" and kinds[-1][2]:
            message = await receive()
            kinds.append((message["type"], message.get("body"), message.get("more_body")))
        answer = b"".join(kind[1] for kind in kinds) or b"empty"
        headers = [(b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})
        return
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


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_an_app_that_awaits_the_body_is_given_it_or_its_end_whatever_the_request(
    project: Any, serve: Any, loop: str
) -> None:
    if loop == "uvloop":
        pytest.importorskip("uvloop")
    project.write("app.py", APP)
    server = serve("app:app", "--server", "asteri", "--loop", loop)
    head, end = b" /asks HTTP/1.1\r\nhost: a\r\n", b"\r\n"
    chunked = b"transfer-encoding: chunked\r\n\r\n"
    table = {
        b"GET" + head + end: b"empty",
        b"GET" + head + b"content-length: 0\r\n\r\n": b"empty",
        b"GET" + head + b"content-length: 3\r\n\r\nabc": b"abc",
        b"GET" + head + chunked + b"0\r\n\r\n": b"empty",
        b"GET" + head + chunked + b"3\r\nabc\r\n0\r\n\r\n": b"abc",
        b"GET" + head + chunked + b"1\r\na\r\n2\r\nbc\r\n0\r\nx: y\r\n\r\n": b"abc",
        b"GET" + head + b"expect: 100-continue\r\ncontent-length: 3\r\n\r\nabc": b"abc",
        b"GET" + head + b"connection: keep-alive\r\n\r\n": b"empty",
        b"GET /asks HTTP/1.0\r\n\r\n": b"empty",
        (b"GET" + head + end) * 2: b"empty",
        b"HEAD" + head + end: b"",
        b"HEAD" + head + b"content-length: 0\r\n\r\n": b"",
        b"DELETE" + head + end: b"empty",
        b"OPTIONS" + head + end: b"empty",
        b"POST" + head + end: b"empty",
    }
    answers = {request: raw(server, request) for request in table}
    assert {request: answer.rpartition(b"\r\n\r\n")[2] for request, answer in answers.items()} == table
    assert all(
        b"HTTP/1.1 200 OK\r\n" in answer and b"connection: close" in answer.lower() for answer in answers.values()
    )
