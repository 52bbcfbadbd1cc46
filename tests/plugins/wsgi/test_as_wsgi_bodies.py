# mypy: disallow-untyped-decorators=False
"""Bodies through `as_wsgi`: read and sent in parts, limited, and ended when the client disconnects."""

from __future__ import annotations

import asyncio
import threading
import time
import tracemalloc
from typing import Any, AsyncIterator, Iterator, List
from wsgiref.validate import validator

import pytest
from tests.conformance.kits import kernel
from tests.plugins.wsgi.wsgi_calls import PATIENCE, Answer, ask, call, environ, responding, served

from fenrir import Fenrir
from fenrir_core import BackgroundTasks, ClientDisconnect, Request, Response, StreamingResponse

MEGABYTE = 1024 * 1024


def test_a_response_is_sent_in_parts_as_they_are_made() -> None:
    gate = threading.Semaphore(0)

    def parts() -> Iterator[bytes]:
        for index in range(3):
            assert gate.acquire(timeout=PATIENCE)
            yield b"%d" % index

    with served(responding(lambda: StreamingResponse(parts(), media_type="text/x"))) as application:
        gate.release()
        result = validator(application)(environ(), Answer().start_response)
        iterator, found = iter(result), []
        for _ in range(3):
            found.append(next(iterator))
            gate.release()
        assert found == [b"0", b"1", b"2"] and [*iterator] == []
        result.close()  # type: ignore[attr-defined]


class Upload:
    """A request body of `size` bytes that is made when it is read, and that counts its reads."""

    def __init__(self, size: int) -> None:
        self.size, self.reads, self.threads = size, 0, set()  # type: ignore[var-annotated]

    def read(self, size: int) -> bytes:
        self.reads += 1
        self.threads.add(threading.get_ident())
        size = min(size, self.size)
        self.size -= size
        return b"x" * size

    def readline(self, size: int = -1) -> bytes:
        raise NotImplementedError

    def readlines(self, hint: int = -1) -> List[bytes]:
        raise NotImplementedError

    __iter__: Any = readlines


def test_bodies_stream_both_ways_in_flat_memory() -> None:
    app = Fenrir(max_body=None)
    size = 32 * MEGABYTE

    @app.post("/", stream=True)
    async def echo(request: Request) -> Response:
        return StreamingResponse(request.stream(), media_type="text/x")

    upload, found = Upload(size), 0
    with served(app) as application:
        call(application, "/", "POST", b"warm")
        result = application(environ("/", "POST", upload, CONTENT_LENGTH=str(size)), Answer().start_response)
        tracemalloc.start()
        try:
            for chunk in result:
                found += len(chunk)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            result.close()
    assert found == size
    assert peak < 4 * MEGABYTE
    assert upload.threads == {threading.get_ident()}


def test_an_app_that_makes_its_response_faster_than_it_is_taken_waits() -> None:
    made = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield b"x" * 65536

    with served(responding(lambda: StreamingResponse(parts(), media_type="text/x"))) as application:
        result = application(environ(), Answer().start_response)
        assert next(iter(result))
        before = -1
        while before != made:  # until it makes no more
            before = made
            time.sleep(0.05)
        assert made <= 15
        result.close()


def test_the_body_is_read_when_the_app_receives_and_not_beyond_its_length() -> None:
    app, upload = kernel(), Upload(10)
    app.post("/refuse")(lambda: Response(b"no", 403, media_type="text/x"))

    @app.post("/accept")
    async def accept(request: Request) -> str:
        return str(len(await request.body()))

    with served(app) as application:
        assert call(application, "/refuse", "POST", upload, CONTENT_LENGTH="4").status == "403 Forbidden"
        assert upload.reads == 0
        assert call(application, "/accept", "POST", upload, CONTENT_LENGTH="4").body == b"4"
        assert upload.size == 6


@pytest.mark.parametrize("terminated, length", [(True, b"10"), (False, b"0")])
def test_a_body_without_a_length_is_read_if_the_server_marks_its_end(terminated: bool, length: bytes) -> None:
    app = Fenrir()

    @app.post("/")
    async def accept(request: Request) -> str:
        return str(len(await request.body()))

    more = {"wsgi.input_terminated": terminated}
    assert ask(app, "/", "POST", Upload(10), **more).body == length


def test_a_body_that_ends_before_its_length_is_a_disconnect() -> None:
    app, seen = kernel(), []

    @app.post("/")
    async def accept(request: Request) -> str:
        try:
            await request.body()
        except ClientDisconnect as error:
            seen.append(error)
            raise
        return "complete"

    answer = ask(app, "/", "POST", Upload(10), CONTENT_LENGTH="11", check=False)
    assert (answer.status, len(seen)) == ("400 Bad Request", 1)


def test_a_body_that_can_not_be_read_is_a_disconnect_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Upload):
        def read(self, size: int) -> bytes:
            raise OSError("the socket is gone")

    app = Fenrir()

    @app.post("/")
    async def accept(request: Request) -> str:
        return (await request.body()).decode()

    assert ask(app, "/", "POST", Broken(1), CONTENT_LENGTH="1", check=False).status == "400 Bad Request"
    assert "the socket is gone" in caplog.text


def test_a_body_over_the_limit_is_answered_with_413() -> None:
    app = Fenrir(max_body=10)

    @app.post("/")
    async def accept(request: Request) -> str:
        return (await request.body()).decode()

    assert ask(app, "/", "POST", b"x" * 11).status.startswith("413 ")


# ---------------------------------------------------------------- the client leaves


def test_closing_the_iterable_disconnects_the_client_and_closes_the_stream() -> None:
    closed = threading.Event()

    async def parts() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.sleep(3600)
        finally:
            closed.set()

    with served(responding(lambda: StreamingResponse(parts(), media_type="text/x"))) as application:
        result = validator(application)(environ(), Answer().start_response)
        assert next(iter(result)) == b"first"
        result.close()  # type: ignore[attr-defined]
        assert closed.wait(PATIENCE)


def test_after_closing_receive_gives_a_disconnect_and_send_fails() -> None:
    seen: List[Any] = []
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(await receive())
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/x")]})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            seen.append(await receive())
            try:
                await send({"type": "http.response.body", "body": b"y"})
            except OSError as error:
                seen.append(type(error))
            ended.set()

    with served(app) as application:
        result = validator(application)(environ(), Answer().start_response)
        assert next(iter(result)) == b"x"
        result.close()  # type: ignore[attr-defined]
        assert ended.wait(PATIENCE)
    assert seen == [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
        ConnectionResetError,
    ]


def test_after_a_complete_response_receive_gives_a_disconnect_and_background_work_goes_on() -> None:
    app, ended = Fenrir(), threading.Event()

    @app.get("/")
    async def index(tasks: BackgroundTasks) -> str:
        tasks.add_task(ended.set)
        return "done"

    with served(app) as application:
        assert call(application).body == b"done"
        assert ended.wait(PATIENCE)
