"""Streams: truthful statuses, visible breaks, a prompt end when the client leaves, the request's context."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar
from typing import Any, AsyncIterator, Callable, Iterator, List

import pytest
from tests.asgi import PATIENCE, Exchange, fetch, kernel_app, run

from fenrir_core import ClientDisconnect, Request, Response, StreamingResponse, current_connection

#: How soon after the client's leaving a stream must be closed, in seconds.
SOON = 1.0


def streaming(content: Callable[[], Any], *, methods: Any = ("GET", "POST"), **options: Any) -> Any:
    """Make an app that streams what `content` gives."""
    app = kernel_app()

    @app.route("/", methods)
    async def stream() -> Any:
        return StreamingResponse(content(), **options)

    return app


async def take_time(seconds: float = 3600.0) -> None:
    await asyncio.sleep(seconds)


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


# ------------------------------------------------------------ the client leaves


def watched(events: List[str]) -> Callable[[], AsyncIterator[str]]:
    async def pieces() -> AsyncIterator[str]:
        try:
            yield "first"
            await take_time()
        finally:
            events.append(f"closed for {current_connection().scope['path']}")

    return pieces


async def settle() -> None:
    """Let the app go on until it waits."""
    for _ in range(50):
        await asyncio.sleep(0)


async def leave_after_first(exchange: Exchange) -> float:
    """Leave once the first piece has come; give how long the app then took, in seconds."""
    exchange.start()
    await exchange.until(lambda: any(message.get("body") for message in exchange.sent))
    began = time.perf_counter()
    exchange.leave()
    answer = await exchange.finish()
    assert answer.error is None
    return time.perf_counter() - began


def test_a_disconnect_closes_the_generator_soon_and_in_the_requests_context() -> None:
    events: List[str] = []

    async def scenario() -> None:
        exchange = Exchange(streaming(watched(events)))
        exchange.feed()
        assert await leave_after_first(exchange) < SOON

    run(scenario())
    assert events == ["closed for /"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "GET"])
def test_a_disconnect_is_seen_whatever_the_method_and_although_nobody_read_the_body(method: str) -> None:
    events: List[str] = []

    async def scenario() -> None:
        exchange = Exchange(streaming(watched(events), methods=(method,)), method)
        exchange.feed(b"unread", more=True)
        exchange.feed(b"more")
        assert await leave_after_first(exchange) < SOON

    run(scenario())
    assert events == ["closed for /"]


def test_a_disconnect_before_the_first_piece_closes_the_generator() -> None:
    events: List[str] = []
    began: Any = None

    async def pieces() -> AsyncIterator[str]:
        try:
            began.set()
            await take_time()
            yield "never"
        finally:
            events.append("closed")

    async def scenario() -> None:
        nonlocal began
        began = asyncio.Event()  # belongs to the running loop before Python 3.10
        exchange = Exchange(streaming(pieces))
        exchange.feed()
        exchange.start()
        await asyncio.wait_for(began.wait(), PATIENCE)
        exchange.leave()
        answer = await exchange.finish()
        assert (answer.error, answer.status) == (None, 0)

    run(scenario())
    assert events == ["closed"]


def test_a_disconnect_closes_a_sync_generator_when_its_piece_is_done() -> None:
    events: List[str] = []
    at_work = threading.Event()

    def pieces() -> Iterator[str]:
        try:
            yield "piece"
            at_work.set()
            time.sleep(0.3)
            yield "never seen"
        finally:
            events.append(f"closed for {current_connection().scope['path']}")

    async def scenario() -> None:
        exchange = Exchange(streaming(pieces))
        exchange.feed()
        exchange.start()
        await asyncio.get_running_loop().run_in_executor(None, at_work.wait, PATIENCE)
        began = time.perf_counter()
        exchange.leave()
        assert (await exchange.finish()).error is None
        assert time.perf_counter() - began < SOON

    run(scenario())
    assert events == ["closed for /"]


def test_exits_and_background_work_run_although_the_client_left() -> None:
    app = kernel_app()
    events: List[str] = []

    @app.get("/")
    async def stream(request: Request) -> Any:
        async def close(error: Any) -> None:
            events.append("exit")

        async def background() -> None:
            events.append("background")

        request.add_cleanup(close)
        return StreamingResponse(watched(events)(), background=background)

    async def scenario() -> None:
        exchange = Exchange(app)
        exchange.feed()
        await leave_after_first(exchange)

    run(scenario())
    assert events == ["closed for /", "background", "exit"]


def test_the_server_task_is_not_left_cancelled_after_a_disconnect() -> None:
    async def scenario() -> None:
        exchange = Exchange(streaming(watched([])))
        exchange.feed()
        await leave_after_first(exchange)
        assert exchange.task is not None
        assert not exchange.task.cancelled()
        assert exchange.task.result() is None

    run(scenario())


def test_a_server_that_cancels_the_request_is_obeyed() -> None:
    events: List[str] = []

    async def scenario() -> None:
        exchange = Exchange(streaming(watched(events)))
        exchange.feed()
        exchange.start()
        await exchange.until(lambda: any(message.get("body") for message in exchange.sent))
        assert exchange.task is not None
        exchange.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await exchange.task

    run(scenario())
    assert events == ["closed for /"]


# ------------------------------------------------------------ reading and writing at once


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET"])
def test_a_stream_can_read_the_body_while_it_answers(method: str) -> None:
    app = kernel_app()

    @app.route("/", (method,))
    async def echo(request: Request) -> Any:
        async def pieces() -> AsyncIterator[bytes]:
            async for chunk in request.stream():
                yield chunk.upper()

        return StreamingResponse(pieces())

    async def scenario() -> None:
        exchange = Exchange(app, method)
        exchange.start()
        exchange.feed(b"a", more=True)
        await exchange.until(lambda: any(message.get("body") == b"A" for message in exchange.sent))
        await settle()
        exchange.feed(b"b", more=True)
        await exchange.until(lambda: any(message.get("body") == b"B" for message in exchange.sent))
        exchange.feed(b"c")
        answer = await exchange.finish()
        assert (answer.body, answer.complete) == (b"ABC", True)

    run(scenario())


def test_a_stream_that_reads_the_body_is_told_when_the_client_leaves(caplog: pytest.LogCaptureFixture) -> None:
    app = kernel_app()
    events: List[str] = []

    @app.post("/")
    async def echo(request: Request) -> Any:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for chunk in request.stream():
                    yield chunk
            except ClientDisconnect:
                events.append("told")
                raise
            finally:
                events.append("closed")

        return StreamingResponse(pieces())

    async def scenario() -> None:
        exchange = Exchange(app, "POST")
        exchange.start()
        exchange.feed(b"a", more=True)
        await exchange.until(lambda: any(message.get("body") for message in exchange.sent))
        await settle()
        exchange.leave()
        assert (await exchange.finish()).error is None

    run(scenario())
    assert events == ["told", "closed"]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_more_of_a_body_than_a_stream_wants_makes_the_client_wait() -> None:
    async def scenario() -> None:
        exchange = Exchange(streaming(watched([])), "POST")
        for _ in range(100):
            exchange.feed(b"x" * 8192, more=True)
        exchange.start()
        await exchange.until(lambda: any(message.get("body") for message in exchange.sent))
        await settle()
        assert exchange.incoming.qsize() > 80
        assert exchange.task is not None
        exchange.task.cancel()
        await asyncio.wait({exchange.task})

    run(scenario())


def test_the_body_can_still_be_read_when_the_stream_is_over() -> None:
    app = kernel_app()
    read: List[bytes] = []

    @app.post("/")
    async def stream(request: Request) -> Any:
        async def background() -> None:
            read.append(await request.body())

        return StreamingResponse(["a"], background=background)

    async def scenario() -> None:
        exchange = Exchange(app, "POST")
        exchange.feed(b"one ", more=True)
        exchange.start()
        await exchange.until(lambda: any(message.get("more_body") is False for message in exchange.sent))
        await settle()
        exchange.feed(b"two")
        await exchange.finish()

    run(scenario())
    assert read == [b"one two"]


def test_a_server_that_takes_no_more_ends_the_stream_quietly(caplog: pytest.LogCaptureFixture) -> None:
    events: List[str] = []

    async def scenario() -> None:
        exchange = Exchange(streaming(watched(events)))

        async def refuse(message: Any) -> None:
            if message.get("body"):
                raise ConnectionResetError("gone")
            exchange.sent.append(message)

        exchange._send = refuse  # type: ignore[method-assign]
        assert (await exchange.finish()).error is None

    run(scenario())
    assert events == ["closed for /"]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


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
    def pieces() -> Iterator[str]:
        for _ in range(3):
            time.sleep(0.1)
            yield "a"

    async def scenario() -> None:
        exchange = Exchange(streaming(pieces))
        exchange.start()
        longest, last = 0.0, time.perf_counter()
        while not any(message.get("more_body") is False for message in exchange.sent):
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        assert (await exchange.finish()).body == b"aaa"
        assert longest < 0.09

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
