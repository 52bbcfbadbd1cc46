"""All synchronous steps of a request share one context, which nothing else runs in meanwhile."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from contextvars import ContextVar, Token
from typing import Any, AsyncIterator, Generator, Iterator, List, Optional

import pytest
from tests.asgi import PATIENCE, Exchange, Socket, ask, fetch, kernel_app, run

from fenrir_core import Connection, Param, Provide, hookimpl

variable: ContextVar[str] = ContextVar("variable")


class Provided:
    """A plugin with dependencies by the names of parameters."""

    def __init__(self, **provided: Any) -> None:
        self.provided = provided

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Any:
        return Provide(self.provided[param.name]) if param.name in self.provided else None


def value() -> Optional[str]:
    return variable.get(None)  # type: ignore[arg-type]


def sync_token() -> Generator[str, None, None]:
    token = variable.set("from sync")
    yield "sync"
    variable.reset(token)


async def async_token() -> AsyncIterator[str]:
    token = variable.set("from async")
    yield "async"
    variable.reset(token)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("dependency", [sync_token, async_token])
def test_a_token_set_before_a_yield_is_reset_after_it(dependency: Any, kind: str) -> None:
    seen: List[Any] = []
    app = kernel_app(plugins=[Provided(token=dependency)])

    def sync_handler(token: str) -> Any:
        seen.append(value())
        return token

    async def async_handler(token: str) -> Any:
        seen.append(value())
        return token

    app.get("/")(sync_handler if kind == "sync" else async_handler)
    answer = fetch(app)
    assert (answer.status, answer.error, answer.complete) == (200, None, True)
    assert seen == [f"from {answer.text}"]


def test_a_token_lives_across_the_items_of_a_synchronous_generator() -> None:
    ended: List[Any] = []
    app = kernel_app()

    @app.get("/")
    def handler() -> Iterator[str]:
        token: Optional[Token[str]] = None
        for number in range(300):
            if token is not None:
                variable.reset(token)
            token = variable.set(str(number))
            yield f"{variable.get()} "
        ended.append(value())

    assert fetch(app).text == "".join(f"{number} " for number in range(300))
    assert ended == ["299"]


def test_a_variable_that_synchronous_code_resets_is_not_set_on_the_loop_either() -> None:
    seen: List[Any] = []
    tokens: List[Token[str]] = []

    def first() -> None:
        tokens.append(variable.set("a"))

    async def second(first: None) -> None:
        seen.append(value())

    def third(second: None) -> None:
        variable.reset(tokens.pop())

    async def fourth(third: None) -> None:
        seen.append(value())

    app = kernel_app(plugins=[Provided(first=first, second=second, third=third, fourth=fourth)])

    @app.get("/")
    async def handler(fourth: None) -> Any:
        return "ok"

    assert fetch(app).status == 200
    assert seen == ["a", None]


def test_a_cancelled_request_waits_for_its_step_before_its_exits_run() -> None:
    seen: List[str] = []
    began, go = threading.Event(), threading.Event()

    def opened() -> Generator[str, None, None]:
        try:
            yield "a"
        finally:
            seen.append("closed")

    app = kernel_app(plugins=[Provided(opened=opened)])

    @app.get("/")
    def handler(opened: str) -> Any:
        began.set()
        go.wait(PATIENCE)
        seen.append("ended")
        return "ok"

    async def scenario() -> None:
        exchange = Exchange(app)
        exchange.start()
        await asyncio.get_running_loop().run_in_executor(None, began.wait, PATIENCE)
        assert exchange.task is not None
        exchange.task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert (exchange.task.done(), seen) == (False, [])
        exchange.task.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await exchange.task

    run(scenario())
    assert seen == ["ended", "closed"]


def test_a_request_that_is_cancelled_before_its_step_has_begun_never_runs_it() -> None:
    seen: List[str] = []
    began, go = threading.Event(), threading.Event()
    app = kernel_app(threads=1)

    @app.get("/blocks")
    def blocks() -> Any:
        began.set()
        go.wait(PATIENCE)
        return "ok"

    @app.get("/waits")
    def waits() -> Any:
        seen.append("ran")
        return "ok"

    async def scenario() -> None:
        first, second = Exchange(app, path="/blocks"), Exchange(app, path="/waits")
        first.start()
        await asyncio.get_running_loop().run_in_executor(None, began.wait, PATIENCE)
        second.start()
        for _ in range(5):
            await asyncio.sleep(0)
        assert second.task is not None
        second.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second.task
        go.set()
        assert (await first.finish()).status == 200

    run(scenario())
    assert seen == []


def test_steps_that_child_tasks_start_at_once_have_contexts_of_their_own() -> None:
    app = kernel_app(plugins=[Provided(first=lambda: "a")])
    together = threading.Barrier(2)

    def step(name: str) -> Optional[str]:
        variable.set(name)
        together.wait(PATIENCE)
        return value()

    @app.get("/")
    async def handler(request: Connection, first: str) -> Any:
        return await asyncio.gather(request.run_in_thread(step, "a"), request.run_in_thread(step, "b"))

    assert fetch(app).text == '["a","b"]'


def test_a_websockets_synchronous_yield_resets_its_token() -> None:
    app = kernel_app(plugins=[Provided(token=sync_token)])
    seen: List[Any] = []

    @app.websocket("/")
    async def handler(websocket: Any, token: str) -> None:
        await websocket.accept()
        seen.append(value())
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    async def scenario() -> None:
        socket = Socket(app)
        socket.say("hello")
        answer = await socket.finish()
        assert (socket.heard, answer.error) == (["hello"], None)

    run(scenario())
    assert seen == ["from sync"]


def test_a_request_is_freed_without_the_garbage_collector() -> None:
    found: List[Any] = []

    class Marker:
        pass

    def opened() -> Generator[Any, None, None]:
        marker = Marker()
        variable.set(marker)  # type: ignore[arg-type]
        found.append(weakref.ref(marker))
        yield "a"

    app = kernel_app(plugins=[Provided(opened=opened)])

    @app.get("/")
    def handler(opened: str) -> Any:
        return "ok"

    async def scenario() -> None:
        await ask(app)
        gc.collect()
        gc.disable()
        try:
            await ask(app)
            await asyncio.sleep(0)
            assert found[-1]() is None
        finally:
            gc.enable()

    run(scenario())
