"""Late registration: what lives as long as the app, and when an app takes what."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, AsyncIterator, Callable, List

import pytest
from tests.core.late_parts import plugin, tagging

from fenrir_core import (
    BuildError,
    Lifespan,
    Provide,
)
from fenrir_core.testing import Client

# ---------------------------------------------------------------- what lives as long as the app


def lifespan(name: str, events: List[str]) -> Callable[[Any], Any]:
    @contextlib.asynccontextmanager
    async def enter(app: Any) -> AsyncIterator[None]:
        if name == "broken":
            raise ConnectionError("not reachable")
        events.append(f"start {name}")
        yield
        events.append(f"stop {name}")

    return enter


def test_a_late_mount_starts_before_its_first_request_and_nothing_else_starts_again(make: Any) -> None:
    events: List[str] = []
    given = plugin(lifespans=lambda: [Lifespan("part", lifespan("part", events))])
    app, inner = make([given], lifespan=lifespan("app", events)), make(lifespan=lifespan("inner", events))
    inner.get("/")(lambda: "inner")

    async def scenario() -> None:
        async with Client(app) as client:
            app.mount("/sub", inner)
            assert (await client.get("/sub/")).text == "inner"
            assert (await client.get("/sub/")).text == "inner"

    asyncio.run(scenario())
    assert events == ["start part", "start app", "start inner", "stop inner", "stop app", "stop part"]


def test_a_late_mount_that_does_not_start_leaves_the_rest_of_the_app_served(make: Any, caplog: Any) -> None:
    app, inner = make(), make(lifespan=lifespan("broken", []))
    app.get("/")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            app.mount("/sub", inner)
            assert [(await client.get("/")).text for _ in range(2)] == ["early", "early"]

    asyncio.run(scenario())
    assert "What was registered late is served without 'mount /sub'" in caplog.text


def test_an_app_scoped_dependency_is_made_once_and_one_that_comes_late_is_opened_then(make: Any) -> None:
    events: List[str] = []

    async def early_pool() -> AsyncIterator[str]:
        events.append("open early")
        yield "early pool"
        events.append("close early")

    async def late_pool() -> AsyncIterator[str]:
        events.append("open late")
        yield "late pool"
        events.append("close late")

    def make_resolver(param: Any) -> Any:
        found = {"early": early_pool, "late": late_pool}.get(param.name)
        return Provide(found, scope="app") if found else None

    app = make([plugin(make_resolver=make_resolver)])
    app.get("/early")(lambda early: early)

    async def scenario() -> None:
        async with Client(app) as client:
            assert (await client.get("/early")).text == "early pool"
            app.get("/late")(lambda early, late: f"{early}, {late}")
            assert (await client.get("/late")).text == "early pool, late pool"
            app.add_exception_handler(ValueError, lambda: "handled")
            assert (await client.get("/late")).text == "early pool, late pool"

    asyncio.run(scenario())
    assert events == ["open early", "open late", "close late", "close early"]


def test_a_late_dependency_that_fails_makes_its_own_route_fail_and_no_other(make: Any, caplog: Any) -> None:
    def pool() -> str:
        raise ConnectionError("not reachable")

    def make_resolver(param: Any) -> Any:
        return Provide(pool, scope="app") if param.name == "pool" else None

    app = make([plugin(make_resolver=make_resolver)])
    app.get("/")(lambda: "early")

    async def scenario() -> None:
        async with Client(app, raise_errors=False) as client:
            app.get("/late")(lambda pool: pool)
            assert [(await client.get(path)).status for path in ("/", "/late", "/")] == [200, 500, 200]

    asyncio.run(scenario())
    assert "pool of scope 'app', which was registered late, failed" in caplog.text


# ---------------------------------------------------------------- when


def test_a_mounted_app_takes_late_registrations_of_its_own(make: Any) -> None:
    app, inner = make(), make()
    inner.get("/")(lambda: "inner")
    app.mount("/sub", inner)

    async def scenario() -> None:
        async with Client(app) as client:
            assert (await client.get("/sub/late")).status == 404
            inner.get("/late")(lambda: "late")
            assert (await client.get("/sub/late")).text == "late"
            inner.add_middleware(tagging("inner", []))
            assert (await client.get("/sub/late")).headers.getlist("x-tag") == ["inner"]

    asyncio.run(scenario())


def test_a_lifespan_may_register_while_the_app_starts(make: Any) -> None:
    @contextlib.asynccontextmanager
    async def enter(app: Any) -> AsyncIterator[None]:
        app.get("/from-the-start")(lambda: "registered")
        yield

    app = make(lifespan=enter)

    async def scenario() -> None:
        async with Client(app) as client:
            assert (await client.get("/from-the-start")).text == "registered"

    asyncio.run(scenario())


def test_an_app_that_is_built_and_not_started_takes_everything(make: Any) -> None:
    app = make()
    app.build()
    app.get("/")(lambda: "built again")
    app.add_middleware(tagging("added", []))

    async def scenario() -> None:
        async with Client(app) as client:
            answer = await client.get("/")
            assert (answer.text, answer.headers.getlist("x-tag")) == ("built again", ["added"])

    asyncio.run(scenario())


def test_a_server_without_lifespan_events_is_served_late_routes(make: Any) -> None:
    app = make()
    app.get("/")(lambda: "early")

    async def scenario() -> None:
        client = Client(app)
        assert (await client.get("/")).text == "early"
        app.get("/late")(lambda: "late")
        assert (await client.get("/late")).text == "late"

    asyncio.run(scenario())


def test_a_strict_app_takes_nothing_while_it_serves(make: Any) -> None:
    app = make(strict=True)
    app.get("/")(lambda: "early")

    async def scenario() -> None:
        async with Client(app) as client:
            for register in (
                lambda: app.get("/late")(lambda: ""),
                lambda: app.add_middleware(tagging("late", [])),
                lambda: app.add_exception_handler(ValueError, lambda: ""),
            ):
                with pytest.raises(BuildError, match=r"test_late_lifetimes.py:\d+: .* can't be added: .* it is strict"):
                    register()
            assert (await client.get("/late")).status == 404

    asyncio.run(scenario())


def test_what_only_counts_at_the_start_is_refused_after_it(make: Any) -> None:
    app = make()

    async def scenario() -> None:
        async with Client(app):
            with pytest.raises(BuildError, match=r"test_late_lifetimes.py:\d+: the task can't be added: .* started"):
                app.check_open("the task")

    asyncio.run(scenario())


def test_a_hook_that_inspects_the_build_registers_nothing(make: Any) -> None:
    def app_built(app: Any) -> None:
        app.get("/from-a-hook")(lambda: "")

    app = make([plugin(app_built=app_built)])
    with pytest.raises(BuildError, match=r"/from-a-hook.* can't be added: the app has already been built"):
        app.build()
