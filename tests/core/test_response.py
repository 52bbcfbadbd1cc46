"""Responses through an app: headers, cookies, statuses without a body, background work, files, redirects."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, List

import pytest
from tests.asgi import Exchange, fetch, kernel_app, run

from fenrir_core import (
    BackgroundTasks,
    FileResponse,
    HTMLResponse,
    HTTPError,
    JSONResponse,
    NotFound,
    PlainTextResponse,
    RedirectResponse,
    Request,
    Response,
)
from fenrir_core.testing import SyncClient, make_app


def answering(value: Any) -> Any:
    """Make an app whose every answer is `value`, or what it gives when it is callable."""
    app = kernel_app()

    @app.route("/", ("GET", "POST"))
    async def answer() -> Any:
        return value() if callable(value) else value

    return app


# ------------------------------------------------------------ what is returned


@pytest.mark.parametrize(
    ("value", "content_type", "body"),
    [
        ("<b>é</b>", "text/html; charset=utf-8", "<b>é</b>".encode()),
        (b"\x00\xff", "application/octet-stream", b"\x00\xff"),
        (bytearray(b"ab"), "application/octet-stream", b"ab"),
        ({"a": [1, None]}, "application/json", b'{"a":[1,null]}'),
        ([1.5, "é"], "application/json", '[1.5,"é"]'.encode()),
        (None, "application/json", b"null"),
        (True, "application/json", b"true"),
        (7, "application/json", b"7"),
        (("made", 201), "text/html; charset=utf-8", b"made"),
    ],
)
def test_a_returned_value_becomes_the_answer_of_the_hybrid_rule(value: Any, content_type: str, body: bytes) -> None:
    answer = fetch(answering(value))
    assert (answer.headers["content-type"], answer.body) == (content_type, body)
    assert answer.headers["content-length"] == str(len(body))
    assert answer.complete


def test_a_tuple_carries_status_and_headers() -> None:
    answer = fetch(answering(({"a": 1}, 202, [("x-tag", "1"), ("x-tag", "2"), ("content-type", "application/x")])))
    assert (answer.status, answer.headers.getlist("x-tag")) == (202, ["1", "2"])
    assert answer.headers.getlist("content-type") == ["application/x"]


def test_a_value_that_is_no_answer_is_a_500_whose_log_names_handler_and_type(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = fetch(answering(lambda: object()))
    assert answer.status == 500
    assert "returned object" in caplog.text and "answer()" in caplog.text
    assert "object" not in answer.text


def test_response_classes_set_their_media_type() -> None:
    for kind, content_type in (
        (HTMLResponse, "text/html; charset=utf-8"),
        (PlainTextResponse, "text/plain; charset=utf-8"),
        (JSONResponse, "application/json"),
    ):
        assert fetch(answering(kind("x"))).headers["content-type"] == content_type


# ------------------------------------------------------------ headers and cookies


def test_repeated_headers_survive_in_order() -> None:
    response = Response("x", headers=[("Link", "</a>"), ("link", "</b>")])
    response.headers.add("LINK", "</c>")
    assert fetch(answering(response)).headers.getlist("link") == ["</a>", "</b>", "</c>"]


def test_each_cookie_is_a_header_of_its_own() -> None:
    response = Response("x")
    response.set_cookie("a", "1", httponly=True, secure=True, max_age=60, samesite="strict")
    response.set_cookie("b", "2", path="/b", domain="example.test")
    response.delete_cookie("c")
    first, second, third = fetch(answering(response)).headers.getlist("set-cookie")
    assert first.startswith("a=1;") and {"HttpOnly", "Secure", "Max-Age=60"} <= set(first.split("; "))
    assert "samesite=strict" in first.lower()
    assert second.startswith("b=2;") and {"Path=/b", "Domain=example.test"} <= set(second.split("; "))
    assert third.startswith("c=") and "Max-Age=0" in third


# ------------------------------------------------------------ no body


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_whose_status_allows_no_body_has_none(status: int) -> None:
    answer = fetch(answering(lambda: Response(b"left over", status)))
    assert (answer.status, answer.body, answer.complete) == (status, b"", True)
    assert "content-length" not in answer.headers


def test_a_route_whose_status_is_204_sends_no_body_for_a_plain_value() -> None:
    app = kernel_app()

    @app.delete("/", status=204)
    async def delete() -> None:
        return None

    answer = fetch(app, "DELETE")
    assert (answer.status, answer.body, "content-length" in answer.headers) == (204, b"", False)


@pytest.mark.parametrize(
    "value",
    ["text", {"a": 1}, Response(b"bytes", 201), HTMLResponse("x" * 1000)],
    ids=lambda value: type(value).__name__,
)
def test_head_answers_with_the_headers_of_get_and_no_body(value: Any) -> None:
    app = answering(value)
    get, head = fetch(app), fetch(app, "HEAD")
    assert head.status == get.status
    assert head.headers.raw == get.headers.raw
    assert (head.body, head.complete) == (b"", True)


# ------------------------------------------------------------ background work


def test_background_work_runs_after_the_last_byte_and_before_the_exits() -> None:
    app = kernel_app()
    order: List[str] = []

    @app.get("/")
    async def work(request: Request) -> Any:
        async def close(error: Any) -> None:
            order.append("exit")

        async def background() -> None:
            order.append(f"background after {exchange.sent[-1]['type']}")

        request.add_cleanup(close)
        return Response("x", background=background)

    exchange: Any = None

    async def scenario() -> None:
        nonlocal exchange
        exchange = Exchange(app)
        await exchange.finish()

    run(scenario())
    assert order == ["background after http.response.body", "exit"]


def test_background_tasks_run_in_order_sync_ones_in_a_thread() -> None:
    app = kernel_app()
    order: List[str] = []

    async def first(text: str) -> None:
        order.append(text)

    def second(text: str, *, end: str) -> None:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        order.append(text + end)

    async def call(function: Any, *args: Any, **kwargs: Any) -> Any:
        if asyncio.iscoroutinefunction(function):
            return await function(*args, **kwargs)
        return await app.run_in_thread(function, *args, **kwargs)

    @app.get("/")
    async def work() -> Any:
        tasks = BackgroundTasks(call)
        tasks.add_task(first, "one")
        tasks.add_task(second, "two", end="!")
        return Response("x", background=tasks)

    assert fetch(app).text == "x"
    assert order == ["one", "two!"]


def test_background_work_that_fails_leaves_the_answer_whole_and_closes_what_is_open() -> None:
    app = kernel_app()
    seen: List[Any] = []

    @app.get("/")
    async def work(request: Request) -> Any:
        async def close(error: Any) -> None:
            seen.append(type(error))

        async def background() -> None:
            raise KeyError("too late")

        request.add_cleanup(close)
        return Response("x", background=background)

    answer = fetch(app)
    assert (answer.status, answer.body, answer.complete) == (200, b"x", True)
    assert seen == [KeyError]


# ------------------------------------------------------------ errors


def test_an_error_nobody_handles_is_a_500_that_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Any:
        raise RuntimeError("the password is hunter2")

    answer = fetch(answering(fail))
    assert (answer.status, answer.text) == (500, '{"detail":"Internal Server Error"}')
    assert "hunter2" in caplog.text


def test_the_most_specific_handler_answers_an_error() -> None:
    app = kernel_app()
    app.add_exception_handler(Exception, lambda request, error: ("any", 500))
    app.add_exception_handler(LookupError, lambda request, error: ("lookup", 404))
    app.add_exception_handler(418, lambda request, error: ("teapot", 418))

    @app.get("/{kind}")
    async def fail(request: Request) -> Any:
        raise {"key": KeyError("k"), "value": ValueError("v"), "tea": HTTPError(418), "http": NotFound()}[
            request.path_params["kind"]
        ]

    assert [fetch(app, path="/" + kind).text for kind in ("key", "value", "tea", "http")] == [
        "lookup",
        "any",
        "teapot",
        "any",
    ]


def test_an_error_handler_that_fails_has_its_own_error_answered() -> None:
    app = kernel_app()

    @app.exception_handler(KeyError)
    async def broken(request: Request, error: KeyError) -> Any:
        raise NotFound("not even this")

    @app.get("/")
    async def fail() -> Any:
        raise KeyError("k")

    answer = fetch(app)
    assert (answer.status, answer.text) == (404, '{"detail":"not even this"}')


def test_an_error_handler_that_raises_what_it_handles_does_not_loop() -> None:
    app = kernel_app()

    @app.exception_handler(KeyError)
    def again(request: Request, error: KeyError) -> Any:
        raise error

    @app.get("/")
    async def fail() -> Any:
        raise KeyError("k")

    assert fetch(app).status == 500


# ------------------------------------------------------------ files


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "digits.txt"
    path.write_bytes(b"0123456789")
    return path


def test_a_file_is_sent_with_validators_and_its_type(file: Path) -> None:
    answer = fetch(answering(lambda: FileResponse(file)))
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["accept-ranges"] == "bytes"
    assert {"etag", "last-modified"} <= set(answer.headers)


def test_a_part_of_a_file_is_sent(file: Path) -> None:
    answer = fetch(answering(lambda: FileResponse(file)), headers={"range": "bytes=2-4"})
    assert (answer.status, answer.body, answer.headers["content-range"]) == (206, b"234", "bytes 2-4/10")


def test_a_range_outside_the_file_is_answered_416(file: Path) -> None:
    answer = fetch(answering(lambda: FileResponse(file)), headers={"range": "bytes=10-"})
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */10")


def test_a_file_that_the_client_has_is_answered_304(file: Path) -> None:
    app = answering(lambda: FileResponse(file))
    etag = fetch(app).headers["etag"]
    answer = fetch(app, headers={"if-none-match": etag})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)


def test_head_of_a_file_reads_nothing_and_tells_its_length(file: Path) -> None:
    answer = fetch(answering(lambda: FileResponse(file)), "HEAD")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "10")


def test_a_large_file_is_sent_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(1_000_000))
    app = answering(lambda: FileResponse(path))
    answer = fetch(app)
    assert (len(answer.body), answer.headers["content-length"]) == (1_000_000, "1000000")
    assert max(len(chunk) for chunk in answer.chunks) <= 256 * 1024
    head = fetch(app, "HEAD")
    assert (head.body, head.headers["content-length"], head.complete) == (b"", "1000000", True)


def test_a_file_that_is_not_there_is_a_real_404_and_its_handlers_see_it(tmp_path: Path) -> None:
    app = answering(lambda: FileResponse(tmp_path / "absent"))
    app.add_exception_handler(404, lambda request, error: ("no such file", 404))
    answer = fetch(app)
    assert (answer.status, answer.text) == (404, "no such file")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert fetch(answering(lambda: FileResponse(tmp_path))).status == 404


# ------------------------------------------------------------ redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_names_the_location(status: int) -> None:
    answer = fetch(answering(RedirectResponse("/there?a=1#é b", status)))
    assert (answer.status, answer.headers["location"], answer.body) == (status, "/there?a=1#%C3%A9%20b", b"")


def test_a_redirect_with_another_status_is_refused() -> None:
    with pytest.raises(ValueError, match="200 is not a redirect"):
        RedirectResponse("/", 200)


# ------------------------------------------------------------ synchronous handlers


def test_a_synchronous_handler_does_not_hold_up_the_event_loop() -> None:
    app = kernel_app()

    @app.get("/slow")
    def slow() -> Any:
        time.sleep(0.3)
        return "slow"

    @app.get("/fast")
    async def fast() -> Any:
        return "fast"

    async def scenario() -> None:
        waiting = Exchange(app, path="/slow")
        waiting.start()
        await asyncio.sleep(0.05)
        assert (await Exchange(app, path="/fast").finish()).text == "fast"
        assert waiting.sent == []
        assert (await waiting.finish()).text == "slow"

    run(scenario())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_status_in_a_message_is_a_plain_number_whatever_the_response_was_given(method: str) -> None:
    """A server writes it into its access log, where an enumeration would read as its name."""
    app = make_app()
    app.get("/")(lambda: Response("made", HTTPStatus.CREATED))
    statuses: List[Any] = []

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        await app(scope, receive, noting)

    with SyncClient(middleware) as client:
        assert client.request(method, "/").status == 201
    assert [type(status) for status in statuses] == [int]
