"""Late registration: what an app takes while it serves, in which table it ends up, and what is never made twice."""

from __future__ import annotations

import asyncio
import gc
import linecache
import threading
from typing import Any, List

import pytest
from tests.core.late_parts import plugin, tagging

from fenrir_core import (
    BuildError,
    Middleware,
    Observer,
    Provide,
    Request,
    Route,
    RouteHook,
)
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send
from fenrir_core.routing.router import Router
from fenrir_core.testing import Client

# ---------------------------------------------------------------- routes


def test_a_route_that_is_registered_late_is_served_described_and_linked(make: Any) -> None:
    app = make()
    app.get("/early")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            assert (await client.get("/early")).text == "early"
            app.get("/late")(lambda: "late")
            app.get("/late/{number:int}", name="numbered")(lambda number: f"late {number}")
            assert [(await client.get(path)).text for path in ("/early", "/late", "/late/7")] == [
                "early",
                "late",
                "late 7",
            ]
            assert (await client.head("/late")).status == 200
            assert (await client.post("/late")).headers["allow"] == "GET, HEAD, OPTIONS"

    asyncio.run(scenario())
    assert app.url_path("numbered", number=3) == "/late/3"
    assert [route.path for route in app.routes] == ["/early", "/late", "/late/{number:int}"]


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (lambda app: app.get("/early")(lambda: ""), "GET /early is registered twice: .*test_late.py:.*test_late.py:"),
        (lambda app: app.get("/late", colour="red")(lambda: ""), "test_late.py:.* has an unknown option 'colour'"),
        (lambda app: app.get("/late")(lambda nothing_fills_it: ""), "test_late.py:.* parameter 'nothing_fills_it'"),
        (lambda app: app.get("/late/{x:nope}")(lambda x: ""), "test_late.py:.*nope"),
        (lambda app: app.mount("/late", object()), "test_late.py:.* object mounted at '/late' is no ASGI app"),
        (lambda app: app.add_exception_handler(ValueError, lambda a, b, c: ""), "test_late.py:"),
    ],
)
def test_a_mistake_is_raised_where_it_is_registered_and_the_old_table_serves_on(
    make: Any, register: Any, message: str
) -> None:
    app = make()
    app.get("/early")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            with pytest.raises(BuildError, match=message):
                register(app)
            assert (await client.get("/early")).text == "early"
            assert (await client.get("/late")).status == 404
            app.get("/late")(lambda: "late")  # what was wrong is not in the way
            assert (await client.get("/late")).text == "late"

    asyncio.run(scenario())


def test_routes_that_are_there_are_not_compiled_again(make: Any) -> None:
    app = make()
    app.get("/early")(lambda: "early")

    async def scenario() -> None:
        async with Client(app):
            before = app.compiled_routes
            app.get("/late")(lambda: "late")
            assert app.compiled_routes[:1] == before

    asyncio.run(scenario())


def test_tables_that_no_request_uses_any_more_are_freed(make: Any) -> None:
    app = make()
    app.get("/early")(lambda: "early")

    def tables() -> int:
        """Count the tables of routes that have this app's."""
        gc.collect()
        mine = app.compiled_routes[0]
        found = [item.static for item in gc.get_objects() if isinstance(item, Router) and hasattr(item, "static")]
        return sum(methods.get("GET", (None,))[0] is mine for table in found for methods in table.values())

    async def scenario() -> None:
        async with Client(app):
            assert tables() == 1
            for number in range(20):
                app.get(f"/late/{number}")(lambda: "late")
            assert tables() == 1

    asyncio.run(scenario())


def test_an_override_of_a_dependency_holds_for_routes_of_both_tables(make: Any) -> None:
    def original() -> str:
        return "original"

    def make_resolver(param: Any) -> Any:
        return Provide(original) if param.name == "value" else None

    app = make([plugin(make_resolver=make_resolver)])
    app.get("/early")(lambda value: value)

    async def scenario() -> None:
        async with Client(app) as client:
            app.get("/late")(lambda value: value)
            app.dependency_overrides[original] = lambda: "replaced"
            assert [(await client.get(path)).text for path in ("/early", "/late")] == ["replaced", "replaced"]

    asyncio.run(scenario())


# ---------------------------------------------------------------- error handlers and middleware


def test_a_request_that_runs_finishes_by_the_table_that_it_began_with(make: Any) -> None:
    app = make()

    async def scenario() -> None:
        entered, go_on = asyncio.Event(), asyncio.Event()

        @app.get("/")
        async def fail() -> None:
            entered.set()
            await go_on.wait()
            raise LookupError()

        async with Client(app, raise_errors=False) as client:
            running = asyncio.ensure_future(client.get("/"))
            await entered.wait()
            app.add_exception_handler(LookupError, lambda: ("handled", 418))
            go_on.set()
            assert (await running).status == 500
            assert (await client.get("/")).status == 418

    asyncio.run(scenario())


