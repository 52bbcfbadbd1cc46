"""Two threads are enough: nothing that a request does makes it wait for ever."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Generator, Iterator, List, Set

import pytest
from tests.asgi import PATIENCE, Exchange, Socket, ask, kernel_app, run

from fenrir_core import App, Call, Param, Provide, Request, RouteHook, hookimpl


class Plugin:
    """A plugin with a synchronous `yield` dependency and a synchronous teardown."""

    def __init__(self) -> None:
        self.open: Set[int] = set()
        self.torn_down = 0
        self.lock = threading.Lock()

    @hookimpl
    def fenrir_route_hooks(self) -> List[RouteHook]:
        return [RouteHook("teardown", teardown=Call.of(self.teardown), kinds=frozenset({"http", "websocket"}))]

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Any:
        return Provide(self.opened) if param.name == "opened" else None

    def teardown(self, request: Request, error: Any) -> None:
        with self.lock:
            self.torn_down += 1

    def opened(self, request: Request) -> Generator[int, None, None]:
        with self.lock:
            self.open.add(id(request))
        try:
            yield threading.get_ident()
        finally:
            with self.lock:
                self.open.discard(id(request))


@pytest.fixture
def plugin() -> Plugin:
    return Plugin()


@pytest.fixture
def app(plugin: Plugin) -> App:
    return kernel_app(threads=2, plugins=[plugin])


class Slow(Exchange):
    """A client that takes a few chunks and no more until `go` is set."""

    go: asyncio.Event

    async def _send(self, message: Any) -> None:
        await super()._send(message)
        if len(self.sent) > 2:
            await self.go.wait()


def test_two_hundred_open_streams_end_with_their_teardown(app: App, plugin: Plugin) -> None:
    @app.get("/")
    def handler(opened: int) -> Iterator[str]:
        threads = {opened}
        for _ in range(200):
            threads.add(threading.get_ident())
            yield "a"
        yield str(len(threads))

    async def scenario() -> None:
        Slow.go = asyncio.Event()
        exchanges = [Slow(app) for _ in range(200)]
        for exchange in exchanges:
            exchange.feed()
            exchange.start()
        for exchange in exchanges:
            await exchange.until(lambda exchange=exchange: len(exchange.sent) > 2)  # type: ignore[misc]
        assert len(plugin.open) == 200
        for exchange in exchanges[:100]:
            exchange.leave()
        Slow.go.set()
        answers = [await exchange.finish() for exchange in exchanges]
        assert {answer.text for answer in answers[100:]} == {"a" * 200 + "1"}

    run(scenario())
    assert (plugin.open, plugin.torn_down) == (set(), 200)


def test_streams_that_never_end_leave_room_for_others(app: App) -> None:
    @app.get("/never")
    def never() -> Iterator[str]:
        while True:
            yield "a"

    @app.get("/")
    def handler() -> Any:
        return "ok"

    async def scenario() -> None:
        exchanges = [Exchange(app, path="/never") for _ in range(10)]
        for exchange in exchanges:
            exchange.feed()
            exchange.start()
        for exchange in exchanges:
            await exchange.until(lambda exchange=exchange: exchange.sent)  # type: ignore[misc]
        assert {(await ask(app)).text for _ in range(20)} == {"ok"}
        for exchange in exchanges:
            exchange.leave()
            await exchange.finish()

    run(scenario())


def test_a_hundred_websockets_with_a_synchronous_yield_are_open_at_once(app: App, plugin: Plugin) -> None:
    @app.websocket("/")
    async def echo(websocket: Any, opened: int) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())

    async def scenario() -> None:
        sockets = [Socket(app) for _ in range(100)]
        for socket in sockets:
            socket.start()
        for socket in sockets:
            await socket.until(lambda socket=socket: "accept" in socket.types)  # type: ignore[misc]
        assert len(plugin.open) == 100
        for socket in sockets:
            socket.say("hello")
        for socket in sockets:
            await socket.finish()
            assert socket.heard == ["hello"]

    run(scenario())
    assert plugin.open == set()


def test_handlers_that_call_their_own_app_all_end(app: App, plugin: Plugin) -> None:
    @app.get("/outer")
    def outer(opened: int) -> Any:
        return asyncio.run(ask(app, path="/inner")).text

    @app.get("/inner")
    def inner(opened: int) -> Any:
        return "inner"

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app, path="/outer") for _ in range(20)))
        assert {answer.text for answer in answers} == {"inner"}

    run(scenario())
    assert plugin.open == set()


def test_requests_that_are_cancelled_at_any_time_leave_nothing_behind(app: App, plugin: Plugin) -> None:
    @app.get("/")
    def handler(opened: int) -> Iterator[str]:
        for _ in range(100):
            yield "x"

    async def scenario() -> None:
        exchanges = [Exchange(app) for _ in range(100)]
        for exchange in exchanges:
            exchange.start()
        for turn, exchange in enumerate(exchanges):
            for _ in range(turn % 7):
                await asyncio.sleep(0)
            assert exchange.task is not None
            exchange.task.cancel()
        tasks = [exchange.task for exchange in exchanges if exchange.task is not None]
        _, hanging = await asyncio.wait(tasks, timeout=PATIENCE)
        assert not hanging
        assert plugin.open == set()
        answers = await asyncio.gather(*(ask(app) for _ in range(10)))
        assert {answer.text for answer in answers} == {"x" * 100}

    run(scenario())
    executor: Any = app.executor
    assert (executor.running, executor.lent, len(executor.waiting), len(executor.resuming)) == (0, 0, 0, 0)


def test_clients_that_leave_during_a_synchronous_generator_leave_nothing_behind(app: App, plugin: Plugin) -> None:
    @app.get("/")
    def handler(opened: int) -> Iterator[str]:
        while True:
            yield "x"

    async def scenario() -> None:
        exchanges = [Exchange(app) for _ in range(60)]
        for exchange in exchanges:
            exchange.feed()
            exchange.start()
        for exchange in exchanges:
            await exchange.until(lambda exchange=exchange: exchange.sent)  # type: ignore[misc]
            exchange.leave()
        for exchange in exchanges:
            await exchange.finish()

    run(scenario())
    executor: Any = app.executor
    assert (plugin.open, executor.running, executor.lent) == (set(), 0, 0)
