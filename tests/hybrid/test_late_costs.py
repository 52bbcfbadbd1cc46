"""What a late registration costs the event loop: the work of what is new, not of all that is there."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List

import pytest
from tests.hybrid.late_ways import ALL, Bottle, Falcon, FastAPI, Hybrid, Sanic
from tests.profiling import profiled

from fenrir_core.testing import Client


async def calls_of(kind: Any, register: str, count: int) -> List[str]:
    """Return the names of what is called to register something in a started app of so many routes."""
    ways = kind()
    for number in range(count):
        ways.route(f"/{number}", "early")
    add: Dict[str, Callable[[str], object]] = {
        "route": lambda name: ways.route(f"/{name}", "late"),
        "error handler": lambda name: ways.handler(type(name, (Exception,), {})),
        "middleware": lambda name: ways.middleware(),
    }
    made: List[str] = []

    def note(frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            made.append(frame.f_code.co_name if event == "call" else argument.__name__)

    async with Client(ways.app) as client:
        add[register]("First")  # it imports, and finds out, what all others use
        assert (await client.get("/7")).text == "early"
        with profiled(note):
            add[register]("Second")
        assert (await client.get("/7")).text == "early"
    return made


#: The calls for each route that is there: few comparisons of identities; FastAPI collects the routes of its routers.
MOST = {Hybrid: 15, Sanic: 18, Bottle: 12, Falcon: 30, FastAPI: 60}
CASES = [
    (kind, name)
    for kind in ALL
    for name in ("route", "error handler", "middleware")
    if (kind, name) != (FastAPI, "middleware")
]


@pytest.mark.parametrize(("kind", "register"), CASES)
def test_a_late_registration_makes_few_calls_for_each_route_that_is_there(kind: Any, register: str) -> None:
    few, many = (asyncio.run(calls_of(kind, register, count)) for count in (120, 320))
    assert (len(many) - len(few)) / 200 <= MOST[kind]


# Sanic reads the format of errors in the source of the handler
@pytest.mark.parametrize("kind", [kind for kind in ALL if kind is not Sanic])
def test_a_late_route_does_not_ask_the_file_system(kind: Any) -> None:
    assert "stat" not in asyncio.run(calls_of(kind, "route", 120))
