"""Count the Python calls of a request: regressions show without a clock."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List, Tuple

import pytest
from benchmarks.cases import CORE, Case
from benchmarks.drive import ASGIDriver, Channel, drop
from benchmarks.fenrir_app import make
from tests.profiling import profiled

from fenrir import Fenrir

# What a request of each case calls, each a Python function entered once (a resumed coroutine is not entered again):
#   App.__call__, the compiled `handle`, the handler, `send` twice: 5
#   json adds codec.dumps and, without orjson, its encode: 2
#   path adds Router.match and the converter's parser to what json does: 2
MOST = {"text": 5, "json": 7, "path": 9, "route of 500": 9}
# Before Python 3.12 a coroutine function must stand around `App.__call__`; it is not counted.
WRAPPER = "fenrir_core._compat.call"
# With parameters that pydantic validates: 10, 15 and 14 on Python 3.12, a few more on 3.8, where comprehensions count.
MOST_VALIDATED = {"query": 13, "body": 18, "depends": 18}


def calls_of(app: Any, case: Case) -> List[str]:
    """Serve the case's request some times, then once more under a profile function; give what was called."""
    driver = ASGIDriver(app, case)
    called: List[str] = []

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_lasti <= 4:  # later instructions: a generator or coroutine is resumed
            called.append(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    async def serve() -> None:
        async with driver:
            for _ in range(3):
                case.check(await driver.answer())
            scope, channel = driver.scope(), Channel(driver.request())
            with profiled(profile):
                await app(scope, channel.receive, drop)

    asyncio.run(serve())
    return [name for name in called if name != WRAPPER]


def register(app: Fenrir, case: Case) -> Fenrir:

    @app.get("/text")
    async def text() -> str:
        return "Hello, world"

    @app.get("/json")
    async def json() -> Dict[str, Any]:
        return {"message": "Hello, world"}

    @app.get("/items/{item_id:int}")
    async def item(item_id: int) -> Dict[str, Any]:
        return {"item_id": item_id}

    async def thing(thing_id: int) -> Dict[str, Any]:
        return {"thing_id": thing_id}

    for number in range(case.routes):
        app.get(f"/group{number}/things/{{thing_id:int}}", name=f"thing{number}")(thing)
    return app


def counted() -> List[Tuple[Case, int]]:
    return [(case, MOST[case.name]) for case in CORE if case.name in MOST]


@pytest.mark.parametrize(("case", "most"), counted(), ids=lambda value: getattr(value, "name", None))
def test_a_request_makes_no_more_python_calls_than_it_did(case: Case, most: int) -> None:
    called = calls_of(register(Fenrir(paradigms=[]), case), case)
    assert len(called) <= most, called


@pytest.mark.parametrize(("case", "most"), counted(), ids=lambda value: getattr(value, "name", None))
def test_the_paradigms_cost_a_route_that_uses_none_of_them_not_one_call(case: Case, most: int) -> None:
    called = calls_of(register(Fenrir(), case), case)
    assert len(called) <= most, called


@pytest.mark.parametrize("case", [case for case in CORE if case.name in MOST_VALIDATED], ids=lambda case: case.name)
def test_validated_parameters_add_a_bounded_number_of_python_calls(case: Case) -> None:
    called = calls_of(make(case), case)
    assert len(called) <= MOST_VALIDATED[case.name], called


@pytest.mark.parametrize(("case", "most"), counted(), ids=lambda value: getattr(value, "name", None))
def test_plugins_that_are_installed_and_switched_off_cost_not_one_call(case: Case, most: int) -> None:
    app = register(Fenrir(paradigms=[], plugins=["otel", "problems"]), case)
    called = calls_of(app, case)
    assert len(called) <= most, called
    assert app.built.middleware == []


def test_a_traced_request_makes_a_bounded_number_of_calls_in_the_plugin() -> None:
    (case,) = [case for case in CORE if case.name == "path"]
    called = calls_of(register(Fenrir(paradigms=[], otel=True), case), case)
    own = [name for name in called if name.startswith("fenrir_otel")]
    # the middleware, the excluder, describe and its server, one get a header of the propagators (3) with a
    # comprehension each before 3.12, the exchange with append, route, template, send twice, begin, finish, measured
    assert len(own) <= 22, own
