"""One thread is lent to a request that goes to threads more than once, and limits say how many there are."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from typing import Any, Dict, Generator, Iterator, List, Set

import pytest
from tests.asgi import PATIENCE, Exchange, ask, fetch, kernel_app, run
from tests.core.hooks import Steps

from fenrir_core import App, BackgroundTasks, BuildError, Call, Request, Response, RouteHook


def me() -> int:
    return threading.get_ident()


async def pause() -> str:
    await asyncio.sleep(0)
    return "paused"


async def in_thread(function: Any, *args: Any) -> Any:
    """Call a function in a thread that is not the app's."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *args)


def sample(**settings: Any) -> App:
    """Return an app with a route of four hops: before, handler, generator of the body, teardown."""
    seen: Dict[str, List[int]] = {}

    def note(request: Request, *_: Any) -> None:
        seen.setdefault(request.headers["x-number"], []).append(me())

    hook = RouteHook("notes", Call.of(note), teardown=Call.of(note))
    app = kernel_app(plugins=[Steps(hook, paused=pause)], **settings)
    app.state.seen = seen

    @app.get("/")
    def handler(request: Request, paused: str) -> Any:
        note(request)

        def body() -> Iterator[str]:
            note(request)
            yield "a"
            note(request)
            yield "b"

        return body()

    return app


def test_all_synchronous_steps_of_a_request_run_in_one_thread() -> None:
    app = sample(threads=3)

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app, headers={"x-number": str(number)}) for number in range(60)))
        assert {answer.text for answer in answers} == {"ab"}

    run(scenario())
    threads: List[List[int]] = [*app.state.seen.values()]
    assert [len(steps) for steps in threads] == [5] * 60
    assert [len(set(steps)) for steps in threads] == [1] * 60


def test_a_thread_is_never_lent_to_two_requests_at_once() -> None:
    owners: Dict[int, str] = {}

    def opened(request: Request) -> Generator[str, None, None]:
        assert me() not in owners
        owners[me()] = request.headers["x-number"]
        yield "a"
        assert owners.pop(me()) == request.headers["x-number"]

    app = kernel_app(threads=2, plugins=[Steps(opened=opened, paused=pause)])

    @app.get("/")
    async def handler(request: Request, opened: str, paused: str) -> Any:
        await asyncio.sleep(0.001)
        return opened

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app, headers={"x-number": str(number)}) for number in range(50)))
        assert {(answer.text, answer.complete) for answer in answers} == {("a", True)}

    run(scenario())
    assert owners == {}


def test_a_synchronous_generator_keeps_its_thread_though_its_handler_is_asynchronous() -> None:
    seen: Set[int] = set()
    app = kernel_app()

    @app.get("/")
    async def handler() -> Any:
        def body() -> Iterator[str]:
            for _ in range(200):
                seen.add(me())
                yield "x"

        return body()

    async def scenario() -> None:
        others = [ask(app) for _ in range(3)]
        assert [len(answer.text) for answer in await asyncio.gather(*others)] == [200] * 3

    run(scenario())
    assert len(seen) <= 3
    seen.clear()
    fetch(app)
    assert len(seen) == 1


def opened_once() -> Generator[str, None, None]:
    yield "a"


def holding(**settings: Any) -> App:
    """Return an app whose requests to ``/held`` keep a thread until `app.state.go` is set."""
    app = kernel_app(plugins=[Steps(opened=opened_once)], **settings)

    @app.get("/held")
    async def held(opened: str) -> Any:
        app.state.held.release()
        await app.state.go.wait()
        return opened

    @app.get("/")
    def handler() -> Any:
        return "ok"

    return app


async def hold(app: App, count: int) -> List[Exchange]:
    """Start requests that keep a thread, and wait until all of them have one."""
    app.state.go, app.state.held = asyncio.Event(), asyncio.Semaphore(0)
    exchanges = [Exchange(app, path="/held") for _ in range(count)]
    for exchange in exchanges:
        exchange.start()
    for _ in range(count):
        await asyncio.wait_for(app.state.held.acquire(), PATIENCE)
    return exchanges


def test_threads_that_open_requests_keep_do_not_count_against_the_setting() -> None:
    app = holding(threads=1)

    async def scenario() -> None:
        exchanges = await hold(app, 5)
        assert (await ask(app)).text == "ok"
        app.state.go.set()
        assert [(await exchange.finish()).text for exchange in exchanges] == ["a"] * 5

    run(scenario())


def test_beyond_threads_max_a_request_is_answered_503() -> None:
    app = holding(threads=1, threads_max=2)

    async def scenario() -> None:
        exchanges = await hold(app, 2)
        refused = await ask(app, path="/held")
        assert (refused.status, refused.complete) == (503, True)
        app.state.go.set()
        assert [(await exchange.finish()).status for exchange in exchanges] == [200, 200]
        assert (await ask(app, path="/held")).status == 200

    run(scenario())


def test_a_refused_request_is_ended_as_any_other(caplog: pytest.LogCaptureFixture) -> None:
    seen: List[str] = []
    after = Call.of(lambda request, response: seen.append(f"after {response.status}"))
    hook = RouteHook("notes", Call.of(lambda request: None), after, Call.of(lambda request, error: seen.append("down")))
    app = kernel_app(threads=1, threads_max=1, plugins=[Steps(hook, opened=opened_once)])

    @app.get("/")
    async def held(opened: str) -> Any:
        app.state.began.set()
        await app.state.go.wait()
        return opened

    async def scenario() -> None:
        app.state.go, app.state.began = asyncio.Event(), asyncio.Event()
        first = Exchange(app)
        first.start()
        await asyncio.wait_for(app.state.began.wait(), PATIENCE)
        assert (await ask(app)).status == 503
        assert seen == ["after 503", "down"]
        app.state.go.set()
        assert (await first.finish()).status == 200

    run(scenario())
    assert "Cleaning up" not in caplog.text


