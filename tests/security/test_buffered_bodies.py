"""The ceiling of the bodies that all requests of the process hold in memory: `max_buffered`."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, Dict, List, Tuple

import pytest
from tests.asgi import Answer, Exchange, kernel_app, run

from fenrir_core import Request

MULTIPART = {"content-type": "multipart/form-data; boundary=b"}


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    """Drop the requests of other tests, which the process counts too."""
    gc.collect()


def make(**settings: Any) -> Tuple[Any, List[asyncio.Event]]:
    """Return an app that holds bodies until an event, and that event."""
    app, events = kernel_app(**settings), []

    @app.post("/hold")
    async def hold(request: Request) -> Any:
        await request.body()
        events.append(asyncio.Event())
        await events[-1].wait()
        return "held"

    @app.post("/read")
    async def read(request: Request) -> Any:
        return len(await request.body())

    @app.post("/free", max_buffered=None)
    async def free(request: Request) -> Any:
        return len(await request.body())

    @app.post("/stream")
    async def stream(request: Request) -> Any:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/form")
    async def form(request: Request) -> Any:
        return len(await request.form())

    return app, events


def asked(app: Any, path: str, *pieces: bytes, headers: Any = ()) -> Exchange:
    """Send a request whose body comes in pieces."""
    exchange = Exchange(app, "POST", path, headers=headers)
    exchange.start()
    for number, piece in enumerate(pieces, 1):
        exchange.feed(piece, more=number < len(pieces))
    return exchange


async def answer(app: Any, path: str, *pieces: bytes, headers: Any = ()) -> Answer:
    return await asked(app, path, *pieces, headers=headers).finish()


PIECE = b"x" * 500


def test_what_all_requests_of_the_process_hold_is_counted_until_they_end() -> None:
    async def go() -> List[int]:
        app, events = make(max_buffered=2400)  # 400 more than needed: other tests may have left a few bytes
        other, _ = make(max_buffered=2400)
        holding = asked(app, "/hold", PIECE, PIECE)
        while not events:  # noqa: ASYNC110 - it is set in the next turns of the loop
            await asyncio.sleep(0)
        found = [(await answer(other, "/read", PIECE, PIECE)).status]
        found.append((await answer(other, "/read", PIECE, PIECE, PIECE)).status)
        events[0].set()
        found.append((await holding.finish()).status)
        del holding
        gc.collect()
        found.append((await answer(other, "/read", PIECE, PIECE, PIECE)).status)
        return found

    assert run(go()) == [200, 503, 200, 200]


def test_the_refusal_says_when_to_try_again_and_closes_the_connection() -> None:
    app, _ = make(max_buffered=100)
    found = run(answer(app, "/read", PIECE, PIECE))
    assert (found.status, found.headers["retry-after"], found.headers["connection"]) == (503, "1", "close")


def test_it_is_refused_before_the_rest_is_received() -> None:
    async def go() -> Answer:
        app, _ = make(max_buffered=800)
        exchange = Exchange(app, "POST", "/read")
        exchange.start()
        exchange.feed(PIECE, more=True)
        exchange.feed(PIECE, more=True)
        return await exchange.finish()

    assert run(go()).status == 503


@pytest.mark.parametrize("path", ["/free", "/stream"])
def test_a_route_may_be_taken_out_and_a_stream_holds_nothing(path: str) -> None:
    app, _ = make(max_buffered=100)
    assert run(answer(app, path, PIECE, PIECE)).text == "1000"


def test_one_message_is_what_the_server_has_read_ahead() -> None:
    app, _ = make(max_buffered=100)
    assert run(answer(app, "/read", PIECE)).text == "500"


def test_no_limit_by_default() -> None:
    app, _ = make()
    assert run(answer(app, "/read", *[PIECE * 100] * 10)).text == "500000"


def part(size: int, filename: str) -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'--b\r\nContent-Disposition: form-data; name="a"{file}\r\n\r\n'.encode() + b"x" * size + b"\r\n"


@pytest.mark.parametrize("filename", ["", "a.txt"])
def test_fields_and_small_files_of_a_form_are_held(filename: str) -> None:
    app, _ = make(max_buffered=800)
    pieces = part(500, filename), part(500, filename), b"--b--\r\n"
    assert run(answer(app, "/form", *pieces, headers=MULTIPART)).status == 503
    assert run(answer(app, "/form", *pieces[1:], headers=MULTIPART)).text == "1"


def test_large_files_of_a_form_are_on_disk() -> None:
    app, _ = make(max_buffered=2_000_000)
    large = part(5_000_000, "a.txt")
    pieces = [large[start : start + 100_000] for start in range(0, len(large), 100_000)]
    assert run(answer(app, "/form", *pieces, b"--b--\r\n", headers=MULTIPART)).text == "1"


def test_a_request_that_is_refused_holds_nothing_afterwards() -> None:
    async def go() -> Dict[str, int]:
        app, _ = make(max_buffered=1200)
        refused = [(await answer(app, "/read", *[PIECE] * 4)).status for _ in range(5)]
        gc.collect()
        return {"refused": refused.count(503), "then": (await answer(app, "/read", PIECE, PIECE)).status}

    assert run(go()) == {"refused": 5, "then": 200}
