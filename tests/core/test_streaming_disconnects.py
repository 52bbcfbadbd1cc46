"""Streams whose client leaves or still sends its body: a prompt end, and reading while writing."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any, AsyncIterator, Callable, Iterator, List

import pytest
from tests.asgi import PATIENCE, Exchange, kernel_app, run
from tests.core.streams import streaming, take_time

from fenrir_core import ClientDisconnect, Request, StreamingResponse, current_connection

#: How soon after the client's leaving a stream must be closed, in seconds.
SOON = 1.0


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
