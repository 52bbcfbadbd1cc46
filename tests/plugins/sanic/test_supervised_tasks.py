"""Supervised tasks: begun with the app, named, watched, ended with it."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Any, Dict, List

import pytest
from tests.asgi import kernel_app

from fenrir_core import App, BuildError


def run(app: App, act: Any) -> None:
    async def main() -> None:
        async with app.lifespan():
            await act()

    asyncio.run(main())


def test_a_function_added_before_the_start_is_begun_with_the_app() -> None:
    app = kernel_app()
    begun: List[str] = []

    async def work() -> None:
        begun.append("begun")

    item = app.tasks.add(work)

    async def act() -> None:
        assert item.task is not None
        await asyncio.wait_for(item.task, 5)

    run(app, act)
    assert begun == ["begun"]


def test_a_coroutine_added_while_the_app_runs_is_begun_at_once() -> None:
    app = kernel_app()
    done: List[str] = []

    async def work() -> None:
        done.append("done")

    async def act() -> None:
        item = app.tasks.add(work())
        assert item.task is not None
        await asyncio.wait_for(item.task, 5)
        assert done == ["done"]

    run(app, act)


def test_a_task_is_given_the_app() -> None:
    app = kernel_app()
    given: List[Any] = []

    async def work(app: Any) -> None:
        given.append(app)

    async def act() -> None:
        item = app.tasks.add(work)
        assert item.task is not None
        await asyncio.wait_for(item.task, 5)

    run(app, act)
    assert given == [app]


def test_a_task_survives_the_garbage_collector() -> None:
    app = kernel_app()

    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    async def act() -> None:
        app.tasks.add(work, name="kept")
        gc.collect()
        await asyncio.sleep(0)
        found = app.tasks.get("kept")
        assert found is not None and found.state == "running"

    run(app, act)


def test_the_stop_cancels_tasks_and_waits_for_their_clean_up() -> None:
    app = kernel_app()
    ended: List[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")

    async def act() -> None:
        app.tasks.add(work)
        await asyncio.sleep(0)

    run(app, act)
    assert ended == ["cleaned up"]


def test_a_task_can_be_cancelled_by_name() -> None:
    app = kernel_app()

    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    async def act() -> None:
        app.tasks.add(work, name="poller")
        assert await app.tasks.cancel("poller")
        assert app.tasks.get("poller") is None

    run(app, act)


def test_cancelling_an_unknown_name_says_so() -> None:
    app = kernel_app()

    async def act() -> None:
        assert not await app.tasks.cancel("nobody")

    run(app, act)


def test_a_failed_task_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    app = kernel_app()

    async def work() -> None:
        raise ValueError("no metrics")

    async def act() -> None:
        item = app.tasks.add(work, name="poller")
        assert item.task is not None
        await asyncio.wait_for(item.task, 5)
        assert item.state == "failed"

    with caplog.at_level(logging.ERROR, "fenrir.tasks"):
        run(app, act)
    assert "'poller'" in caplog.text
    assert "no metrics" in caplog.text


def test_a_task_that_restarts_is_begun_again_after_it_failed() -> None:
    app = kernel_app()
    counts: Dict[str, int] = {"runs": 0}

    async def work() -> None:
        counts["runs"] += 1
        if counts["runs"] == 1:
            raise ValueError

    async def act() -> None:
        item = app.tasks.add(work, on_error="restart")
        assert item.task is not None
        await asyncio.wait_for(item.task, 5)
        assert item.restarts == 1

    run(app, act)


def test_a_coroutine_can_not_be_restarted() -> None:
    async def work() -> None: ...

    coroutine = work()
    with pytest.raises(BuildError, match="runs once only"):
        kernel_app().tasks.add(coroutine, on_error="restart")
    coroutine.close()


def test_a_name_is_taken_once() -> None:
    app = kernel_app()

    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    app.tasks.add(work, name="poller")
    with pytest.raises(BuildError, match="'poller' already"):
        app.tasks.add(work, name="poller")


def test_tasks_without_a_name_are_numbered_by_their_function() -> None:
    app = kernel_app()

    async def work() -> None: ...

    app.tasks.add(work)
    app.tasks.add(work)
    assert [item.name for item in app.tasks.list()] == ["work", "work 2"]


def test_a_task_that_does_not_end_in_time_is_named_in_the_report(caplog: pytest.LogCaptureFixture) -> None:
    app = kernel_app(stop_tasks=0.05)

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
