"""Streams: truthful statuses, visible breaks, the request's context."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import Any, AsyncIterator, Iterator, List

import pytest
from tests.asgi import Exchange, fetch, kernel_app, run
from tests.core.streams import streaming

from fenrir_core import Request, Response, StreamingResponse, current_connection

# ------------------------------------------------------------ what is sent


def test_an_async_generator_is_sent_piece_by_piece() -> None:
    async def pieces() -> AsyncIterator[Any]:
        yield "é"
        yield b"\x00"

    answer = fetch(streaming(pieces))
    assert answer.chunks == ["é".encode(), b"\x00"]
    assert answer.complete
    assert "content-length" not in answer.headers


def test_a_sync_iterable_is_sent_piece_by_piece() -> None:
    assert fetch(streaming(lambda: ["a", "b"])).chunks == [b"a", b"b"]


def test_a_generator_that_a_handler_returns_or_is_streamed() -> None:
    app = kernel_app()

    @app.get("/returned")
    async def returned() -> Any:
        return (text for text in ("a", "b"))

    @app.get("/async")
    async def function() -> Any:
        yield "a"
        yield "b"

    @app.get("/sync")
    def sync_function() -> Any:
        yield "a"
        yield "b"

    for path in ("/returned", "/async", "/sync"):
        answer = fetch(app, path=path)
        assert (answer.status, answer.chunks, answer.error) == (200, [b"a", b"b"], None)


def test_an_empty_stream_is_an_empty_answer() -> None:
    answer = fetch(streaming(lambda: []))
    assert (answer.status, answer.body, answer.complete) == (200, b"", True)


def test_head_of_a_stream_starts_nothing() -> None:
    ran: List[str] = []

    def pieces() -> Iterator[str]:
        ran.append("yes")
        yield "a"

    answer = fetch(streaming(pieces, headers={"x-tag": "1"}), "HEAD")
    assert (answer.status, answer.body, answer.complete, answer.headers["x-tag"]) == (200, b"", True, "1")
    assert ran == []


def test_a_stream_whose_status_allows_no_body_sends_none() -> None:
    answer = fetch(streaming(lambda: ["left over"], status=204))
    assert (answer.status, answer.body, answer.complete) == (204, b"", True)


def test_the_next_piece_is_asked_for_when_the_last_one_was_taken() -> None:
    made: List[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(5):
            made.append(number)
            yield b"x"

    async def scenario() -> None:
        exchange = Exchange(streaming(pieces))
        taken = asyncio.Event()

        async def slow(message: Any) -> None:
            exchange.sent.append(message)
            if message.get("body"):
                await taken.wait()

        exchange._send = slow  # type: ignore[method-assign]
        exchange.start()
        await asyncio.sleep(0.05)
        assert made == [0]
        taken.set()
        await exchange.finish()
        assert made == [0, 1, 2, 3, 4]

    run(scenario())


def test_background_work_follows_the_stream() -> None:
    order: List[str] = []

    async def pieces() -> AsyncIterator[str]:
        yield "a"
        order.append("stream")

    async def background() -> None:
        order.append("background")

    assert fetch(streaming(pieces, background=background)).complete
    assert order == ["stream", "background"]


# ------------------------------------------------------------ errors


def test_an_error_before_the_first_piece_is_a_real_status_by_the_apps_handlers() -> None:
    async def pieces() -> AsyncIterator[str]:
        raise LookupError("no such row")
        yield "never"  # type: ignore[unreachable]

    app = streaming(pieces)
    app.add_exception_handler(LookupError, lambda request, error: (str(error), 404))
    answer = fetch(app)
    assert (answer.status, answer.text, answer.complete) == (404, "no such row", True)


def test_a_sync_streams_error_before_the_first_piece_is_a_real_status() -> None:
    def pieces() -> Iterator[str]:
        raise LookupError("no such row")
        yield "never"  # type: ignore[unreachable]

    app = streaming(pieces)
    app.add_exception_handler(LookupError, lambda request, error: (str(error), 404))
    assert fetch(app).status == 404


def test_a_later_error_leaves_the_answer_unfinished_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "a"
        raise LookupError("row vanished")

    answer = fetch(streaming(pieces))
    assert (answer.status, answer.body, answer.complete) == (200, b"a", False)
    assert isinstance(answer.error, LookupError)  # so that the server breaks the connection off
    assert "row vanished" in caplog.text


def test_a_piece_of_a_wrong_type_breaks_the_stream_off() -> None:
    answer = fetch(streaming(lambda: ["a", object()]))
    assert (answer.complete, type(answer.error)) == (False, TypeError)


def test_a_number_is_no_piece_of_a_stream() -> None:
    # bytes(3) would be three zero bytes
    answer = fetch(streaming(lambda: ["a", 3]))
    assert (answer.body, answer.complete) == (b"a", False)


def test_exits_see_the_error_of_a_stream() -> None:
    app = kernel_app()
    seen: List[Any] = []

    @app.get("/")
    async def stream(request: Request) -> Any:
        async def close(error: Any) -> None:
            seen.append(type(error))

        async def pieces() -> AsyncIterator[str]:
            yield "a"
            raise LookupError

        request.add_cleanup(close)
        return StreamingResponse(pieces())

    fetch(app)
    assert seen == [LookupError]


# ------------------------------------------------------------ context and event loop


def test_a_stream_runs_in_the_requests_context() -> None:
    app = kernel_app()
    seen: List[bool] = []

    @app.get("/{kind}")
    async def stream(request: Request) -> Any:
        def sync_pieces() -> Iterator[str]:
            for _ in range(2):
                seen.append(current_connection() is request)
                yield "a"

        async def pieces() -> AsyncIterator[str]:
            for _ in range(2):
                seen.append(current_connection() is request)
                yield "a"

        return StreamingResponse(pieces() if request.path_params["kind"] == "async" else sync_pieces())

    fetch(app, path="/async")
    fetch(app, path="/sync")
    assert seen == [True] * 4


def test_a_variable_that_a_sync_stream_sets_is_kept_between_its_pieces_and_seen_after_it() -> None:
    app = kernel_app()
    count: ContextVar[int] = ContextVar("count", default=0)
    seen: List[int] = []

    @app.get("/")
    async def stream() -> Any:
        def pieces() -> Iterator[str]:
            for _ in range(3):
                count.set(count.get() + 1)
                yield str(count.get())

        async def background() -> None:
            seen.append(count.get())

        return StreamingResponse(pieces(), background=background)

    assert fetch(app).body == b"123"
    assert seen == [3]


def test_a_sync_generator_does_not_hold_up_the_event_loop() -> None:
    turn_of_loop = threading.Event()

    def pieces() -> Iterator[str]:
        for _ in range(3):
            turn_of_loop.clear()
            yield "a" if turn_of_loop.wait(timeout=10) else "held up"

    async def scenario() -> None:
        exchange = Exchange(streaming(pieces))
        exchange.start()
        while not any(message.get("more_body") is False for message in exchange.sent):
            turn_of_loop.set()
            await asyncio.sleep(0.005)
        assert (await exchange.finish()).body == b"aaa"

    run(scenario())


def test_a_response_that_does_not_stream_is_not_watched() -> None:
    app = kernel_app()

    @app.get("/")
    async def plain() -> Any:
        return Response("x")

    async def scenario() -> None:
        exchange = Exchange(app)
        before = len(asyncio.all_tasks())
        await exchange.finish()
        late_start = 1  # the lifespans live in a task of their own
        assert len(asyncio.all_tasks()) <= before + late_start
        assert exchange.incoming.qsize() == 0

    run(scenario())


def test_a_server_that_never_waits_in_receive_is_asked_only_so_often() -> None:
    app = kernel_app()
    asked = 0

    @app.get("/")
    async def stream() -> Any:
        async def pieces() -> AsyncIterator[bytes]:
            await asyncio.sleep(0)
            yield b"all"

        return StreamingResponse(pieces())

    async def receive() -> Any:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"", "more_body": False}

    async def scenario() -> bytes:
        sent: List[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await app(Exchange(app, "GET").scope, receive, send)
        return b"".join(message.get("body", b"") for message in sent)

    assert run(scenario()) == b"all"
    assert asked < 5000
