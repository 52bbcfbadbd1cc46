"""Supervised tasks: started with the app, named, watched, cancelled first at its stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Any, Callable, Coroutine, Dict, List

import pytest

from fenrir_core import App, BuildError, Fenrir
from fenrir_core.testing import Client
from fenrir_fastapi import Depends
from fenrir_sanic import Sanic
from fenrir_sanic.supervised_tasks import SupervisedTask


def make(**settings: Any) -> Any:
    return Fenrir(paradigms=["sanic"], **settings)


def run(app: Any, act: Any) -> None:
    async def main() -> None:
        async with app.lifespan():
            await act()

    asyncio.run(main())


async def ended(item: SupervisedTask) -> None:
    """Wait until a task has ended."""
    assert item.task is not None
    await asyncio.wait_for(item.task, 5)


async def forever() -> None:
    """Run until it is cancelled."""
    await asyncio.get_running_loop().create_future()


def recorder(events: List[str], clean_up: float = 0) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return work that runs until it is cancelled and then cleans up for some seconds; it records both."""

    async def work() -> None:
        events.append("task started")
        try:
            await forever()
        finally:
            await asyncio.sleep(clean_up)
            events.append("task cancelled")

    return work


def test_a_function_added_before_the_start_is_begun_with_the_app() -> None:
    app = make()
    begun: List[str] = []

    async def work() -> None:
        begun.append("begun")

    item = app.tasks.add(work)

    async def act() -> None:
        await ended(item)

    run(app, act)
    assert begun == ["begun"]


def test_a_coroutine_added_while_the_app_runs_is_begun_at_once() -> None:
    app = make()
    done: List[str] = []

    async def work() -> None:
        done.append("done")

    async def act() -> None:
        item = app.tasks.add(work())
        await ended(item)
        assert done == ["done"]

    run(app, act)


def test_a_task_is_given_the_app() -> None:
    app = make()
    given: List[Any] = []

    async def work(app: Any) -> None:
        given.append(app)

    async def act() -> None:
        item = app.tasks.add(work)
        await ended(item)

    run(app, act)
    assert given == [app]


def test_a_task_survives_the_garbage_collector() -> None:
    app = make()

    async def act() -> None:
        app.tasks.add(forever, name="kept")
        gc.collect()
        await asyncio.sleep(0)
        found = app.tasks.get("kept")
        assert found is not None and found.state == "running"

    run(app, act)


def test_the_stop_cancels_tasks_and_waits_for_their_clean_up() -> None:
    app = make()
    events: List[str] = []

    async def act() -> None:
        app.tasks.add(recorder(events))
        await asyncio.sleep(0)

    run(app, act)
    assert events == ["task started", "task cancelled"]


def test_a_task_can_be_cancelled_by_name() -> None:
    app = make()

    async def act() -> None:
        app.tasks.add(forever, name="poller")
        assert await app.tasks.cancel("poller")
        assert app.tasks.get("poller") is None

    run(app, act)


def test_cancelling_an_unknown_name_says_so() -> None:
    app = make()

    async def act() -> None:
        assert not await app.tasks.cancel("nobody")

    run(app, act)


def test_a_failed_task_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    app = make()

    async def work() -> None:
        raise ValueError("no metrics")

    async def act() -> None:
        item = app.tasks.add(work, name="poller")
        await ended(item)
        assert item.state == "failed"

    with caplog.at_level(logging.ERROR, "fenrir.tasks"):
        run(app, act)
    assert "'poller'" in caplog.text
    assert "no metrics" in caplog.text


def test_a_task_that_restarts_is_begun_again_after_it_failed() -> None:
    app = make()
    counts: Dict[str, int] = {"runs": 0}

    async def work() -> None:
        counts["runs"] += 1
        if counts["runs"] == 1:
            raise ValueError

    async def act() -> None:
        item = app.tasks.add(work, on_error="restart")
        await ended(item)
        assert item.restarts == 1

    run(app, act)


def test_a_coroutine_can_not_be_restarted() -> None:
    async def work() -> None: ...

    coroutine = work()
    with pytest.raises(BuildError, match="runs once only"):
        make().tasks.add(coroutine, on_error="restart")
    coroutine.close()


def test_a_name_is_taken_once() -> None:
    app = make()
    app.tasks.add(forever, name="poller")
    with pytest.raises(BuildError, match="'poller' already"):
        app.tasks.add(forever, name="poller")


