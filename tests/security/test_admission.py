"""Limits of time and of requests at a time: `request_timeout`, `max_concurrent`, `max_waiting`."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, AsyncIterator, List

import pytest
from tests.asgi import Exchange, Socket, fetch, kernel_app, run

from fenrir_core import StreamingResponse

#: Seconds that are over soon.
SOON = 0.05


async def status_of(exchange: Exchange) -> int:
    await exchange.until(lambda: exchange.sent)
    status: int = exchange.sent[0]["status"]
    return status


def asked(app: Any, path: str = "/") -> Exchange:
    exchange = Exchange(app, path=path)
    exchange.start()
    exchange.feed()
    return exchange


def test_a_request_that_takes_too_long_is_a_503_and_is_cancelled() -> None:
    seen: List[str] = []
    app = kernel_app(request_timeout=SOON)

    @app.get("/")
    async def slow() -> Any:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    answer = fetch(app)
    assert (answer.status, answer.error, seen) == (503, None, ["cancelled"])
    assert f"{SOON:g} seconds" in answer.text


def test_the_time_ends_with_the_start_of_the_response() -> None:
    app = kernel_app(request_timeout=SOON)

    @app.get("/")
    async def stream() -> Any:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"a"
            await asyncio.sleep(3 * SOON)
            yield b"b"

        return StreamingResponse(pieces())

    answer = fetch(app)
    assert (answer.status, answer.body, answer.complete) == (200, b"ab", True)


def test_a_body_that_does_not_come_is_counted() -> None:
    app = kernel_app(request_timeout=SOON)

    @app.post("/")
    async def read(request: Any) -> Any:
        return len(await request.body())

    from fenrir_core import Request

    read.__annotations__["request"] = Request

    async def go() -> int:
        exchange = Exchange(app, "POST")
        exchange.start()
        status = await status_of(exchange)
        await exchange.finish()
        return status

    assert run(go()) == 503


def test_a_route_has_a_time_of_its_own() -> None:
    app = kernel_app(request_timeout=SOON)

    @app.get("/patient", request_timeout=None)
    async def patient() -> Any:
        await asyncio.sleep(3 * SOON)
        return "ok"

    assert fetch(app, path="/patient").status == 200


def test_a_synchronous_handler_gets_a_503_in_time_and_its_thread_stays_counted() -> None:
    released, ended = threading.Event(), threading.Event()
    app = kernel_app(request_timeout=SOON, max_concurrent=1, max_waiting=0)

    @app.get("/")
    def stuck() -> Any:
        released.wait(60)
        ended.set()
        return "late"

    async def go() -> List[Any]:
        async with app.lifespan():
            first = asked(app)
            found: List[Any] = [await status_of(first)]
            found.append(await status_of(asked(app)))  # the only place is taken by the thread
            assert not ended.is_set()
            released.set()
            await first.finish()
            found.append(len(first.sent))  # what the handler has returned was dropped
            last = asked(app)
            found.append(await status_of(last))
            return found

    assert run(go()) == [503, 503, 2, 200]


def test_dependencies_close_when_the_synchronous_handler_has_ended() -> None:
    order: List[str] = []
    app = kernel_app(request_timeout=SOON)
    released = threading.Event()

    @app.get("/")
    def stuck() -> Any:
        released.wait(60)
        order.append("handler")

    async def go() -> None:
        exchange = asked(app)
        assert await status_of(exchange) == 503
        order.append("answered")
        released.set()
        await exchange.finish()
        order.append("over")

    run(go())
    assert order == ["answered", "handler", "over"]


def test_an_error_handler_makes_the_503() -> None:
    app = kernel_app(request_timeout=SOON)

    @app.exception_handler(503)
    async def busy(request: Any, error: Any) -> Any:
        return "come back later"

    @app.get("/")
    async def slow() -> Any:
        await asyncio.sleep(60)

    assert fetch(app).text == "come back later"


@pytest.mark.once
def test_an_error_handler_that_takes_too_long_leaves_a_plain_503() -> None:
    app = kernel_app(request_timeout=SOON)

    @app.exception_handler(503)
    async def late(request: Any, error: Any) -> Any:
        await asyncio.sleep(10)
        return "late"

    @app.get("/")
    async def slow() -> Any:
        await asyncio.sleep(60)

    answer = fetch(app)
    assert (answer.status, "took more than 0.05 seconds" in answer.text) == (503, True)


def test_a_websocket_may_take_any_time() -> None:
    app = kernel_app(request_timeout=SOON)

    @app.websocket("/")
    async def talk(websocket: Any) -> None:
        await asyncio.sleep(3 * SOON)
        await websocket.accept()
        await websocket.close(4001)

    async def go() -> Any:
        client = Socket(app, "/")
        await client.finish()
        return client.close_code

    assert run(go()) == 4001


# ------------------------------------------------------------ requests at a time


class Doors:
    """An app whose handler waits until the test lets it go on."""

    def __init__(self, **settings: Any) -> None:
        self.app = kernel_app(**settings)
        self.inside = 0
        self.most = 0
        self.open = asyncio.Event()

        @self.app.get("/")
        async def wait() -> Any:
            self.inside += 1
            self.most = max(self.most, self.inside)
            await self.open.wait()
            self.inside -= 1
            return "ok"

        @self.app.get("/health", max_concurrent=None)
        async def health() -> Any:
            return "ok"

        @self.app.get("/own", max_concurrent=1, max_waiting=0)
        async def own() -> Any:
            await self.open.wait()
            return "ok"


def test_more_requests_wait_and_one_more_than_that_is_a_503_with_retry_after() -> None:
    async def go() -> Any:
        doors = Doors(max_concurrent=2, max_waiting=1)
        async with doors.app.lifespan():
            exchanges = [asked(doors.app) for _ in range(3)]
            for _ in range(5):
                await asyncio.sleep(0)
            refused = asked(doors.app)
            assert await status_of(refused) == 503
            assert (b"retry-after", b"1") in refused.sent[0]["headers"]
            doors.open.set()
            return [await status_of(exchange) for exchange in exchanges], doors.most

    assert run(go()) == ([200, 200, 200], 2)


def test_a_place_is_free_again_for_the_next_request() -> None:
    async def go() -> Any:
        doors = Doors(max_concurrent=1, max_waiting=0)
        doors.open.set()
        async with doors.app.lifespan():
            found = []
            for _ in range(3):
                exchange = asked(doors.app)
                found.append(await status_of(exchange))
                await exchange.finish()
            return found

    assert run(go()) == [200, 200, 200]


def test_a_client_that_leaves_while_it_waits_gives_up_its_turn() -> None:
    async def go() -> Any:
        doors = Doors(max_concurrent=1, max_waiting=1)
        async with doors.app.lifespan():
            first, second = asked(doors.app), asked(doors.app)
            for _ in range(5):
                await asyncio.sleep(0)
            second.task.cancel()  # type: ignore[union-attr]  # it was started
            await asyncio.wait([second.task])  # type: ignore[list-item]  # it was started
            third = asked(doors.app)
            for _ in range(5):
                await asyncio.sleep(0)
            doors.open.set()
            return [await status_of(first), await status_of(third)]

    assert run(go()) == [200, 200]


def test_requests_that_are_cancelled_together_end_as_cancelled_and_leave_their_places() -> None:
    async def go() -> Any:
        doors = Doors(max_concurrent=1, max_waiting=5)
        async with doors.app.lifespan():
            tasks: List[Any] = [asked(doors.app).task for _ in range(3)]
            for _ in range(5):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            doors.open.set()
            return [task.cancelled() for task in tasks], await status_of(asked(doors.app))

    assert run(go()) == ([True] * 3, 200)


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/own", 503), ("/none", 503)])
def test_a_route_has_a_count_of_its_own_or_none(path: str, status: int) -> None:
    async def go() -> int:
        doors = Doors(max_concurrent=1, max_waiting=0)
        async with doors.app.lifespan():
            asked(doors.app)
            own = asked(doors.app, "/own")
            for _ in range(5):
                await asyncio.sleep(0)
            assert not own.sent
            found = await status_of(asked(doors.app, path))
            doors.open.set()
            return found

    assert run(go()) == status


def test_waiting_counts_as_time() -> None:
    async def go() -> Any:
        doors = Doors(max_concurrent=1, max_waiting=5, request_timeout=SOON)
        async with doors.app.lifespan():
            return [await status_of(asked(doors.app)) for _ in range(2)]

    assert run(go()) == [503, 503]


def test_without_these_limits_a_route_is_compiled_without_them() -> None:
    app = kernel_app()
    app.get("/")(lambda: "")
    assert "admit" not in app.compiled_routes[0].source
