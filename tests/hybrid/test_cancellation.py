"""Cancellation and other BaseExceptions: dependencies see them, and what becomes of them is answered or passes."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Iterator, List, Optional

import pytest
from tests.asgi import Exchange, Socket, ask, fetch, run

import fenrir_fastapi
from fenrir import Depends, Fenrir
from fenrir_core import App, Param, Provide, RouteHook, hookimpl

CLASSES = [Fenrir, fenrir_fastapi.FastAPI]


class Late(Exception):
    """The error of the time limits under test."""


@asynccontextmanager
async def own_limit() -> AsyncIterator[None]:
    """Limit the time as a library for all Pythons would: cancel the task, and raise an own error instead."""
    task = asyncio.current_task()
    assert task is not None
    expired: List[bool] = []

    def expire() -> None:
        expired.append(True)
        task.cancel()

    timer = asyncio.get_running_loop().call_later(0.01, expire)
    try:
        yield
    except asyncio.CancelledError:
        if not expired:
            raise
        getattr(task, "uncancel", int)()
        raise Late from None
    finally:
        timer.cancel()


@asynccontextmanager
async def anyio_limit() -> AsyncIterator[None]:
    """Limit the time by anyio."""
    anyio = pytest.importorskip("anyio")
    try:
        with anyio.fail_after(0.01):
            yield
    except TimeoutError:
        raise Late from None


async def limit_by_own() -> AsyncIterator[None]:
    async with own_limit():
        yield


async def limit_by_anyio() -> AsyncIterator[None]:
    async with anyio_limit():
        yield


LIMITS = [limit_by_own, limit_by_anyio]


def answer_late(app: App) -> None:
    async def late(request: Any, error: Late) -> Any:
        return fenrir_fastapi.Response(b"too late", 504)

    app.add_exception_handler(Late, late)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("make", CLASSES)
def test_a_time_limit_in_a_dependency_is_answered_by_its_handler(make: Any, limit: Any) -> None:
    app = make()
    answer_late(app)

    @app.get("/")
    async def slow(it: Any = Depends(limit)) -> None:
        await asyncio.sleep(60)

    answer = fetch(app)
    assert (answer.status, answer.text, answer.error) == (504, "too late", None)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_time_limit_of_a_plugins_dependency_is_answered(limit: Any) -> None:
    class Limited:
        pass

    class Plugin:
        @hookimpl
        def fenrir_make_resolver(self, param: Param) -> Optional[Provide]:
            return Provide(limit, scope="function") if param.annotation is Limited else None

    app = Fenrir(plugins=[Plugin()])
    answer_late(app)

    async def slow(it: Any) -> None:
        await asyncio.sleep(60)

    slow.__annotations__["it"] = Limited
    app.get("/")(slow)
    assert fetch(app).status == 504


@pytest.mark.parametrize("limit", [own_limit, anyio_limit])
def test_a_time_limit_around_an_endpoint_is_answered(limit: Any) -> None:
    class Plugin:
        @hookimpl
        def fenrir_route_hooks(self) -> Iterator[RouteHook]:
            async def around(connection: Any, call_next: Callable[[Any], Any]) -> Any:
                async with limit():
                    return await call_next(connection)

            yield RouteHook("limit", around=around)

    app = Fenrir(plugins=[Plugin()])
    answer_late(app)

    @app.get("/")
    async def slow() -> None:
        await asyncio.sleep(60)

    assert fetch(app).status == 504


@pytest.mark.parametrize("limit", LIMITS)
def test_a_time_limit_refuses_a_websocket_that_is_not_accepted(limit: Any) -> None:
    app = Fenrir()
    answer_late(app)

    @app.websocket("/")
    async def slow(websocket: Any, it: Any = Depends(limit)) -> None:
        await asyncio.sleep(60)

    async def main() -> int:
        return (await Socket(app).finish()).status

    assert run(main()) == 504


@pytest.mark.parametrize("limit", LIMITS)
def test_a_time_limit_closes_a_websocket_that_is_open(limit: Any) -> None:
    app = Fenrir()
    answer_late(app)

    @app.websocket("/")
    async def slow(websocket: Any, it: Any = Depends(limit)) -> None:
        await websocket.accept()
        await asyncio.sleep(60)

    async def main() -> Optional[int]:
        socket = Socket(app)
        await socket.finish()
        return socket.close_code

    assert run(main()) == 1011


def test_dependencies_that_are_open_see_the_cancellation_and_its_replacement() -> None:
    seen: List[str] = []

    def watch(name: str) -> Callable[[], AsyncIterator[None]]:
        async def dependency() -> AsyncIterator[None]:
            try:
                yield
            except BaseException as error:
                seen.append(f"{name} {type(error).__name__}")
                raise

        return dependency

    app = Fenrir()
    answer_late(app)
    outer, inner = watch("outer"), watch("inner")

    @app.get("/")
    async def slow(a: Any = Depends(outer), b: Any = Depends(limit_by_own), c: Any = Depends(inner)) -> None:
        await asyncio.sleep(60)

    assert (fetch(app).status, seen) == (504, ["inner CancelledError", "outer Late"])


def test_a_synchronous_dependency_sees_the_cancellation() -> None:
    seen: List[str] = []

    def dependency() -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    async def replace() -> AsyncIterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            getattr(asyncio.current_task(), "uncancel", int)()
            raise Late from None

    app = Fenrir()

    @app.get("/")
    async def cancelled(a: Any = Depends(replace), b: Any = Depends(dependency)) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(60)

    assert (fetch(app).status, seen) == (500, ["CancelledError"])


@pytest.mark.parametrize("make", CLASSES)
@pytest.mark.parametrize("swallow", [False, True])
def test_a_cancellation_from_outside_is_not_answered(make: Any, swallow: bool) -> None:
    closed: List[str] = []
    app = make()

    @app.exception_handler(Exception)
    async def handle(request: Any, error: Exception) -> Any:
        raise AssertionError

    async def dependency() -> AsyncIterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            closed.append("dependency")
            if not swallow:
                raise

    begun = asyncio.Event  # made in the loop

    async def main() -> Exchange:
        started = begun()

        @app.get("/")
        async def slow(it: Any = Depends(dependency)) -> None:
            started.set()
            await asyncio.sleep(60)

        exchange = Exchange(app)
        exchange.feed()
        exchange.start()
        await asyncio.wait_for(started.wait(), 20)
        assert exchange.task is not None
        exchange.task.cancel()
        await asyncio.wait({exchange.task})
        return exchange

    exchange = run(main())
    assert exchange.task is not None and exchange.task.cancelled()
    assert (exchange.sent, closed) == ([], ["dependency"])


def test_an_interrupt_passes_through_and_is_seen() -> None:
    seen: List[str] = []

    class Interrupt(BaseException):
        """A stand-in for KeyboardInterrupt, which would end the loop of the test."""

    async def dependency() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    app = Fenrir()

    @app.get("/")
    async def stop(it: Any = Depends(dependency)) -> None:
        raise Interrupt

    answer = fetch(app)
    assert (type(answer.error), answer.status, seen) == (Interrupt, 0, ["Interrupt"])


def test_a_request_that_is_closed_closes_its_dependencies() -> None:
    seen: List[str] = []

    async def dependency() -> AsyncIterator[None]:
        try:
            yield
        finally:
            seen.append("closed")

    app = Fenrir()

    @app.get("/")
    async def slow(it: Any = Depends(dependency)) -> None:
        await asyncio.sleep(60)

    async def main() -> None:
        exchange = Exchange(app)
        await app.lifespan_manager.start()
        serving: Any = app(exchange.scope, exchange.incoming.get, exchange._send)
        serving.send(None)
        serving.close()

    run(main())
    gc.collect()
    assert seen == ["closed"]


def test_a_handler_that_exits_is_a_500_and_the_app_serves_on() -> None:
    app = Fenrir()

    @app.get("/exit")
    async def leave() -> None:
        raise SystemExit(2)

    @app.get("/exit-in-thread")
    def leave_in_thread() -> None:
        raise SystemExit("gone")

    @app.get("/")
    async def index() -> str:
        return "here"

    async def main() -> List[int]:
        return [(await ask(app, "GET", path)).status for path in ("/exit", "/exit-in-thread", "/")]

    assert run(main()) == [500, 500, 200]


def test_all_dependencies_are_closed_when_a_clean_up_is_cancelled() -> None:
    closed: List[str] = []

    async def outer() -> AsyncIterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            closed.append("outer")
            raise

    async def inner() -> AsyncIterator[None]:
        yield
        raise asyncio.CancelledError

    app = Fenrir()

    @app.get("/")
    async def index(a: Any = Depends(outer), b: Any = Depends(inner)) -> str:
        return "ok"

    async def main() -> bool:
        exchange = Exchange(app)
        exchange.feed()
        exchange.start()
        assert exchange.task is not None
        await asyncio.wait({exchange.task})
        return exchange.task.cancelled()

    assert (run(main()), closed) == (True, ["outer"])