def test_a_handler_that_calls_its_own_app_never_waits_for_its_own_thread() -> None:
    app = kernel_app(threads=2, plugins=[Steps(opened=opened_once)])

    @app.get("/outer")
    def outer(opened: str) -> Any:
        return asyncio.run(ask(app, path="/inner")).text

    @app.get("/inner")
    def inner(opened: str) -> Any:
        return "inner"

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app, path="/outer") for _ in range(6)))
        assert [answer.text for answer in answers] == ["inner"] * 6

    run(scenario())


def test_a_handler_that_waits_for_a_coroutine_on_the_loop_never_waits_for_its_own_thread() -> None:
    app = kernel_app(threads=1)

    @app.get("/outer")
    def outer(request: Request) -> Any:
        loop = app.state.loop
        return asyncio.run_coroutine_threadsafe(ask(app, path="/inner"), loop).result(PATIENCE).text

    @app.get("/inner")
    def inner() -> Any:
        return "inner"

    async def scenario() -> None:
        app.state.loop = asyncio.get_running_loop()
        assert (await ask(app, path="/outer")).text == "inner"

    run(scenario())


def test_a_blocking_call_of_app_run_in_thread_in_a_step_never_waits_for_its_own_thread() -> None:
    app = kernel_app(threads=1)

    @app.get("/")
    def outer() -> Any:
        return asyncio.run_coroutine_threadsafe(app.run_in_thread(lambda: "inner"), app.state.loop).result(PATIENCE)

    async def scenario() -> None:
        app.state.loop = asyncio.get_running_loop()
        assert (await ask(app)).text == "inner"

    run(scenario())


def test_the_threads_of_two_apps_are_limited_apart() -> None:
    busy, other = kernel_app(threads=1), kernel_app(threads=1)
    began, go = threading.Event(), threading.Event()

    @busy.get("/")
    def blocks() -> Any:
        began.set()
        go.wait(PATIENCE)
        return "ok"

    @other.get("/")
    def handler() -> Any:
        return "other"

    async def scenario() -> None:
        first = Exchange(busy)
        first.start()
        await in_thread(began.wait, PATIENCE)
        assert (await ask(other)).text == "other"
        go.set()
        assert (await first.finish()).text == "ok"

    run(scenario())


def test_an_apps_share_is_an_executor() -> None:
    app = kernel_app(threads=2)
    assert [*app.executor.map(lambda number: number * 2, range(5))] == [0, 2, 4, 6, 8]
    with pytest.raises(ZeroDivisionError):
        app.executor.submit(lambda: 1 // 0).result(PATIENCE)


def test_two_apps_use_the_same_threads_one_after_the_other() -> None:
    names: Set[int] = set()

    async def scenario() -> None:
        for app in (kernel_app(), kernel_app(), kernel_app()):
            app.get("/")(lambda: str(names.add(me())))
            await ask(app)
            await ask(app)

    before = threading.active_count()
    run(scenario())
    assert threading.active_count() - before <= 1
    assert len(names) <= 2


def test_many_requests_at_once_do_not_make_many_threads() -> None:
    app = sample(threads=4)
    most = 0

    @app.get("/count")
    def count(paused: str) -> Any:
        nonlocal most
        most = max(most, threading.active_count())
        time.sleep(0.0005)
        return "ok"

    async def scenario() -> None:
        await asyncio.gather(*(ask(app, path="/count", headers={"x-number": "1"}) for _ in range(300)))

    before = threading.active_count()
    run(scenario())
    assert most - before <= 80


def test_background_work_uses_another_thread_than_the_one_that_is_lent() -> None:
    seen: List[int] = []

    def opened() -> Generator[str, None, None]:
        seen.append(me())
        yield "a"

    app = kernel_app(plugins=[Steps(opened=opened)])

    @app.get("/")
    async def handler(opened: str) -> Any:
        tasks = BackgroundTasks(app.run_in_thread)
        tasks.add_task(lambda: seen.append(me()))
        return Response(b"ok", background=tasks)

    assert fetch(app).text == "ok"
    assert len(set(seen)) == 2


def test_at_least_one_thread_is_needed() -> None:
    with pytest.raises(BuildError, match="The setting 'threads' can't be 0: it must be at least 1"):
        kernel_app(threads=0)


FORKS = """
import asyncio, os, sys, threading
from fenrir_core import App

app = App(paradigms=())
app.get("/")(lambda: "ok")

async def ask():
    sent = []
    async def receive():
        return {"type": "http.request"}
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent[1]["body"]

assert asyncio.run(ask()) == b"ok"
child = os.fork()
if child == 0:
    os._exit(0 if asyncio.run(ask()) == b"ok" else 1)
print(os.waitpid(child, 0)[1], asyncio.run(ask()))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == "0 b'ok'\n"


ENDS = """
import sys, time
from fenrir_core import App

App(paradigms=()).executor.submit(lambda: (time.sleep(0.3), sys.stdout.write("ended")))
"""


def test_what_runs_in_a_thread_when_the_interpreter_exits_is_waited_for() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == "ended"
