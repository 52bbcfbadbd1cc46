"""What the test client sends, keeps and follows, and what it reads of a response."""

from __future__ import annotations

import asyncio
from typing import Any, Awaitable, Callable

import pytest

from fenrir_core import (
    FenrirError,
    MultiDict,
    NoRequest,
    RedirectResponse,
    Request,
    Response,
    StreamingResponse,
    current_connection,
)
from fenrir_core.testing import Client, make_app


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(test())  # type: ignore[arg-type]


def echo_app() -> Any:
    app = make_app()

    @app.route("/echo", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def echo(request: Request) -> Any:
        form = await request.form() if "form" in request.content_type else MultiDict([])
        fields = [
            [name, value if isinstance(value, str) else [value.filename, value.content_type, await value.read()]]
            for name, value in form.multi_items()
        ]
        return {
            "method": request.method,
            "cookies": request.cookies,
            "headers": dict(request.headers.items()),
            "form": [
                [name, value if isinstance(value, str) else [*value[:2], value[2].decode()]] for name, value in fields
            ],
        }

    return app


def test_a_form_and_files_are_sent_as_browsers_send_them() -> None:
    async def test() -> None:
        client = Client(echo_app())
        answer = await client.post("/echo", form={"name": "Ada & Co", "tag": ["a", "b"]})
        assert answer.json()["form"] == [["name", "Ada & Co"], ["tag", "a"], ["tag", "b"]]
        files: Any = {"plain": "text", "photo": ('a"b.png', b"\x01", "image/png"), "notes": ("n.txt", "ü")}
        answer = await client.post("/echo", form={"name": "Ada"}, files=files)
        assert answer.json()["form"] == [
            ["name", "Ada"],
            ["plain", ["plain", "application/octet-stream", "text"]],
            ["photo", ["a%22b.png", "image/png", "\x01"]],
            ["notes", ["n.txt", "application/octet-stream", "ü"]],
        ]

    run(test)


def test_two_bodies_are_refused_with_their_names() -> None:
    with pytest.raises(FenrirError, match="one body, not several: json and form or files"):
        run(lambda: Client(echo_app()).post("/echo", json={}, form={}))


def test_each_method_has_a_method_of_the_client() -> None:
    async def test() -> None:
        client = Client(echo_app())
        for name in ("get", "post", "put", "patch", "delete"):
            assert (await getattr(client, name)("/echo")).json()["method"] == name.upper()
        assert (await client.head("/echo")).body == b""
        assert "GET" in (await client.options("/echo")).headers["allow"]

    run(test)


def test_a_client_sends_its_own_headers_unless_a_request_has_others() -> None:
    async def test() -> None:
        client = Client(echo_app(), headers={"x-key": "mine", "accept": "text/html"}, host="example.org")
        sent = (await client.get("/echo", headers={"Accept": "application/json"})).json()["headers"]
        assert sent == {"host": "example.org", "x-key": "mine", "accept": "application/json"}

    run(test)


def cookie_app() -> Any:
    app = make_app()

    @app.get("/set/{name}/{value}")
    async def put(name: str, value: str) -> Response:
        answer = Response(b"")
        answer.set_cookie(name, value, secure=True, httponly=True)
        answer.set_cookie("here", "only", path="/set")
        return answer

    @app.get("/drop/{name}")
    async def drop(name: str) -> Response:
        answer = Response(b"")
        answer.delete_cookie(name)
        return answer

    async def show(request: Request) -> Any:
        return request.cookies

    for path in ("/", "/set"):
        app.get(path)(show)

    return app


def test_cookies_are_kept_between_requests_by_path_until_they_are_deleted() -> None:
    async def test() -> None:
        client = Client(cookie_app())
        await client.get("/set/user/ada")
        assert (dict(client.cookies), len(client.cookies)) == ({"user": "ada", "here": "only"}, 2)
        assert (await client.get("/")).json() == {"user": "ada"}
        assert (await client.get("/set")).json() == {"user": "ada", "here": "only"}
        await client.get("/drop/user")
        assert (await client.get("/")).json() == {}

    run(test)


def test_cookies_can_be_set_taken_away_and_replaced_by_a_header() -> None:
    async def test() -> None:
        client = Client(cookie_app())
        client.cookies["a"] = "1"
        client.cookies["b"] = "2"
        del client.cookies["b"]
        assert (await client.get("/")).json() == {"a": "1"}
        assert (await client.get("/", headers={"cookie": "c=3"})).json() == {"c": "3"}
        assert (await Client(cookie_app()).get("/")).json() == {}
        assert repr(client.cookies) == "<Cookies {'a': '1'}>"

    run(test)


def redirect_app() -> Any:
    app = make_app()

    @app.route("/go/{status:int}", ["GET", "POST", "HEAD"])
    async def go(status: int, request: Request) -> Response:
        return RedirectResponse(request.query.get("to") or "/end?x=1", status)

    @app.get("/loop")
    async def loop() -> Response:
        return RedirectResponse("/loop")

    @app.route("/end", ["GET", "POST", "HEAD"])
    async def end(request: Request) -> Any:
        return {"method": request.method, "body": (await request.body()).decode(), "x": request.query.get("x")}

    return app


@pytest.mark.parametrize(
    ("status", "method", "expected"), [(302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST")]
)
def test_redirects_are_followed_when_asked_for_with_the_method_of_a_browser(
    status: int, method: str, expected: str
) -> None:
    async def test() -> None:
        client = Client(redirect_app())
        assert (await client.request(method, f"/go/{status}", body=b"data")).status == status
        answer = await client.request(method, f"/go/{status}", body=b"data", follow=True)
        kept = "data" if expected == method else ""
        assert answer.json() == {"method": expected, "body": kept, "x": "1"}

    run(test)


def test_redirects_that_lead_away_or_never_end_are_errors() -> None:
    async def test() -> None:
        client = Client(redirect_app())
        assert (await client.get("/go/302?to=http://test/end", follow=True)).status == 200
        with pytest.raises(FenrirError, match="to another host.*http://elsewhere/"):
            await client.get("/go/302?to=http://elsewhere/", follow=True)
        with pytest.raises(FenrirError, match="redirects without end"):
            await client.get("/loop", follow=True)

    run(test)


def test_server_sent_events_are_read_wherever_a_chunk_ends() -> None:
    text = 'id: 1\r\nevent: greet\r\ndata: häl\r\ndata: lo\r\n\r\n: comment\n\nretry: 50\ndata:{"a":1}\r\rdata\n\n'
    wire = text.encode()
    app = make_app()

    @app.get("/{size:int}")
    async def feed(size: int) -> Response:
        chunks = [wire[start : start + size] for start in range(0, len(wire), size)]
        return StreamingResponse(iter(chunks), media_type="text/event-stream")

    @app.get("/none")
    async def none() -> str:
        return "no events"

    async def test() -> None:
        client = Client(app)
        for size in (1, 2, 3, 7, 1000):
            async with client.events(f"/{size}") as events:
                found = [(event.id, event.event, event.data, event.retry) async for event in events]
            assert found == [("1", "greet", "häl\nlo", None), ("1", None, '{"a":1}', 50), ("1", None, "", None)]
        with pytest.raises(AssertionError, match="/none answered 200 with text/html: b'no events'"):
            async with client.events("/none"):
                pass

    run(test)


def test_the_context_of_an_answer_tells_what_the_request_left_behind() -> None:
    app = make_app()

    @app.get("/")
    async def index(request: Request) -> str:
        request.state["user"] = "ada"
        return ""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def test() -> None:
        answer = await Client(app).get("/")
        with answer.context() as connection:
            assert current_connection() is connection
            assert connection.state == {"user": "ada"}
        with pytest.raises(NoRequest), (await Client(bare).get("/")).context():
            pass

    run(test)
