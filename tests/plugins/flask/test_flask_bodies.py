"""Bodies of requests: which are kept in memory, and which are read by the thread of the view."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from tests.plugins.flask.asking import Ask, ask_asgi

from fenrir_core import MediaType, hookimpl
from fenrir_flask import Flask, request


@pytest.fixture
def app() -> Flask:
    return Flask(__name__, static_folder=None)


def send_in_pieces(app: Flask, pieces: List[bytes], headers: Dict[str, str]) -> Tuple[int, bytes, List[int]]:
    """Return status and body of the response, and how many pieces were received before each part of it was sent."""
    received: List[int] = []
    sent: List[Any] = []
    left = list(pieces)

    async def receive() -> Any:
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        received.append(len(pieces) - len(left))
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/"}
    serving: Any = app({**scope, "query_string": b"", "headers": raw}, receive, send)
    asyncio.run(serving)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), received


LARGE = [bytes([65 + number]) * 300_000 for number in range(4)]
ANNOUNCED = {"Content-Length": str(sum(map(len, LARGE))), "Content-Type": "application/octet-stream"}


@pytest.mark.parametrize("headers", [ANNOUNCED, {"Transfer-Encoding": "chunked"}], ids=["announced", "chunked"])
def test_a_large_body_is_received_while_the_view_reads_it(app: Flask, headers: Dict[str, str]) -> None:
    @app.post("/")
    def view() -> str:
        return request.stream.read(1000).decode()

    status, body, received = send_in_pieces(app, LARGE, headers)
    assert (status, body, received[0]) == (200, b"A" * 1000, 1)


def test_a_large_body_is_read_as_data_and_as_json(app: Flask) -> None:
    text = json.dumps({"a": "x" * 1_000_000}).encode()
    pieces = [text[:400_000], text[400_000:]]

    @app.post("/")
    def view() -> Dict[str, int]:
        return {"json": len(request.get_json()["a"]), "data": len(request.data)}

    headers = {"Content-Length": str(len(text)), "Content-Type": "application/json"}
    status, body, _ = send_in_pieces(app, pieces, headers)
    assert (status, json.loads(body)) == (200, {"json": 1_000_000, "data": len(text)})


def test_a_large_body_over_the_limit_is_refused_when_it_is_read(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 500_000

    @app.post("/")
    def view() -> str:
        return str(len(request.get_data()))

    status, _, received = send_in_pieces(app, LARGE, {"Transfer-Encoding": "chunked"})
    assert (status, received[0]) == (413, 2)


@pytest.mark.parametrize("depth", [5, 6])
def test_json_that_the_thread_reads_is_within_the_limits(depth: int) -> None:
    app = Flask(__name__, static_folder=None, settings={"max_json_depth": 5})

    @app.post("/")
    def view() -> str:
        return str(request.get_json())

    headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    status, _, _ = send_in_pieces(app, [b"[" * depth, b"]" * depth], headers)
    assert status == (200 if depth == 5 else 400)


def test_a_body_of_a_plugins_media_type_is_read_by_the_thread() -> None:
    class Plugin:
        @hookimpl
        def fenrir_media_types(self) -> Iterator[MediaType]:
            yield MediaType("application/x-upper", lambda body: body.decode().upper(), lambda value: value.encode())

    app = Flask(__name__, static_folder=None, plugins=[Plugin()])

    @app.post("/")
    def view() -> Any:
        return request.get_json()

    headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/x-upper"}
    assert send_in_pieces(app, [b"a", b"b"], headers)[:2] == (200, b"AB")


def test_a_view_that_reads_nothing_of_a_large_body_responds_all_the_same(app: Flask) -> None:
    app.add_url_rule("/", "view", lambda: "ignored", methods=["POST"])
    assert send_in_pieces(app, LARGE, ANNOUNCED)[:2] == (200, b"ignored")


@pytest.mark.parametrize(("size", "status"), [(3, 200), (4, 413)])
def test_a_request_may_have_a_limit_of_its_own(app: Flask, ask: Ask, size: int, status: int) -> None:
    @app.post("/")
    def view() -> Any:
        request.max_content_length = 3
        return request.get_data()

    body: Any = {"body": b"x" * size} if ask is ask_asgi else {"data": b"x" * size}
    assert ask(app, "/", "POST", **body).status == status


def form_of(count: int, kind: str) -> Tuple[bytes, Dict[str, str]]:
    """Return the body of a form with some fields, and its headers."""
    if kind == "urlencoded":
        body = "&".join(f"f{number}=1" for number in range(count)).encode()
        return body, {"Content-Type": "application/x-www-form-urlencoded"}
    part = '--b\r\nContent-Disposition: form-data; name="f{}"\r\n\r\n1\r\n'
    body = "".join(part.format(number) for number in range(count)).encode() + b"--b--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(("kind", "status"), [("urlencoded", 200), ("multipart", 413)])
def test_the_number_of_fields_is_limited_in_multipart_forms_alone(app: Flask, kind: str, status: int) -> None:
    app.config.update(MAX_FORM_PARTS=2, MAX_FORM_MEMORY_SIZE=4)
    app.add_url_rule("/", "view", lambda: str(len(request.form)), methods=["POST"])
    body, headers = form_of(3, kind)
    assert ask_asgi(app, "/", "POST", body=body, headers=headers).status == status
