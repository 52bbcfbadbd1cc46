"""Late registration in a large app: a thread makes the table, and the event loop goes on."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any, Callable, List

import pytest
from tests.asgi import Exchange
from tests.core.late_parts import plugin, tagging

from fenrir_core import BuildError, Call, RouteHook
from fenrir_core.authoring import ASGIApp
from fenrir_core.testing import Client

#: So many routes that a late registration is not built where it is called.
MANY = 120


class Gate:
    """A plugin whose hook stops each thread that builds, while it holds, until it is let go on; the main one passes."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.holds, self.fails = True, False

    def lifespans(self) -> List[Any]:
        if self.holds and threading.current_thread() is not threading.main_thread():
            self.reached.set()
            assert self.go_on.wait(30)
            if self.fails:
                raise BuildError("no such table")
        return []

    async def wait(self) -> None:
        """Wait until the thread is there."""
        await asyncio.get_running_loop().run_in_executor(None, self.reached.wait, 30)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def large(make: Callable[..., Any], gate: Gate) -> Any:
    """Return an app of many routes with a gate."""
    app = make([plugin(lifespans=lambda: gate.lifespans())])
    for number in range(MANY):
        app.get(f"/{number}/{{x:int}}")(lambda x: str(x))
    return app


async def step() -> None:
    """Let all that is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_requests_that_begin_after_the_registration_wait_for_the_table_and_do_not_block(large: Any, gate: Gate) -> None:
    async def scenario() -> None:
        entered, leave = asyncio.Event(), asyncio.Event()

        @large.get("/slow")
        async def slow() -> str:
            entered.set()
            await leave.wait()
            return "finished"

        async with Client(large) as client:
            early = asyncio.ensure_future(client.get("/slow"))
            await entered.wait()
            large.get("/late")(lambda: "late")
            late = [asyncio.ensure_future(client.get(path)) for path in ("/late", "/7/7")]
            await gate.wait()
            leave.set()
            assert (await early).text == "finished"
            await step()
            assert not any(request.done() for request in late)
            gate.go_on.set()
            assert [(await request).text for request in late] == ["late", "7"]

    asyncio.run(scenario())


def test_a_request_that_runs_keeps_the_table_that_it_began_with(large: Any, gate: Gate) -> None:
    async def scenario() -> None:
        entered, leave = asyncio.Event(), asyncio.Event()

        @large.get("/slow")
        async def slow() -> None:
            entered.set()
            await leave.wait()
            raise LookupError

        async with Client(large, raise_errors=False) as client:
            early = asyncio.ensure_future(client.get("/slow"))
            await entered.wait()
            large.add_exception_handler(LookupError, lambda: ("handled", 418))
            gate.go_on.set()
            assert (await client.get("/7/7")).status == 200
            leave.set()
            assert [(await early).status, (await client.get("/slow")).status] == [500, 418]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (lambda app: app.get("/7/{y:int}")(lambda y: ""), r"GET /7/\{y:int\} is registered twice: .*test_late_threads"),
        (lambda app: app.get("/late", colour="red")(lambda: ""), "has an unknown option 'colour'"),
        (lambda app: app.get("/late")(lambda nothing_fills_it: ""), "parameter 'nothing_fills_it'"),
        (lambda app: app.get("/late/{x:nope}")(lambda x: ""), "nope"),
        (lambda app: app.mount("/late", object()), "object mounted at '/late' is no ASGI app"),
        (lambda app: app.add_exception_handler(ValueError, lambda a, b, c: ""), "test_late_threads.py:"),
    ],
)
def test_a_mistake_is_raised_where_it_is_registered(large: Any, gate: Gate, register: Any, message: str) -> None:
    gate.go_on.set()

    async def scenario() -> None:
        async with Client(large) as client:
            with pytest.raises(BuildError, match=message):
                register(large)
            assert [(await client.get(path)).status for path in ("/7/7", "/late")] == [200, 404]

    asyncio.run(scenario())


def test_two_routes_of_one_path_are_a_mistake_while_neither_is_in_the_table(large: Any, gate: Gate) -> None:
    gate.go_on.set()

    async def scenario() -> None:
        async with Client(large) as client:
            large.get("/late")(lambda: "first")
            with pytest.raises(BuildError, match="GET /late is registered twice"):
                large.get("/late")(lambda: "second")
            assert (await client.get("/late")).text == "first"

    asyncio.run(scenario())


def test_a_table_that_can_not_be_made_is_logged_with_what_is_taken_back(large: Any, gate: Gate, caplog: Any) -> None:
    gate.fails = True
    gate.go_on.set()

    async def scenario() -> None:
        async with Client(large) as client:
            large.get("/late")(lambda: "late")
            assert [(await client.get(path)).status for path in ("/late", "/7/7")] == [404, 200]
            gate.fails = False
            large.get("/late")(lambda: "late")
            assert (await client.get("/late")).text == "late"

    asyncio.run(scenario())
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "test_late_threads.py:" in record.message and "GET /late" in record.message
    assert "no such table" in record.message


def test_what_is_taken_back_is_in_no_table_though_the_thread_that_makes_one_has_seen_it(make: Any, gate: Gate) -> None:
    seeing, goes_to_see, made = threading.Event(), threading.Event(), []

    def error_format() -> Any:  # asked for before the middleware is looked at
        if threading.current_thread() is not threading.main_thread() and not goes_to_see.is_set():
            seeing.set()
            assert goes_to_see.wait(30)

    app = make([plugin(lifespans=lambda: gate.lifespans(), error_format=error_format)])
    for number in range(MANY):
        app.get(f"/{number}/{{x:int}}")(lambda x: str(x))

    async def scenario() -> None:
        async with Client(app) as client:
            app.get("/late")(lambda: "late")
            await asyncio.get_running_loop().run_in_executor(None, seeing.wait, 30)
            with pytest.raises(LookupError), app.amend():
                app.add_middleware(tagging("taken back", made))
                goes_to_see.set()
                assert gate.reached.wait(30)  # the thread has collected the middleware
                raise LookupError
            gate.go_on.set()
            answer = await client.get("/late")
            assert (answer.text, answer.headers.get("x-tag")) == ("late", None)

    asyncio.run(scenario())
    assert made == []


def test_who_asks_for_the_routes_sees_what_was_registered(large: Any, gate: Gate) -> None:
    gate.go_on.set()

    async def scenario() -> None:
        async with Client(large) as client:
            large.get("/late", name="late")(lambda: "late")
            assert large.url_path("late") == "/late"
            large.get("/later")(lambda: "later")
            assert [route.path for route in large.routes][-2:] == ["/late", "/later"]
            assert (await client.get("/later")).text == "later"

    asyncio.run(scenario())


def test_what_is_registered_before_the_loop_goes_on_is_one_build(make: Any) -> None:
    builds: List[int] = []
    app = make([plugin(app_built=lambda app: builds.append(len(app.routes)))])
    for number in range(MANY):
        app.get(f"/{number}")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            for number in range(5):
                app.get(f"/late/{number}")(lambda: "late")
            assert (await client.get("/late/4")).text == "late"

    asyncio.run(scenario())
    assert builds == [MANY, MANY + 5]


def test_what_is_registered_while_a_table_is_made_is_in_the_next_one(large: Any, gate: Gate) -> None:
    async def scenario() -> None:
        async with Client(large) as client:
            large.get("/late")(lambda: "late")
            await gate.wait()
            large.get("/later")(lambda: "later")
            with pytest.raises(BuildError, match="nothing_fills_it"):
                large.get("/wrong")(lambda nothing_fills_it: "")
            requests = [asyncio.ensure_future(client.get(path)) for path in ("/late", "/later", "/wrong")]
            await step()
            gate.go_on.set()
            assert [(await request).status for request in requests] == [200, 200, 404]

    asyncio.run(scenario())


def test_what_is_pending_is_compiled_once(make: Any) -> None:
    planned: List[str] = []

    def route_hooks(route: Any) -> List[RouteHook]:
        planned.append(route.path)
        return []

    app = make([plugin(route_hooks=route_hooks)])
    for number in range(MANY):
        app.get(f"/{number}")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            planned.clear()
            for number in range(5):
                app.get(f"/late/{number}")(lambda: "late")
            assert (await client.get("/late/4")).text == "late"

    asyncio.run(scenario())
    assert sorted(path for path in planned if path) == [f"/late/{number}" for number in range(5)]


def test_late_steps_are_around_each_route(make: Any) -> None:
    steps: List[Any] = []

    def route_hooks(route: Any) -> List[RouteHook]:
        return [RouteHook(f"step {index}", Call.of(function)) for index, function in enumerate(steps)]

    app = make([plugin(route_hooks=route_hooks)])
    for number in range(MANY):
        app.get(f"/{number}")(lambda: "early")

    async def answer(request: Any) -> Any:
        return "from a step" if request.scope["path"] == "/7" else None

    def add(function: Any, **options: Any) -> None:
        with app.registering("the step", **options):
            steps.append(function)

    async def scenario() -> None:
        async with Client(app) as client:
            add(answer, keeps_arguments=True)
            assert [(await client.get(path)).text for path in ("/7", "/8")] == ["from a step", "early"]
            app.get("/late")(lambda: "late")
            add(answer)
            assert [(await client.get(path)).text for path in ("/7", "/late")] == ["from a step", "late"]

    asyncio.run(scenario())
    assert app.compiled_routes[-1].source.count("step_") >= 2


def test_a_thread_that_registers_does_not_wait_for_the_table_that_another_makes(large: Any, gate: Gate) -> None:
    @large.get("/register")
    async def register() -> str:
        gate.reached.clear()
        large.get("/late")(lambda: "late")
        await gate.wait()
        gate.go_on.set()
        await large.run_in_thread(lambda: large.get("/from-a-thread")(lambda: "from a thread"))
        return "registered"

    async def scenario() -> None:
        async with Client(large) as client:
            assert (await client.get("/register")).text == "registered"
            assert (await client.get("/late")).text == "late"
            assert (await client.get("/from-a-thread")).text == "from a thread"

    asyncio.run(scenario())


def test_a_thread_that_registers_builds_what_is_pending_with_all_that_it_changes(large: Any, gate: Gate) -> None:
    @large.get("/fails")
    def fails() -> None:
        raise LookupError

    @large.get("/register")
    async def register() -> str:
        large.add_exception_handler(LookupError, lambda: ("handled", 418))
        await gate.wait()
        gate.holds = False
        await large.run_in_thread(lambda: large.get("/late")(lambda: "late"))
        return "registered"

    async def scenario() -> None:
        async with Client(large, raise_errors=False) as client:
            try:
                assert (await client.get("/register")).text == "registered"
                assert [(await client.get(path)).status for path in ("/late", "/fails")] == [200, 418]
            finally:
                gate.go_on.set()

    asyncio.run(scenario())


def test_late_middleware_is_made_on_the_loop(large: Any, gate: Gate) -> None:
    threads: List[Any] = []
    gate.go_on.set()

    def factory(app: ASGIApp) -> ASGIApp:
        threads.append(threading.current_thread())
        return tagging("late", [])(app)

    async def scenario() -> None:
        async with Client(large) as client:
            large.add_middleware(factory)
            assert (await client.get("/7/7")).headers.getlist("x-tag") == ["late"]

    asyncio.run(scenario())
    assert threads == [threading.main_thread()]


def test_a_client_that_stops_waiting_leaves_the_others_waiting(large: Any, gate: Gate) -> None:
    async def scenario() -> None:
        async with Client(large) as client:
            large.get("/late")(lambda: "late")
            gone = Exchange(large, path="/late")
            gone.start()
            request = asyncio.ensure_future(client.get("/late"))
            await gate.wait()
            assert gone.task is not None
            gone.task.cancel()
            await asyncio.wait([gone.task])
            gate.go_on.set()
            assert (await request).text == "late"

    asyncio.run(scenario())


def test_a_loop_that_ends_leaves_the_table_to_who_needs_it(large: Any, gate: Gate) -> None:
    gate.go_on.set()

    async def scenario() -> None:
        async with Client(large):
            large.get("/late")(lambda: "late")

    async def later() -> str:
        async with Client(large) as client:
            return str((await client.get("/late")).text)

    asyncio.run(scenario())
    assert large.routes[-1].path == "/late"
    assert asyncio.run(later()) == "late"


def test_a_mounted_app_has_its_requests_wait(large: Any, gate: Gate, make: Any) -> None:
    outer = make()
    outer.mount("/sub", large)

    async def scenario() -> None:
        async with Client(outer) as client:
            large.get("/late")(lambda: "late")
            request = asyncio.ensure_future(client.get("/sub/late"))
            await gate.wait()
            await step()
            assert not request.done()
            gate.go_on.set()
            assert (await request).text == "late"

    asyncio.run(scenario())


def test_no_garbage_is_collected_while_a_thread_makes_the_table(make: Any) -> None:
    collects: List[bool] = []

    def lifespans() -> List[Any]:
        if threading.current_thread() is not threading.main_thread():
            collects.append(gc.isenabled())
        return []

    app = make([plugin(lifespans=lifespans)])
    for number in range(MANY):
        app.get(f"/{number}")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            app.get("/late")(lambda: "late")
            assert (await client.get("/late")).text == "late"

    asyncio.run(scenario())
    assert (collects, gc.isenabled()) == ([False], True)
