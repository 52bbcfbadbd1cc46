"""Drive the driver: what `fenrir_core.testing` tells a test about an app."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, AsyncIterator, Awaitable, Callable, List

import pytest

from fenrir_core import (
    BackgroundTasks,
    BuildError,
    EventSourceResponse,
    FenrirError,
    MultiDict,
    NoRequest,
    PluginInfo,
    RedirectResponse,
    Request,
    Response,
    StreamingResponse,
    WebSocket,
    WebSocketDisconnect,
    current_connection,
    hookimpl,
)
from fenrir_core.runtime.lifespan import StartupFailed
from fenrir_core.testing import Client, Refused, SyncClient, check_plugin, make_app


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(test())  # type: ignore[arg-type]


def test_a_request_carries_query_headers_and_json_and_the_answer_gives_them_back() -> None:
    app = make_app()

    @app.post("/pets/{name}")
    async def pet(request: Request, name: str) -> Any:
        return {
            "name": name,
            "tag": request.query.getlist("tag"),
            "who": request.headers["x-who"],
            "json": await request.json(),
            "type": request.content_type,
        }

    async def test() -> Any:
        async with Client(app) as client:
            answer = await client.post("/pets/a%2Fb%20c?tag=1&tag=%26", headers={"X-Who": "me"}, json={"a": [1]})
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/json"
            return answer.json()

    assert run(test) == {
        "name": "a/b c",
        "tag": ["1", "&"],
        "who": "me",
        "json": {"a": [1]},
        "type": "application/json",
    }


def test_entering_runs_the_lifespan_and_each_request_gets_its_state() -> None:
    seen: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        seen.append("start")
        yield {"pool": "open"}
        seen.append("stop")

    app = make_app(lifespan=lifespan)

    @app.get("/")
    async def index(request: Request) -> str:
        seen.append(request.scope["state"]["pool"])
        return ""

    async def test() -> None:
        async with Client(app) as client:
            await client.get("/")
            assert seen == ["start", "open"]

    run(test)
    assert seen == ["start", "open", "stop"]


def test_a_failed_start_is_raised_with_the_message_of_the_app() -> None:
    app = make_app()

    @app.get("/{a}/{a}")
    async def index(a: str) -> str:
        return a

    async def test() -> None:
        async with Client(app):
            raise AssertionError("it started")

    with pytest.raises(StartupFailed, match="/{a}/{a}"):
        run(test)


def test_an_app_without_a_lifespan_is_driven_without() -> None:
    async def bare(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def test() -> None:
        async with Client(bare) as client:
            assert (await client.get("/")).status == 204

    run(test)


def test_a_failed_stop_is_raised_with_the_message_of_the_app() -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": "the pool is stuck"})

    async def test() -> None:
        async with Client(failing):
            pass

    with pytest.raises(FenrirError, match="did not stop cleanly: the pool is stuck"):
        run(test)


def test_an_error_that_nobody_handles_is_raised_or_answered_as_the_test_wants() -> None:
    app = make_app()

    @app.get("/")
    async def index() -> str:
        raise ZeroDivisionError("mine")

    async def test() -> None:
        with pytest.raises(ZeroDivisionError, match="mine"):
            await Client(app).get("/")
        assert (await Client(app, raise_errors=False).get("/")).status == 500

    run(test)


def test_chunks_are_made_only_when_they_are_asked_for_and_leaving_closes_the_generator() -> None:
    made: List[Any] = []

    async def count() -> AsyncIterator[bytes]:
        try:
            number = 0
            while True:
                number += 1
                made.append(number)
                yield b"%d" % number
        finally:
            made.append("closed")

    app = make_app()

    @app.get("/")
    async def index() -> Response:
        return StreamingResponse(count())

    async def test() -> None:
        async with Client(app) as client:
            async with client.stream("GET", "/") as stream:
                chunks = stream.__aiter__()
                assert [await chunks.__anext__() for _ in range(3)] == [b"1", b"2", b"3"]
                assert len(made) < 10
                await stream.disconnect()
            assert made[-1] == "closed"

    run(test)


def test_an_answer_that_breaks_off_is_no_clean_end() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise ZeroDivisionError("later")

    app = make_app()

    @app.get("/")
    async def index() -> Response:
        return StreamingResponse(broken())

    async def test() -> None:
        async with Client(app, raise_errors=False) as client:
            async with client.stream("GET", "/") as stream:
                chunks = stream.__aiter__()
                assert await chunks.__anext__() == b"one"
                with pytest.raises(ZeroDivisionError, match="later"):
                    await chunks.__anext__()

    run(test)


def test_an_answer_is_given_after_its_background_work() -> None:
    done: List[str] = []
    app = make_app()

    @app.get("/")
    async def index() -> Response:
        tasks = BackgroundTasks(app.run_in_thread)
        tasks.add_task(done.append, "work")
        return Response(b"", background=tasks)

    run(lambda: Client(app).get("/"))
    assert done == ["work"]


def test_a_websocket_session_talks_until_one_side_closes() -> None:
    app = make_app()
    ended: List[int] = []

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept(websocket.subprotocols[0], [("x-hello", "you")])
        try:
            while True:
                text = await websocket.receive_text()
                if text == "stop":
                    await websocket.close(4001, "enough")
                    return
                await websocket.send_text(text * 2)
        except WebSocketDisconnect as error:
            ended.append(error.code)

    async def test() -> None:
        async with Client(app) as client:
            async with client.websocket("/echo", subprotocols=["chat"]) as session:
                assert (session.subprotocol, session.headers["x-hello"]) == ("chat", "you")
                await session.send("ab")
                assert await session.receive() == "abab"
                await session.send(b"cd")
                assert await session.receive() == "cdcd"
                await session.close(4002)
            async with client.websocket("/echo", subprotocols=["chat"]) as session:
                await session.send("stop")
                with pytest.raises(WebSocketDisconnect) as closed:
                    await session.receive()
                assert (closed.value.code, closed.value.reason) == (4001, "enough")

    run(test)
    assert ended == [4002]


def test_a_refused_websocket_tells_the_answer_that_it_got() -> None:
    app = make_app()

    @app.websocket("/no")
    async def no(websocket: WebSocket) -> None:
        await websocket.reject(Response(b"members only", 402))

    async def test() -> None:
        for path, status, body in (("/no", 402, b"members only"), ("/nowhere", 404, b"")):
            with pytest.raises(Refused) as refused:
                async with Client(app).websocket(path):
                    raise AssertionError("it was accepted")
            assert (refused.value.answer.status, refused.value.answer.body) == (status, body)

    run(test)


def test_an_app_that_sends_nothing_ends_the_patience_of_the_test() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    async def test() -> None:
        with pytest.raises(TimeoutError, match="sent nothing for 0.01 s"):
            await Client(silent, patience=0.01).get("/")

    run(test)


def plugin(**members: Any) -> Any:
    return SimpleNamespace(__name__="mine", fenrir_plugin=PluginInfo(), **members)


def test_a_sound_plugin_passes_the_check() -> None:
    @hookimpl
    def fenrir_settings() -> Any:
        return []

    check_plugin(plugin(fenrir_settings=fenrir_settings))


def test_the_check_finds_a_plugin_that_says_no_api_version_or_has_no_hook() -> None:
    with pytest.raises(AssertionError, match=r'PluginInfo\(api="1"\)'):
        check_plugin(SimpleNamespace(__name__="mine"))
    with pytest.raises(AssertionError, match="no hook"):
        check_plugin(plugin())


def test_the_check_finds_answers_of_a_wrong_type_and_awaitables() -> None:
    @hookimpl
    def fenrir_lifespans() -> Any:
        return ["pool"]

    @hookimpl
    async def fenrir_route_hooks() -> Any:
        return []

    with pytest.raises(BuildError, match="fenrir_lifespans of the plugin mine gave 'pool'"):
        check_plugin(plugin(fenrir_lifespans=fenrir_lifespans))
    with pytest.raises(BuildError, match="fenrir_route_hooks of the plugin 'mine' is asynchronous"):
        check_plugin(plugin(fenrir_route_hooks=fenrir_route_hooks))


# -------------------------------------------------------------------- what a client sends and keeps


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


# -------------------------------------------------------------------- the client for plain functions


def test_the_synchronous_client_starts_at_its_first_use_and_stops_at_the_end() -> None:
    seen: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        seen.append("start")
        yield
        seen.append("stop")

    app = make_app(lifespan=lifespan)
    client = SyncClient(app)

    @app.get("/")
    async def index() -> str:
        return "hello"

    assert seen == []
    assert client.get("/").text == "hello"
    assert seen == ["start"]
    client.close()
    client.close()
    assert seen == ["start", "stop"]
    with SyncClient(app) as again:
        assert again.get("/").status == 200
    assert seen == ["start", "stop"] * 2


def test_the_synchronous_client_streams_reads_events_and_talks() -> None:
    app = make_app()
    closed: List[str] = []

    async def count() -> AsyncIterator[bytes]:
        try:
            number = 0
            while True:
                number += 1
                yield b"%d" % number
        finally:
            closed.append("stream")

    @app.get("/count")
    async def stream() -> Response:
        return StreamingResponse(count())

    @app.get("/feed")
    async def feed() -> Response:
        return EventSourceResponse(iter(["a", "b"]))

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text((await websocket.receive_text()).upper())

    with SyncClient(app) as client:
        with client.stream("GET", "/count") as chunks:
            assert (chunks.status, [chunk for chunk, _ in zip(chunks, range(2))]) == (200, [b"1", b"2"])
            chunks.disconnect()
        assert closed == ["stream"]
        with client.events("/feed") as events:
            assert [event.data for event in events] == ["a", "b"]
        with client.websocket("/talk") as session:
            session.send("hello")
            assert session.receive() == "HELLO"
            session.close()
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)("/count").status == 405
        assert client.head("/feed").body == b""
        assert client.options("/count").status == 200


def test_a_failed_start_leaves_no_thread_of_the_synchronous_client() -> None:
    app = make_app()
    app.get("/{a}/{a}")(lambda a: a)
    before = threading.active_count()
    with pytest.raises(StartupFailed):
        SyncClient(app).get("/")
    assert threading.active_count() == before
