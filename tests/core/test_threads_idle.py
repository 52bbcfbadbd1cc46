"""Which idle thread is woken: the one that fell idle last, on asyncio's loop and on uvloop's."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from itertools import permutations
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Sequence

import pytest
from tests.asgi import ask, kernel_app

from fenrir_core import Call, RouteHook, hookimpl

Run = Callable[[Any, Callable[[], Awaitable[None]]], None]
LOOPS = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]


@pytest.fixture(params=LOOPS)
def run_on_loop(request: Any) -> Iterator[Run]:
    """Return a function that runs a scenario with an app on a loop of this kind."""
    if request.param == "uvloop":
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    else:
        loop = asyncio.new_event_loop()

    async def serve(app: Any, scenario: Callable[[], Awaitable[None]]) -> None:
        async with app.lifespan():
            await scenario()

    yield lambda app, scenario: loop.run_until_complete(serve(app, scenario))
    loop.close()


class Held:
    """Handlers that stay in their threads until they are let go on."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.entered: Dict[str, threading.Event] = {}
        self.leave: Dict[str, threading.Event] = {}
        self.requests: Dict[str, Any] = {}
        app.get("/{name}")(self.handler)

    def handler(self, name: str) -> str:
        if name in self.leave:
            self.entered[name].set()
            assert self.leave[name].wait(30)
        return str(threading.get_ident())

    async def begin(self, names: Sequence[str]) -> None:
        """Have one request after the other enter a thread, and stay there."""
        for name in names:
            self.entered[name], self.leave[name] = threading.Event(), threading.Event()
            self.requests[name] = asyncio.ensure_future(ask(self.app, path=f"/{name}"))
            await asyncio.get_running_loop().run_in_executor(None, self.entered[name].wait, 30)

    async def end(self, names: Sequence[str]) -> List[str]:
        """Have one request after the other leave its thread; return the threads."""
        threads = []
        for name in names:
            self.leave.pop(name).set()
            threads.append((await self.requests.pop(name)).text)
        return threads


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
def test_threads_are_woken_in_the_reverse_order_in_which_they_fell_idle(run_on_loop: Run, order: Sequence[str]) -> None:
    held = Held(kernel_app())

    async def scenario() -> None:
        await held.begin("abc")
        fell_idle = await held.end(order)
        await held.begin("xyz")
        assert await held.end("xyz") == fell_idle[::-1]

    run_on_loop(held.app, scenario)


def test_requests_that_follow_one_another_use_one_thread_though_others_are_idle(run_on_loop: Run) -> None:
    held = Held(kernel_app())

    async def scenario() -> None:
        await held.begin("abc")
        last = (await held.end("abc"))[-1]
        assert [(await ask(held.app, path="/quick")).text for _ in range(10)] == [last] * 10

    run_on_loop(held.app, scenario)


class TwoHops:
    """A plugin with a synchronous step after an asynchronous one: the request keeps its thread."""

    @hookimpl
    def fenrir_route_hooks(self) -> List[RouteHook]:
        async def between(request: Any) -> None: ...

        return [
            RouteHook("first", Call.of(lambda request: None), Call.of(lambda request, response: None)),
            RouteHook("second", Call.of(between)),
        ]


def test_a_thread_that_was_kept_is_woken_again_when_its_request_has_ended(run_on_loop: Run) -> None:
    held = Held(kernel_app(plugins=[TwoHops()]))

    async def scenario() -> None:
        await held.begin("abc")
        last = (await held.end("abc"))[-1]
        assert [(await ask(held.app, path="/quick")).text for _ in range(10)] == [last] * 10

    run_on_loop(held.app, scenario)
