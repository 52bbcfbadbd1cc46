"""A synchronous generator is pulled several items a hop, and no item waits for the next one."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Awaitable, Callable, Iterator, List

import pytest
from tests.asgi import PATIENCE, Exchange, ask, fetch, kernel_app, run

from fenrir_core import StreamingResponse


class Client(Exchange):
    """A client with a `send` of its own, called after a message was taken."""

    def __init__(self, app: Any, then: Callable[[List[bytes]], Awaitable[object]]) -> None:
        super().__init__(app)
        self.then = then

    async def _send(self, message: Any) -> None:
        await super()._send(message)
        await self.then(bodies(self))


def bodies(exchange: Exchange) -> List[bytes]:
    return [message["body"] for message in exchange.sent if message.get("body")]


def test_an_item_that_is_ready_is_sent_while_the_next_one_is_made() -> None:
    go = threading.Event()
    app = kernel_app()

    @app.get("/")
    def handler() -> Iterator[str]:
        yield "a"
        yield "b"
        go.wait(PATIENCE)
        yield "c"

    async def scenario() -> None:
        exchange = Exchange(app)
        exchange.start()
        await exchange.until(lambda: bodies(exchange) == [b"a", b"b"])
        go.set()
        assert (await exchange.finish()).text == "abc"

    run(scenario())


def test_fast_items_are_made_ahead_of_a_client_up_to_a_bound() -> None:
    made: List[int] = []
    filled = threading.Event()
    app = kernel_app()

    @app.get("/")
    def handler() -> Iterator[str]:
        for number in range(1000):
            made.append(number)
            if number == 10:
                filled.set()
            yield "x"

    async def scenario() -> None:
        async def slow(taken: List[bytes]) -> None:
            if len(taken) == 1:
                assert await asyncio.get_running_loop().run_in_executor(None, filled.wait, PATIENCE)

        assert (await Client(app, slow).finish()).text == "x" * 1000

    run(scenario())


def test_a_client_that_takes_nothing_stops_the_generator_after_a_few_items() -> None:
    made: List[int] = []
    app = kernel_app()

    @app.get("/")
    def handler() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"x" * 100_000

    async def scenario() -> None:
        go = asyncio.Event()

        async def slow(taken: List[bytes]) -> None:
            if taken:
                await go.wait()

        exchange = Client(app, slow)
        exchange.start()
        await exchange.until(lambda: bodies(exchange))
        # the app's threads are free while the client takes nothing
        await asyncio.gather(*(app.run_in_thread(len, "") for _ in range(40)))
        assert len(made) <= 6
        go.set()
        assert len((await exchange.finish()).body) == 100_000_000

    run(scenario())


def test_items_before_an_error_are_sent() -> None:
    app = kernel_app()

    @app.get("/")
    def handler() -> Iterator[str]:
        yield "a"
        yield "b"
        raise ValueError("broken")

    answer = fetch(app)
    assert (answer.status, answer.text, answer.complete) == (200, "ab", False)
    assert isinstance(answer.error, ValueError)


def test_an_error_before_the_first_item_is_answered_with_its_status() -> None:
    app = kernel_app()

    @app.get("/")
    def handler() -> Iterator[str]:
        raise ValueError
        yield ""

    assert fetch(app).status == 500


class Items:
    """An iterator with a `close` of its own, as WSGI applications return."""

    def __init__(self, count: int) -> None:
        self.count, self.closed = count, 0

    def __iter__(self) -> Items:
        return self

    def __next__(self) -> bytes:
        self.count -= 1
        if self.count < 0:
            raise StopIteration
        return b"x"

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("ends", ["complete", "disconnect"])
def test_an_iterators_close_is_called_once(ends: str) -> None:
    app = kernel_app()
    items = Items(3 if ends == "complete" else 10**9)

    @app.get("/")
    def handler() -> Any:
        return StreamingResponse(items)

    async def scenario() -> None:
        exchange = Exchange(app)
        exchange.start()
        await exchange.until(lambda: bodies(exchange))
        if ends == "disconnect":
            exchange.leave()
        await exchange.finish()

    run(scenario())
    assert items.closed == 1


def test_a_disconnect_while_an_item_is_made_closes_the_generator_after_it() -> None:
    seen: List[str] = []
    began, go = threading.Event(), threading.Event()
    app = kernel_app(threads=2)

    @app.get("/")
    def handler() -> Iterator[str]:
        try:
            yield "a"
            began.set()
            go.wait(PATIENCE)
            seen.append("made")
            yield "b"
            seen.append("went on")
        finally:
            seen.append("closed")

    async def scenario() -> None:
        exchange = Exchange(app)
        exchange.feed()
        exchange.start()
        await asyncio.get_running_loop().run_in_executor(None, began.wait, PATIENCE)
        exchange.leave()
        for _ in range(5):
            await asyncio.sleep(0)
        assert seen == []
        go.set()
        await exchange.finish()

    run(scenario())
    assert seen == ["made", "closed"]


def test_variables_and_order_hold_for_many_streams_at_once() -> None:
    app = kernel_app(threads=2)

    @app.get("/")
    def handler() -> Iterator[str]:
        for number in range(500):
            yield f"{number},"

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app) for _ in range(50)))
        assert {answer.text for answer in answers} == {"".join(f"{number}," for number in range(500))}

    run(scenario())
