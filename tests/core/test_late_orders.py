"""Several late registrations of one large app, in any order: each is served, whichever table comes first."""

from __future__ import annotations

import asyncio
import threading
from itertools import permutations
from typing import Any, Callable, Dict, List, Sequence

import pytest
from tests.core.late_parts import plugin

from fenrir_core import BuildError, Call, RouteHook
from fenrir_core.testing import Client

#: So many routes that a late registration is not built where it is called.
MANY = 120
ORDERS = list(permutations(["route", "error handler", "step"]))


class Large:
    """An app of many routes, with what may be registered late.

    Attributes:
        reached: Set when the thread that makes a table is nearly done; it goes on when `go_on` is set.
    """

    def __init__(self, make: Callable[..., Any]) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.steps: List[Any] = []
        app = self.app = make([plugin(route_hooks=lambda: self.route_hooks(), lifespans=lambda: self.lifespans())])
        for number in range(MANY):
            app.get(f"/{number}")(lambda: "early")

        @app.get("/fails")
        def fails() -> None:
            raise LookupError

        self.register: Dict[str, Callable[[], None]] = {
            "route": self.route,
            "error handler": self.handler,
            "step": self.step,
        }

    def lifespans(self) -> List[Any]:
        if threading.current_thread() is not threading.main_thread():
            self.reached.set()
            assert self.go_on.wait(30)
        return []

    def route_hooks(self) -> List[RouteHook]:
        return [RouteHook("step", Call.of(function)) for function in self.steps]

    def route(self) -> None:
        @self.app.get("/late")
        def late() -> None:
            raise LookupError

    def handler(self) -> None:
        self.app.add_exception_handler(LookupError, lambda: ("handled", 418))

    def step(self) -> None:
        async def answer(request: Any) -> Any:
            return "from the step" if request.query.get("step") else None

        with self.app.registering("the step", keeps_arguments=True):
            self.steps.append(answer)


@pytest.fixture
def large(make: Callable[..., Any]) -> Large:
    return Large(make)


async def check(client: Client) -> None:
    """Check that all three are served by the routes from before and by the late one."""
    found = [await client.get(path) for path in ("/7", "/fails", "/late", "/7?step=1", "/late?step=1")]
    texts = ["early", "handled", "handled", "from the step", "from the step"]
    assert [(answer.status, answer.text) for answer in found] == list(zip([200, 418, 418, 200, 200], texts))


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_what_is_registered_before_the_loop_goes_on_is_served(large: Large, order: Sequence[str]) -> None:
    large.go_on.set()

    async def scenario() -> None:
        async with Client(large.app, raise_errors=False) as client:
            for name in order:
                large.register[name]()
            await check(client)

    asyncio.run(scenario())


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_what_is_registered_while_a_table_is_made_is_served(large: Large, order: Sequence[str]) -> None:
    async def scenario() -> None:
        async with Client(large.app, raise_errors=False) as client:
            large.register[order[0]]()
            await asyncio.get_running_loop().run_in_executor(None, large.reached.wait, 30)
            for name in order[1:]:
                large.register[name]()
            large.go_on.set()
            await check(client)

    asyncio.run(scenario())


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_what_is_registered_after_a_table_is_made_is_served(large: Large, order: Sequence[str]) -> None:
    large.go_on.set()

    async def scenario() -> None:
        async with Client(large.app, raise_errors=False) as client:
            for name in order:
                large.register[name]()
                await client.get("/7")
            await check(client)

    asyncio.run(scenario())


def test_a_mistake_among_them_takes_back_itself_alone(large: Large) -> None:
    large.go_on.set()

    async def scenario() -> None:
        async with Client(large.app, raise_errors=False) as client:
            large.step()
            large.route()
            with pytest.raises(BuildError, match="GET /late is registered twice"):
                large.route()
            with pytest.raises(BuildError, match="GET /7 is registered twice"):
                large.app.get("/7")(lambda: "again")
            large.handler()
            await check(client)

    asyncio.run(scenario())