def test_a_late_error_handler_compiles_no_route_again(make: Any) -> None:
    planned: List[str] = []

    def route_hooks(route: Route) -> List[RouteHook]:
        planned.append(route.path)
        return []

    app = make([plugin(route_hooks=route_hooks)])

    @app.get("/sync")
    def fail() -> None:
        raise LookupError()

    @app.get("/async")
    async def fail_later() -> None:
        raise LookupError()

    async def scenario() -> None:
        async with Client(app, raise_errors=False) as client:
            assert (await client.get("/sync")).status == 500
            planned.clear()
            app.add_exception_handler(LookupError, lambda: ("handled", 418))
            assert not {"/sync", "/async"}.intersection(planned)
            assert [(await client.get(path)).status for path in ("/sync", "/async")] == [418, 418]
            app.get("/late")(fail)
            assert (await client.get("/late")).status == 418

    asyncio.run(scenario())


def test_late_middleware_is_put_around_the_present_one_which_is_not_made_again(make: Any) -> None:
    made: List[str] = []

    def edge() -> Any:
        yield Middleware("edge", tagging("edge", made), layer="edge")

    app = make([plugin(middleware=edge)])
    app.add_middleware(tagging("early", made))
    app.get("/")(lambda: "")

    async def scenario() -> None:
        async with Client(app) as client:
            assert (await client.get("/")).headers.getlist("x-tag") == ["early", "edge"]
            app.add_middleware(tagging("late", made))
            assert (await client.get("/")).headers.getlist("x-tag") == ["early", "late", "edge"]
            app.get("/late")(lambda: "")
            assert (await client.get("/late")).headers.getlist("x-tag") == ["early", "late", "edge"]

    asyncio.run(scenario())
    assert sorted(made) == ["early", "edge", "late"]


def test_the_first_middleware_may_come_late(make: Any) -> None:
    app = make()
    app.get("/")(lambda: "")

    async def scenario() -> None:
        async with Client(app) as client:
            assert (await client.get("/")).headers.getlist("x-tag") == []
            app.add_middleware(tagging("late", []))
            assert (await client.get("/")).headers.getlist("x-tag") == ["late"]

    asyncio.run(scenario())


def test_late_middleware_that_can_not_be_made_is_taken_back(make: Any) -> None:
    app, made = make(), []  # type: ignore[var-annotated]
    app.add_middleware(tagging("early", made))
    app.get("/")(lambda: "")

    def broken(inner: ASGIApp) -> ASGIApp:
        raise ValueError("no key")

    async def scenario() -> None:
        async with Client(app) as client:
            with pytest.raises(ValueError, match="no key"):
                app.add_middleware(broken)
            assert (await client.get("/")).headers.getlist("x-tag") == ["early"]
            app.get("/late")(lambda: "")
            assert (await client.get("/late")).headers.getlist("x-tag") == ["early"]

    asyncio.run(scenario())
    assert made == ["early"]


def test_a_plugin_that_refuses_the_new_table_has_the_old_one_stay(make: Any) -> None:
    def app_built(app: Any) -> None:
        if any(route.path == "/forbidden" for route in app.routes):
            raise BuildError("no such routes here")

    app = make([plugin(app_built=app_built)])
    app.get("/")(lambda: "")

    async def scenario() -> None:
        async with Client(app) as client:
            with pytest.raises(BuildError, match="no such routes here"):
                app.get("/forbidden")(lambda: "")
            assert [(await client.get(path)).status for path in ("/", "/forbidden")] == [200, 404]

    asyncio.run(scenario())
    assert [route.path for route in app.routes] == ["/"]


