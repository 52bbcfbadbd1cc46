"""The connection: the body once and bounded, forms, JSON, query, cookies."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List

import pytest
from tests.asgi import Exchange, ask, fetch, kernel_app, run

from fenrir_core import App, ClientDisconnect, JSONResponse, NoRequest, Request, UploadFile, current_connection

FORM = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
UPLOAD = (
    b'--b\r\ncontent-disposition: form-data; name="note"\r\n\r\nhello\r\n'
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"content-type: text/plain\r\n\r\ncontent\r\n--b--\r\n"
)


# ------------------------------------------------------------ body


def test_the_body_is_received_once_and_kept() -> None:
    app = kernel_app()

    @app.post("/")
    async def twice(request: Request) -> Any:
        first, second = await request.body(), await request.body()
        return [first.decode(), first is second, request.body_complete]

    assert fetch(app, "POST", body=[b"ab", b"", b"cd"]).text == '["abcd",true,true]'


def test_a_body_that_was_read_can_still_be_streamed() -> None:
    app = kernel_app()

    @app.post("/")
    async def both(request: Request) -> Any:
        await request.body()
        return [chunk.decode() async for chunk in request.stream()]

    assert fetch(app, "POST", body=[b"ab", b"cd"]).text == '["abcd"]'


def test_a_body_is_streamed_chunk_by_chunk_as_it_arrives() -> None:
    app = kernel_app()
    seen: List[bytes] = []

    @app.post("/")
    async def consume(request: Request) -> Any:
        async for chunk in request.stream():
            seen.append(chunk)
        return "done"

    async def scenario() -> None:
        exchange = Exchange(app, "POST")
        exchange.start()
        exchange.feed(b"one", more=True)
        for _ in range(100):
            await asyncio.sleep(0)
            if seen:
                break
        assert seen == [b"one"]  # before the rest was sent
        exchange.feed(b"two")
        assert (await exchange.finish()).text == "done"

    run(scenario())
    assert seen == [b"one", b"two"]


def test_a_streamed_body_can_not_be_read_again_and_the_error_says_so() -> None:
    app = kernel_app()

    @app.post("/")
    async def again(request: Request) -> Any:
        async for _ in request.stream():
            pass
        with pytest.raises(RuntimeError, match="already read as a stream"):
            await request.body()
        return "refused"

    assert fetch(app, "POST", body=b"x").text == "refused"


def test_nothing_is_received_for_a_handler_that_does_not_ask_for_the_body() -> None:
    app = kernel_app()

    @app.post("/")
    async def ignore() -> Any:
        return "ok"

    async def scenario() -> None:
        exchange = Exchange(app, "POST")
        assert (await exchange.finish()).text == "ok"  # nothing was ever fed

    run(scenario())


def test_a_body_over_the_default_limit_is_answered_413() -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        return len(await request.body())

    piece = b"x" * (4 * 1024 * 1024)
    assert fetch(app, "POST", body=[piece] * 4).text == str(16 * 1024 * 1024)
    assert fetch(app, "POST", body=[piece] * 4 + [b"x"]).status == 413


def test_a_body_that_is_announced_over_the_limit_is_refused_at_its_first_chunk() -> None:
    app = kernel_app(max_body=10)

    @app.post("/")
    async def read(request: Request) -> Any:
        return len(await request.body())

    async def scenario() -> None:
        exchange = Exchange(app, "POST", headers={"content-length": "11"})
        exchange.feed(b"x", more=True)  # and nothing more is waited for
        assert (await exchange.finish()).status == 413

    run(scenario())


@pytest.mark.parametrize("length", ["3", "-1", "ten", "٣", "9" * 30])
def test_the_limit_holds_whatever_length_is_announced(length: str) -> None:
    app = kernel_app(max_body=10)

    @app.post("/")
    async def read(request: Request) -> Any:
        return len(await request.body())

    async def scenario() -> Any:
        raw = [(b"content-length", length.encode())]
        return await ask(app, "POST", body=[b"x" * 6, b"x" * 6], scope={"headers": raw})

    assert run(scenario()).status == 413


def test_the_limit_holds_for_streaming_and_for_forms() -> None:
    app = kernel_app(max_body=10)

    @app.post("/stream")
    async def stream(request: Request) -> Any:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/form")
    async def form(request: Request) -> Any:
        return len(await request.form())

    assert fetch(app, "POST", "/stream", body=[b"x" * 6, b"x" * 6]).status == 413
    assert fetch(app, "POST", "/form", body=b"a=" + b"x" * 20, headers=FORM).status == 413
    assert fetch(app, "POST", "/form", body=UPLOAD, headers=MULTIPART).status == 413


def test_a_route_can_have_a_limit_of_its_own_or_none() -> None:
    app = kernel_app(max_body=10)

    @app.post("/less", max_body=2)
    async def less(request: Request) -> Any:
        return len(await request.body())

    @app.post("/any", max_body=None)
    async def unlimited(request: Request) -> Any:
        return len(await request.body())

    assert fetch(app, "POST", "/less", body=b"abc").status == 413
    assert fetch(app, "POST", "/any", body=b"x" * 100).text == "100"


def test_a_client_that_leaves_while_its_body_is_read_is_seen_by_the_handler() -> None:
    app = kernel_app()
    seen: List[str] = []

    @app.post("/")
    async def read(request: Request) -> Any:
        try:
            await request.body()
        except ClientDisconnect as error:
            seen.append(str(error))
            raise
        return "never"

    async def scenario() -> None:
        exchange = Exchange(app, "POST")
        exchange.feed(b"half", more=True)
        exchange.leave()
        await exchange.finish()

    run(scenario())
    assert len(seen) == 1


def test_a_client_that_leaves_while_its_body_is_read_is_no_error_of_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        return len(await request.body())

    async def scenario() -> Any:
        exchange = Exchange(app, "POST")
        exchange.feed(b"half", more=True)
        exchange.leave()
        return await exchange.finish()

    answer = run(scenario())
    assert answer.error is None
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


# ------------------------------------------------------------ JSON


def json_app() -> App:
    app = kernel_app()

    @app.post("/")
    async def echo(request: Request) -> Any:
        return JSONResponse(await request.json())

    return app


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b"[1,]", b"NaN", b"\xff", b"nul", b'{"a":1}x', b'"\xed\xa0\x80"']
)
def test_a_body_that_is_no_json_is_answered_400(body: bytes) -> None:
    answer = fetch(json_app(), "POST", body=body)
    assert answer.status == 400
    assert "JSON" in answer.text


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"1" * 100_000])
def test_deep_or_endless_json_is_the_clients_error(body: bytes) -> None:
    assert 400 <= fetch(json_app(), "POST", body=body).status < 500


def test_json_is_parsed_once() -> None:
    app = kernel_app()

    @app.post("/")
    async def same(request: Request) -> Any:
        return [(await request.json()) is (await request.json()), request.loaded_json is await request.json()]

    assert fetch(app, "POST", body=b'{"a": [1]}').text == "[true,true]"


# ------------------------------------------------------------ forms


def test_an_urlencoded_form_keeps_repeats_and_leaves_the_body_readable() -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        form = await request.form()
        return [form.getlist("a"), form["b"], (await request.body()).decode(), form is await request.form()]

    answer = fetch(app, "POST", body=[b"a=1&a=", b"2&b=x%20+y"], headers=FORM)
    assert answer.text == '[["1","2"],"x  y","a=1&a=2&b=x%20+y",true]'


def test_a_multipart_form_gives_fields_and_files() -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        form = await request.form()
        file = form["file"]
        assert isinstance(file, UploadFile)
        return [form["note"], file.filename, file.content_type, (await file.read()).decode()]

    answer = fetch(app, "POST", body=[UPLOAD[:70], UPLOAD[70:]], headers=MULTIPART)
    assert answer.text == '["hello","a.txt","text/plain","content"]'


def test_uploads_are_open_until_the_response_is_sent_and_closed_then() -> None:
    app = kernel_app()
    files: List[Any] = []
    closed: List[bool] = []

    @app.post("/")
    async def read(request: Request) -> Any:
        file = (await request.form())["file"]
        files.append(file)

        async def background() -> None:
            closed.append(file.file.closed)

        return JSONResponse("ok", background=background)

    assert fetch(app, "POST", body=UPLOAD, headers=MULTIPART).status == 200
    assert closed == [False]
    assert files[0].file.closed


def test_uploads_are_closed_when_the_handler_fails() -> None:
    app = kernel_app()
    files: List[Any] = []

    @app.post("/")
    async def fail(request: Request) -> Any:
        files.append((await request.form())["file"])
        raise ValueError("after the form")

    assert fetch(app, "POST", body=UPLOAD, headers=MULTIPART).status == 500
    assert files[0].file.closed


@pytest.mark.parametrize("body", [b"--x\r\n", b"--b\r\nno header\r\n\r\n", UPLOAD[:60]])
def test_a_malformed_multipart_form_is_answered_400(body: bytes) -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        return len(await request.form())

    assert fetch(app, "POST", body=body, headers=MULTIPART).status == 400


def test_a_body_of_another_media_type_is_an_empty_form() -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        return len(await request.form())

    assert fetch(app, "POST", body=b"a=1", headers={"content-type": "text/plain"}).text == "0"


# ------------------------------------------------------------ what synchronous code reads


@pytest.mark.parametrize("name", ["loaded_body", "loaded_form", "loaded_json"])
def test_synchronous_code_that_reads_too_early_is_told_what_to_do(name: str) -> None:
    app = kernel_app()

    @app.post("/")
    def read(request: Request) -> Any:
        with pytest.raises(RuntimeError, match="was not read yet.*await request"):
            getattr(request, name)
        return "told"

    assert fetch(app, "POST", body=b"x").text == "told"


def test_what_was_loaded_is_there_for_synchronous_code() -> None:
    app = kernel_app()

    @app.post("/")
    async def read(request: Request) -> Any:
        await request.load()
        return [request.loaded_body.decode(), len(request.loaded_form)]

    assert fetch(app, "POST", body=b"x=1").text == '["x=1",0]'
    assert fetch(app, "POST", body=b"x=1", headers=FORM).text == '["x=1",1]'
    assert fetch(app, "POST", body=UPLOAD, headers=MULTIPART).text == '["",2]'


# ------------------------------------------------------------ the rest of the connection


def test_the_query_keeps_order_and_repeats_and_is_parsed_once() -> None:
    app = kernel_app()

    @app.get("/")
    async def read(request: Request) -> Any:
        return [request.query.multi_items(), request.query is request.query]

    answer = fetch(app, query="a=1&b=%C3%A9&a=2+3&empty=&flag")
    assert answer.text == '[[["a","1"],["b","é"],["a","2 3"],["empty",""],["flag",""]],true]'


def test_cookies_of_several_headers_are_joined() -> None:
    app = kernel_app()

    @app.get("/")
    async def read(request: Request) -> Any:
        return request.cookies

    answer = fetch(app, headers=[("cookie", "a=1; b=2"), ("cookie", "c=3; a=4")])
    assert answer.text == '{"a":"1","b":"2","c":"3"}'


def test_repeated_request_headers_survive() -> None:
    app = kernel_app()

    @app.get("/")
    async def read(request: Request) -> Any:
        return [request.headers.getlist("X-Tag"), request.headers["x-tag"]]

    assert fetch(app, headers=[("x-tag", "a"), ("X-Tag", "b")]).text == '[["a","b"],"a"]'


def test_the_connection_tells_who_asks_for_what() -> None:
    app = kernel_app()

    @app.get("/here/{name}")
    async def read(request: Request) -> Any:
        return [
            request.method,
            request.path,
            request.scheme,
            request.host,
            list(request.client or ()),
            request.route.path,
        ]

    answer = fetch(app, path="/here/you", headers={"host": "example.test:81"})
    assert answer.text == '["GET","/here/you","http","example.test:81",["203.0.113.9",4711],"/here/{name}"]'


def test_without_a_host_header_the_host_is_the_servers_own_address() -> None:
    app = kernel_app()

    @app.get("/")
    async def read(request: Request) -> Any:
        return request.host

    assert fetch(app).text == "testserver"
    assert fetch(app, scope={"server": ("::1", 8000)}).text == "[::1]:8000"
    assert fetch(app, scope={"server": None}).text == "localhost"


def test_a_paradigms_view_is_made_once_a_request() -> None:
    class View:
        def __init__(self, connection: Any) -> None:
            self.connection = connection

    app = kernel_app()

    @app.get("/")
    async def read(request: Request) -> Any:
        return [request.facade(View) is request.facade(View), request.facade(View).connection is request]

    assert fetch(app).text == "[true,true]"


def test_the_state_of_a_request_is_its_own() -> None:
    app = kernel_app()

    @app.get("/")
    async def count(request: Request) -> Any:
        request.state["n"] = request.state.get("n", 0) + 1
        return request.state

    assert [fetch(app).text for _ in range(2)] == ['{"n":1}'] * 2


def test_exits_run_after_the_last_byte_last_first() -> None:
    app = kernel_app()
    order: List[str] = []

    @app.get("/")
    async def read(request: Request) -> Any:
        async def first(error: Any) -> None:
            order.append(f"first {exchange.sent[-1]['type']} {error}")

        async def second(error: Any) -> None:
            order.append("second")

        request.add_cleanup(first)
        request.add_cleanup(second)
        return "body"

    exchange: Any = None

    async def scenario() -> None:
        nonlocal exchange
        exchange = Exchange(app)
        await exchange.finish()

    run(scenario())
    assert order == ["second", "first http.response.body None"]


def test_the_running_request_is_known_everywhere_and_unknown_outside() -> None:
    app = kernel_app()
    seen: Dict[str, bool] = {}

    @app.get("/async")
    async def in_loop(request: Request) -> Any:
        seen["async"] = current_connection() is request
        seen["task"] = await asyncio.ensure_future(_same(request))
        return "ok"

    @app.get("/sync")
    def in_thread(request: Request) -> Any:
        seen["sync"] = current_connection() is request
        return "ok"

    async def _same(request: Any) -> bool:
        return current_connection() is request

    fetch(app, path="/async")
    fetch(app, path="/sync")
    assert seen == {"async": True, "task": True, "sync": True}
    with pytest.raises(NoRequest, match="the thing was used outside a request"):
        current_connection("the thing")


def test_a_request_is_unknown_again_to_the_servers_task_when_it_ends() -> None:
    app = kernel_app()

    @app.get("/")
    async def read() -> Any:
        return "ok"

    async def scenario() -> None:
        await ask(app)  # builds and starts
        exchange = Exchange(app)
        await app(exchange.scope, exchange.incoming.get, exchange._send)
        with pytest.raises(NoRequest):
            current_connection()

    run(scenario())
