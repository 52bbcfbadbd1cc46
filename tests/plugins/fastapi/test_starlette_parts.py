"""Requests, responses, data structures, forms and middleware with Starlette's names and rules."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Dict, List

import anyio
import anyio.lowlevel
import pytest
from itsdangerous import TimestampSigner

from fenrir_fastapi.starlette.applications import Starlette
from fenrir_fastapi.starlette.config import Environ, EnvironError
from fenrir_fastapi.starlette.datastructures import (
    URL,
    FormData,
    Headers,
    ImmutableMultiDict,
    MultiDict,
    MutableHeaders,
    QueryParams,
    UploadFile,
)
from fenrir_fastapi.starlette.formparsers import MultiPartException
from fenrir_fastapi.starlette.middleware import Middleware
from fenrir_fastapi.starlette.middleware.base import BaseHTTPMiddleware
from fenrir_fastapi.starlette.middleware.gzip import GZipMiddleware
from fenrir_fastapi.starlette.middleware.sessions import SessionMiddleware
from fenrir_fastapi.starlette.requests import ClientDisconnect, Request
from fenrir_fastapi.starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from fenrir_fastapi.starlette.routing import Route
from fenrir_fastapi.starlette.testclient import TestClient


def test_headers_are_made_of_a_scope_or_message() -> None:
    message: Dict[str, Any] = {"type": "http.response.start", "headers": ((b"a", b"1"),)}
    assert Headers(scope=message)["A"] == "1"
    MutableHeaders(scope=message).append("b", "2")
    assert message["headers"] == [(b"a", b"1"), (b"b", b"2")]
    assert repr(Headers({"a": "1"})) == "Headers({'a': '1'})"
    assert repr(Headers(raw=[(b"a", b"1"), (b"a", b"2")])) == "Headers(raw=[(b'a', b'1'), (b'a', b'2')])"


def test_multi_value_mappings_return_the_last_value() -> None:
    values = MultiDict([("a", "1"), ("a", "2"), ("b", "3")])
    assert (values["a"], values.getlist("a"), values.poplist("a"), dict(values)) == (
        "2",
        ["1", "2"],
        ["1", "2"],
        {"b": "3"},
    )
    values.setlist("c", ["4", "5"])
    values.update({"b": "6"})
    assert values.multi_items() == [("c", "4"), ("c", "5"), ("b", "6")]
    assert ImmutableMultiDict({"a": "1"}) == ImmutableMultiDict([("a", "1")])
    assert str(QueryParams("a=1&a=2&b=")) == "a=1&a=2&b="


@pytest.mark.parametrize(
    ("url", "parts", "found"),
    [
        ("http://u:p@h:80/", {"hostname": "[::1]"}, "http://u:p@[::1]:80/"),
        ("http://h:80/", {"port": None}, "http://h/"),
        ("/path?a=1", {"port": 80}, "//:80/path?a=1"),
        ("http://h/", {"username": "u", "password": "p"}, "http://u:p@h/"),
    ],
)
def test_parts_of_a_url_are_replaced(url: str, parts: Dict[str, Any], found: str) -> None:
    assert URL(url).replace(**parts) == found


def test_the_password_of_a_url_is_not_shown() -> None:
    assert repr(URL("https://u:secret@h/")) == "URL('https://u:********@h/')"


def test_a_request_knows_that_the_client_has_gone() -> None:
    async def talk() -> List[bool]:
        messages = [{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            if not messages:
                await anyio.sleep_forever()
            return messages.pop(0)

        waiting = Request({"type": "http", "method": "GET", "path": "/", "headers": []}, anyio.sleep_forever)
        request = Request({"type": "http", "method": "GET", "path": "/", "headers": []}, receive)
        await request.body()
        return [await waiting.is_disconnected(), await request.is_disconnected(), await request.is_disconnected()]

    assert anyio.run(talk) == [False, True, True]


def test_a_client_that_leaves_amid_the_body_is_an_error() -> None:
    async def read() -> None:
        async def receive() -> Any:
            return {"type": "http.disconnect"}

        await Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive).body()

    with pytest.raises(ClientDisconnect):
        anyio.run(read)


def test_the_state_of_a_request_is_in_the_scope() -> None:
    scope: Dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}
    Request(scope).state.user = "ann"
    assert scope["state"] == {"user": "ann"}
    assert Request(scope).state["user"] == "ann"


@pytest.mark.parametrize(("limits", "detail"), [
    ({"max_files": 1}, "Too many files. Maximum number of files is 1."),
    ({"max_fields": 0}, "Too many fields. Maximum number of fields is 0."),
    ({"max_part_size": 1024}, "Part exceeded maximum size of 1KB."),
])  # fmt: skip
def test_a_form_beyond_a_limit_is_a_bad_request(limits: Dict[str, int], detail: str) -> None:
    async def read(request: Request) -> Response:
        async with request.form(**limits) as form:
            return PlainTextResponse(",".join(form))

    async def alone(scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).form(**limits)

    body: Any = {"data": {"a": "x" * 2000}, "files": [("f", b"1"), ("f", b"2")]}
    answer = TestClient(Starlette(routes=[Route("/", read, methods=["POST"])])).post("/", **body)
    assert (answer.status_code, answer.text) == (400, detail)
    with pytest.raises(MultiPartException):
        TestClient(alone).post("/", **body)


def test_the_files_of_a_form_are_closed_by_its_block() -> None:
    kept: List[Any] = []

    async def read(request: Request) -> Response:
        async with request.form() as form:
            kept.append(form["f"])
            content = await form["f"].read()
        return PlainTextResponse(content)

    client = TestClient(Starlette(routes=[Route("/", read, methods=["POST"])]))
    assert client.post("/", files={"f": ("a.txt", b"abc")}).text == "abc"
    assert kept[0].file.closed
    assert isinstance(FormData({"f": kept[0]})["f"], UploadFile)


@pytest.mark.parametrize(("header", "status", "body"), [
    ("bytes=2-4", 206, b"234"), ("bytes=-3", 206, b"789"), ("bytes=8-99", 206, b"89"), ("bytes=0-1,1-3", 206, b"0123"),
    ("bytes=20-", 416, b""), ("items=0-1", 400, b"Only support bytes range"), (None, 200, b"0123456789"),
])  # fmt: skip
def test_ranges_of_a_file(tmp_path: Any, header: Any, status: int, body: bytes) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")

    async def send_file(request: Request) -> Response:
        return FileResponse(tmp_path / "f")

    client = TestClient(Starlette(routes=[Route("/", send_file)]))
    answer = client.get("/", headers={} if header is None else {"range": header})
    assert (answer.status_code, answer.content) == (status, body)


@pytest.mark.parametrize(("accepted", "coding"), [
    ("gzip", "gzip"), ("*", "gzip"), ("gzip;q=0", None), ("br, gzip;q=0.5", "gzip"), ("*;q=0", None),
])  # fmt: skip
def test_gzip_follows_the_weights_of_the_header(accepted: str, coding: Any) -> None:
    async def text(request: Request) -> Response:
        return PlainTextResponse("x" * 1000)

    client = TestClient(Starlette(routes=[Route("/", text)], middleware=[Middleware(GZipMiddleware)]))
    answer = client.get("/", headers={"accept-encoding": accepted})
    assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == (coding, "Accept-Encoding")


@pytest.mark.parametrize(("kind", "status", "coding"), [
    ("text/plain", 200, "gzip"), ("image/png", 200, None), ("text/plain", 206, None), ("text/x-own", 200, None),
])  # fmt: skip
def test_gzip_leaves_out_ranges_and_excluded_types(kind: str, status: int, coding: Any) -> None:
    async def content(request: Request) -> Response:
        return Response(b"x" * 1000, status, media_type=kind)

    layer = Middleware(GZipMiddleware, exclude_content_types=("image/*", "text/x-own"))
    client = TestClient(Starlette(routes=[Route("/", content)], middleware=[layer]))
    assert client.get("/").headers.get("content-encoding") == coding


def session_client() -> TestClient:
    async def use(request: Request) -> Response:
        action = request.query_params.get("do", "")
        if action == "set":
            request.session["list"] = [1]
        elif action == "append":
            request.session["list"].append(2)
        elif action == "clear":
            request.session.clear()
        return PlainTextResponse("" if action == "nothing" else str(dict(request.session)))

    layer = Middleware(SessionMiddleware, secret_key="key", partitioned=True)
    return TestClient(Starlette(routes=[Route("/", use)], middleware=[layer]))


def test_a_session_is_sent_where_it_was_changed_and_varies_where_it_was_read() -> None:
    client = session_client()
    first = client.get("/?do=set")
    assert "httponly; samesite=lax; partitioned" in first.headers["set-cookie"]
    read, untouched = client.get("/"), client.get("/?do=nothing")
    assert ("set-cookie" in read.headers, read.headers["vary"], "vary" in untouched.headers) == (False, "Cookie", False)
    assert "set-cookie" in client.get("/?do=append").headers, "a list in it was changed in place"
    assert client.get("/").text == "{'list': [1, 2]}"
    assert "expires=Thu, 01 Jan 1970" in client.get("/?do=clear").headers["set-cookie"]


def test_the_cookie_of_a_session_is_starlettes_own() -> None:
    client = session_client()
    client.cookies.set("session", TimestampSigner("key").sign(b64encode(b'{"user": "ann"}')).decode())
    assert client.get("/").text == "{'user': 'ann'}"
    client.cookies.set(
        "session", TimestampSigner("other").sign(b64encode(b'{"user": "eve"}')).decode(), domain="testserver.local"
    )
    assert "eve" not in client.get("/").text


def test_a_variable_that_was_read_can_not_be_changed() -> None:
    environ = Environ({"A": "1", "B": "2"})
    assert environ["A"] == "1"
    environ["B"] = "3"
    with pytest.raises(EnvironError, match="Attempting to set environ\\['A'\\]"):
        environ["A"] = "2"


def test_what_runs_after_a_response_runs_after_it_was_sent_through_middleware() -> None:
    events: List[str] = []

    async def later() -> None:
        events.append("later")

    async def answer(request: Request) -> Response:
        return PlainTextResponse("x", background=later)

    async def look(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        events.append("before")
        return response

    class Sent:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def watched(message: Any) -> None:
                await send(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    events.append("sent")

            await self.app(scope, receive, watched)

    layers = [Middleware(Sent), Middleware(BaseHTTPMiddleware, dispatch=look)]
    TestClient(Starlette(routes=[Route("/", answer)], middleware=layers)).get("/")
    assert events == ["before", "sent", "later"]


@pytest.mark.parametrize("depth", [1, 3])
def test_a_stream_passes_middleware_and_may_be_changed(depth: int) -> None:
    async def numbers() -> Any:
        for number in range(3):
            yield str(number)

    async def stream(request: Request) -> Any:
        return StreamingResponse(numbers())

    async def shout(request: Request, call_next: Any) -> Any:
        response = await call_next(request)

        async def changed() -> Any:
            async for chunk in response.body_iterator:
                yield chunk + b"!"

        return StreamingResponse(changed(), response.status_code)

    layers = [Middleware(BaseHTTPMiddleware, dispatch=shout)] * depth
    assert TestClient(Starlette(routes=[Route("/", stream)], middleware=layers)).get("/").text == "".join(
        f"{number}{'!' * depth}" for number in range(3)
    )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_client_runs_an_app_on_either_event_loop(backend: str) -> None:
    pytest.importorskip(backend)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await anyio.lowlevel.checkpoint()
        await PlainTextResponse(str(len(await Request(scope, receive).body())))(scope, receive, send)

    assert TestClient(app, backend=backend).post("/", content=b"abc").text == "3"