def test_observers_stay_outermost_and_are_told_of_late_routes(make: Any) -> None:
    seen: List[Any] = []
    made: List[str] = []
    observer = Observer("watch", on_end=lambda observation: seen.append(observation.template))
    app = make([plugin(observers=lambda: [observer])])

    def counting(inner: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            made.append(f"{len(seen)} seen")
            await inner(scope, receive, send)

        return middleware

    async def scenario() -> None:
        async with Client(app) as client:
            app.get("/late")(lambda: "late")
            app.add_middleware(counting)
            await client.get("/late")
            assert (seen, made) == (["/late"], ["0 seen"])

    asyncio.run(scenario())


# ---------------------------------------------------------------- threads


def test_requests_are_served_by_the_old_table_while_a_thread_makes_the_new_one(make: Any) -> None:
    building, go_on = threading.Event(), threading.Event()

    def app_built(app: Any) -> None:
        if len(app.routes) > 2:
            building.set()
            assert go_on.wait(10)

    app = make([plugin(app_built=app_built)])

    @app.get("/register")
    def register() -> str:
        app.get("/late")(lambda: "late")
        return "registered"

    app.get("/")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            registering = asyncio.ensure_future(client.get("/register"))
            await asyncio.get_running_loop().run_in_executor(None, building.wait, 10)
            assert [(await client.get(path)).status for path in ("/", "/late")] == [200, 404]
            go_on.set()
            assert (await registering).text == "registered"
            assert (await client.get("/late")).text == "late"

    asyncio.run(scenario())


def test_threads_that_register_at_the_same_time_build_one_after_the_other(make: Any) -> None:
    running: List[int] = []
    most: List[int] = []

    def app_built(app: Any) -> None:
        running.append(1)
        most.append(len(running))
        len(app.compiled_routes)
        running.pop()

    app = make([plugin(app_built=app_built)])
    app.get("/early")(lambda: "early")

    @app.get("/register/{number:int}")
    def register(number: int) -> str:
        app.get(f"/late/{number}")(lambda: str(number))
        return "registered"

    async def one(client: Client, number: int) -> List[str]:
        paths = (f"/register/{number}", f"/late/{number}", "/early")
        return [(await client.get(path)).text for path in paths]

    async def scenario() -> None:
        async with Client(app) as client:
            found = await asyncio.gather(*[one(client, number) for number in range(20)])
            assert found == [["registered", str(number), "early"] for number in range(20)]

    asyncio.run(scenario())
    assert set(most) == {1}


# ---------------------------------------------------------------- blocks


def test_a_block_of_registrations_is_one_build(make: Any) -> None:
    builds: List[int] = []
    app = make([plugin(app_built=lambda app: builds.append(len(app.routes)))])

    async def scenario() -> None:
        async with Client(app) as client:
            with app.amend():
                for number in range(5):
                    app.get(f"/{number}")(lambda: "late")
            assert (await client.get("/4")).text == "late"

    asyncio.run(scenario())
    assert builds == [0, 5]


def test_a_block_with_a_mistake_is_taken_back_as_a_whole(make: Any) -> None:
    app = make()
    app.get("/")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            with pytest.raises(BuildError, match="GET / is registered twice"), app.amend():
                app.get("/late")(lambda: "late")
                app.add_middleware(tagging("late", []))
                app.get("/")(lambda: "again")
            answers = [await client.get(path) for path in ("/", "/late")]
            assert [answer.status for answer in answers] == [200, 404]
            assert answers[0].headers.getlist("x-tag") == []

    asyncio.run(scenario())


def test_what_a_plugin_keeps_is_taken_back_too(make: Any) -> None:
    class Menu:
        def __init__(self) -> None:
            self.dishes: List[str] = []
            self.prices = {"daily": {"soup": 3}}

    def app_built(app: Any) -> None:
        if "stone" in app.store(Menu).dishes:
            raise BuildError("a stone is no dish")

    app = make([plugin(app_built=app_built)])

    def add(name: str) -> None:
        with app.registering(f"the dish {name!r}"):
            app.store(Menu).dishes.append(name)
            app.store(Menu).prices["daily"][name] = 5

    add("soup")

    async def scenario() -> None:
        async with Client(app):
            add("salad")
            with pytest.raises(BuildError, match="a stone is no dish"):
                add("stone")

    asyncio.run(scenario())
    assert app.store(Menu).dishes == ["soup", "salad"]
    assert app.store(Menu).prices == {"daily": {"soup": 5, "salad": 5}}


# ---------------------------------------------------------------- in each request


def test_code_that_registers_in_each_request_is_warned_of_once(make: Any, caplog: Any) -> None:
    app = make()

    @app.get("/register/{name}")
    def register(name: str) -> str:
        app.get(f"/late/{name}")(lambda: "late")
        return name

    async def scenario() -> None:
        async with Client(app) as client:
            await client.get("/register/a")
            assert caplog.text == ""
            for name in "bcd":
                await client.get(f"/register/{name}")

    asyncio.run(scenario())
    assert [record.message.count("is registered inside a request") for record in caplog.records] == [1]
    assert "test_late.py:" in caplog.text and "only in this worker" in caplog.text


def test_a_request_may_register_several_things_at_one_place(make: Any, caplog: Any) -> None:
    app = make()

    @app.get("/register")
    def register(request: Request) -> str:
        for name in "abc":
            app.get(f"/late/{name}")(lambda: "late")
        return "registered"

    async def scenario() -> None:
        async with Client(app) as client:
            await client.get("/register")

    asyncio.run(scenario())
    assert caplog.text == ""


def test_the_sources_of_tables_that_are_gone_are_forgotten(make: Any) -> None:
    app = make()
    app.get("/early")(lambda: "early")

    async def scenario() -> None:
        async with Client(app):
            for number in range(30):
                with app.registering("a hook"):
                    app.get(f"/late/{number}")(lambda: "late")
            app.build()
            gc.collect()
            shown = [name for name in linecache.cache if "GET /early" in name or "GET /late" in name]
            assert len(shown) == 31
            assert linecache.getline(app.compiled_routes[0].call.__code__.co_filename, 1) != ""

    linecache.clearcache()
    asyncio.run(scenario())