def test_tasks_without_a_name_are_numbered_by_their_function() -> None:
    app = make()

    async def work() -> None: ...

    app.tasks.add(work)
    app.tasks.add(work)
    assert [item.name for item in app.tasks.list()] == ["work", "work 2"]


def test_a_task_that_does_not_end_in_time_is_named_in_the_report(caplog: pytest.LogCaptureFixture) -> None:
    app = make(stop_tasks=0.05)

    async def main() -> None:
        release = asyncio.Event()

        async def stubborn() -> None:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue

        async with app.lifespan():
            item = app.tasks.add(stubborn)
            await asyncio.sleep(0)
        release.set()
        assert item.task is not None
        await item.task

    with caplog.at_level(logging.ERROR, "fenrir"):
        asyncio.run(main())
    assert "task stubborn" in caplog.text


# ------------------------------------------------------------ in the start/stop graph


@pytest.mark.parametrize("app", [make(), Sanic("shop")], ids=["hybrid", "sanic"])
def test_tasks_start_after_everything_else_and_are_cancelled_first(app: Any) -> None:
    events: List[str] = []

    def listen(phase: str) -> None:
        @app.listener(phase)
        async def record(app: Any) -> None:
            events.append(phase)

    for phase in ("main_process_start", "after_server_start", "before_server_stop", "main_process_stop"):
        listen(phase)

    app.add_task(recorder(events))
    run(app, lambda: asyncio.sleep(0))
    starts, stops = ["main_process_start", "after_server_start"], ["before_server_stop", "main_process_stop"]
    assert events == [*starts, "task started", "task cancelled", *stops]


def test_tasks_start_after_mounted_apps_have_started_and_end_before_those_stop() -> None:
    events: List[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        for phase in ("startup", "shutdown"):
            await receive()
            events.append(phase)
            await send({"type": f"lifespan.{phase}.complete"})

    app = make()
    app.mount("/inner", inner)
    app.add_task(recorder(events))
    run(app, lambda: asyncio.sleep(0))
    assert events == ["startup", "task started", "task cancelled", "shutdown"]


def test_tasks_may_have_more_time_to_end_than_lifespans(caplog: pytest.LogCaptureFixture) -> None:
    app = make(stop_lifespan=0.01, stop_tasks=5.0)
    events: List[str] = []

    async def act() -> None:
        app.tasks.add(recorder(events, clean_up=0.05))
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR, "fenrir"):
        run(app, act)
    assert events == ["task started", "task cancelled"]
    assert "did not stop in time" not in caplog.text


def test_a_start_that_fails_discards_the_tasks_so_that_it_can_be_repeated() -> None:
    app = make()
    failures = [ConnectionError("the database is not there")]
    began: List[str] = []

    async def poll() -> None:
        began.append("poll")

    @app.listener("before_server_start")
    async def prepare(app: Any) -> None:
        app.add_task(poll(), name="poller")
        if failures:
            raise failures.pop()

    async def main() -> None:
        with pytest.raises(Exception, match="the database is not there"):
            await app.lifespan_manager.start()
        assert app.tasks.list() == []
        async with app.lifespan():
            await asyncio.sleep(0)

    asyncio.run(main())
    assert began == ["poll"]


def test_a_function_with_dependencies_is_injected_when_it_runs() -> None:
    app = Fenrir(paradigms=["sanic", "fastapi"])
    found: List[Any] = []

    def settings() -> str:
        return "sqlite://"

    async def work(app: Any, dsn: str = Depends(settings)) -> None:
        found.append((app, dsn))

    async def act() -> None:
        await asyncio.wait_for(app.add_task(work), 5)

    run(app, act)
    assert found == [(app, "sqlite://")]


def test_tasks_that_were_begun_by_a_request_end_with_the_app() -> None:
    app = make()
    events: List[str] = []

    @app.get("/")
    async def begin(request: Any) -> Any:
        app.add_task(recorder(events)())
        await asyncio.sleep(0)
        return "begun"

    async def main() -> None:
        async with Client(app) as client:
            assert (await client.get("/")).text == "begun"
            assert events == ["task started"]

    asyncio.run(main())
    assert events == ["task started", "task cancelled"]


def test_without_the_plugin_the_hybrid_app_names_it() -> None:
    with pytest.raises(AttributeError, match="'Fenrir.tasks' comes with the fenrir-sanic plugin"):
        _ = Fenrir(paradigms=[]).tasks


def test_an_app_of_the_kernel_alone_has_no_tasks() -> None:
    assert not hasattr(App(paradigms=(), autoload=False), "tasks")
