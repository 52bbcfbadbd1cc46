"""Start and stop: the order, the way back, failures by name, servers without lifespan events."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar
from typing import Any, AsyncIterator, Dict, List, Optional, Tuple

import pytest
from tests.asgi import Server, ask, fetch, kernel_app, run

from fenrir_core import App, BuildError, Lifespan, Request, hookimpl
from fenrir_core.authoring import StopTimeout


class Parts:
    """A plugin that gives lifespans and writes down when they start and stop."""

    def __init__(self, *parts: Tuple[str, Tuple[str, ...]], fails: str = "", stop_fails: str = "") -> None:
        self.parts, self.fails, self.stop_fails = parts, fails, stop_fails
        self.events: List[str] = []

    def enter(self, name: str) -> Any:
        @contextlib.asynccontextmanager
        async def manager(app: App) -> AsyncIterator[Dict[str, Any]]:
            if name == self.fails:
                raise ConnectionError(f"{name} is not reachable")
            self.events.append(f"start {name}")
            try:
                yield {name: f"state of {name}"}
            finally:
                self.events.append(f"stop {name}")
            if name == self.stop_fails:
                raise RuntimeError(f"{name} would not stop")

        return manager

    @hookimpl
    def fenrir_lifespans(self) -> List[Lifespan]:
        return [Lifespan(name, self.enter(name), after) for name, after in self.parts]


def app_of(parts: Parts, **options: Any) -> App:
    app = kernel_app(plugins=[parts], **options)

    @app.get("/")
    async def read(request: Request) -> Any:
        return request.scope.get("state")

    return app


# ------------------------------------------------------------ order


def test_parts_start_in_order_and_stop_in_reverse() -> None:
    parts = Parts(("a", ()), ("b", ()), ("c", ()))

    async def scenario() -> None:
        server = Server(app_of(parts, lifespan=parts.enter("own")))
        assert (await server.startup())["type"] == "lifespan.startup.complete"
        assert (await server.shutdown())["type"] == "lifespan.shutdown.complete"

    run(scenario())
    starts = ["a", "b", "c", "own"]
    assert parts.events == [f"start {name}" for name in starts] + [f"stop {name}" for name in reversed(starts)]


def test_a_part_starts_after_those_it_names() -> None:
    parts = Parts(("a", ("c",)), ("b", ()), ("c", ("b", "not there")))

    async def scenario() -> None:
        await Server(app_of(parts)).startup()

    run(scenario())
    assert parts.events[:3] == ["start b", "start c", "start a"]


def test_what_parts_yield_is_the_state_of_the_server_and_of_each_request() -> None:
    async def scenario() -> None:
        server = Server(app_of(Parts(("a", ()), ("b", ()))))
        await server.startup()
        assert server.state == {"a": "state of a", "b": "state of b"}
        assert (await server.ask()).text == '{"a":"state of a","b":"state of b"}'
        await server.shutdown()

    run(scenario())


def test_two_parts_that_give_one_state_key_fail_the_start() -> None:
    @contextlib.asynccontextmanager
    async def same(app: App) -> AsyncIterator[Dict[str, Any]]:
        yield {"a": "another"}

    parts = Parts(("a", ()))

    async def scenario() -> None:
        answer = await Server(app_of(parts, lifespan=same)).startup()
        assert answer["type"] == "lifespan.startup.failed"
        assert "'a'" in answer["message"] and "'lifespan'" in answer["message"]

    run(scenario())
    assert parts.events == ["start a", "stop a"]


# ------------------------------------------------------------ failures


def test_a_part_that_fails_stops_the_start_with_its_name_and_undoes_what_had_started() -> None:
    parts = Parts(("a", ()), ("b", ()), ("c", ()), ("d", ()), fails="c")

    async def scenario() -> None:
        server = Server(app_of(parts))
        answer = await server.startup()
        assert answer["type"] == "lifespan.startup.failed"
        assert "'c'" in answer["message"]
        assert "ConnectionError: c is not reachable" in answer["message"]
        assert (await server.finish()).error is None

    run(scenario())
    assert parts.events == ["start a", "start b", "stop b", "stop a"]


def test_a_mistake_in_the_build_fails_the_start_with_its_message() -> None:
    app = kernel_app()

    @app.get("/{name")
    async def broken() -> Any:
        return "never"

    async def scenario() -> None:
        answer = await Server(app).startup()
        assert answer["type"] == "lifespan.startup.failed"
        assert "/{name" in answer["message"]

    run(scenario())


def test_a_part_that_fails_to_stop_is_logged_and_keeps_no_other(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts(("a", ()), ("b", ()), ("c", ()), stop_fails="b")

    async def scenario() -> None:
        server = Server(app_of(parts))
        await server.startup()
        assert (await server.shutdown())["type"] == "lifespan.shutdown.complete"

    run(scenario())
    assert parts.events[-3:] == ["stop c", "stop b", "stop a"]
    assert "'b'" in caplog.text and "b would not stop" in caplog.text


def test_a_part_that_hangs_at_the_stop_is_cut_off_and_named(caplog: pytest.LogCaptureFixture) -> None:
    @contextlib.asynccontextmanager
    async def hangs(app: App) -> AsyncIterator[None]:
        yield
        await asyncio.sleep(3600)

    parts = Parts(("a", ()))

    async def scenario() -> None:
        server = Server(app_of(parts, lifespan=hangs, stop_lifespan=0.1))
        await server.startup()
        assert (await server.shutdown())["type"] == "lifespan.shutdown.complete"

    run(scenario())
    assert parts.events == ["start a", "stop a"]
    assert "did not stop in time: lifespan" in caplog.text


def test_a_stop_that_the_server_cancels_names_what_hangs_and_closes_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: List[asyncio.Event] = []

    @contextlib.asynccontextmanager
    async def hangs(app: App) -> AsyncIterator[None]:
        yield
        asked[0].set()
        await asyncio.sleep(3600)

    parts = Parts(("a", ()), ("b", ()))

    async def scenario() -> None:
        asked.append(asyncio.Event())
        app = app_of(parts, lifespan=hangs)
        server = Server(app)
        await server.startup()
        stopping = asyncio.ensure_future(app.lifespan_manager.stop())
        await asked[0].wait()
        stopping.cancel()
        await stopping
        await server.shutdown()

    run(scenario())
    assert parts.events[-2:] == ["stop b", "stop a"]
    assert "did not stop in time: lifespan" in caplog.text


def innermost(enter: Any, **fields: Any) -> Any:
    class Plugin:
        @hookimpl
        def fenrir_lifespans(self) -> List[Lifespan]:
            return [Lifespan("inner", enter, innermost=True, **fields)]

    return Plugin()


def test_an_innermost_part_starts_after_the_apps_own_and_stops_first() -> None:
    parts = Parts(("a", ()), ("b", ()))
    app = kernel_app(plugins=[innermost(parts.enter("inner")), parts], lifespan=parts.enter("own"))

    async def scenario() -> None:
        async with app.lifespan():
            pass

    run(scenario())
    starts = ["a", "b", "own", "inner"]
    assert parts.events == [f"start {name}" for name in starts] + [f"stop {name}" for name in reversed(starts)]


def test_a_part_can_not_start_after_an_innermost_one() -> None:
    parts = Parts(("a", ("inner",)))
    with pytest.raises(BuildError, match="order of lifespans goes in a circle"):
        kernel_app(plugins=[innermost(parts.enter("inner")), parts]).build()


def test_a_part_with_its_own_timeout_is_not_cut_off_and_names_what_hangs(caplog: pytest.LogCaptureFixture) -> None:
    @contextlib.asynccontextmanager
    async def workers(app: App) -> AsyncIterator[None]:
        yield
        await asyncio.sleep(0.05)
        raise StopTimeout("worker 1", "worker 2")

    app = kernel_app(plugins=[innermost(workers, own_timeout=True)], stop_lifespan=0.01)

    async def scenario() -> None:
        async with app.lifespan():
            pass

    run(scenario())
    assert "These did not stop in time: worker 1, worker 2" in caplog.text


def test_an_app_can_be_started_again_after_it_was_stopped() -> None:
    parts = Parts(("a", ()))
    app = app_of(parts)

    @app.get("/sync")
    def sync() -> Any:
        return "sync"

    async def scenario() -> None:
        for _ in range(2):
            server = Server(app)
            await server.startup()
            assert (await server.ask(path="/sync")).text == "sync"
            await server.shutdown()

    run(scenario())
    assert parts.events == ["start a", "stop a"] * 2


def test_a_part_starts_and_stops_in_one_context() -> None:
    variable: ContextVar[Optional[str]] = ContextVar("variable", default=None)
    seen: List[Optional[str]] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        token = variable.set("set")
        yield
        seen.append(variable.get())
        variable.reset(token)  # raises in another context

    async def scenario() -> None:
        server = Server(kernel_app(lifespan=lifespan))
        await server.startup()
        await server.shutdown()

    run(scenario())
    assert seen == ["set"]


# ------------------------------------------------------------ a server without lifespan events


def test_without_lifespan_events_the_app_starts_once_at_its_first_requests_and_stops_with_the_loop() -> None:
    parts = Parts(("a", ()))
    app = app_of(parts)

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app) for _ in range(10)))
        assert {answer.status for answer in answers} == {200}
        assert parts.events == ["start a"]

    run(scenario())
    assert parts.events == ["start a", "stop a"]


def test_a_late_start_that_fails_is_told_to_each_request_and_tried_again() -> None:
    parts = Parts(("a", ()), ("b", ()), fails="b")
    app = app_of(parts)

    async def scenario() -> None:
        for _ in range(2):
            assert "Start-up failed in 'b'" in str((await ask(app)).error)
        parts.fails = ""
        assert (await ask(app)).status == 200

    run(scenario())
    assert parts.events == ["start a", "stop a"] * 2 + ["start a", "start b", "stop b", "stop a"]


def test_a_first_client_that_gives_up_does_not_undo_the_start() -> None:
    parts = Parts(("a", ()))

    @contextlib.asynccontextmanager
    async def slow(app: App) -> AsyncIterator[None]:
        await asyncio.sleep(0.05)
        yield

    app = app_of(parts, lifespan=slow)

    async def scenario() -> None:
        first = asyncio.ensure_future(ask(app))
        await asyncio.sleep(0.01)
        first.cancel()
        assert (await ask(app)).status == 200
        assert parts.events == ["start a"]

    run(scenario())


def test_each_event_loop_has_its_own_start() -> None:
    parts = Parts(("a", ()))
    app = app_of(parts)
    assert [fetch(app).status for _ in range(2)] == [200, 200]
    assert parts.events == ["start a", "stop a"] * 2


# ------------------------------------------------------------ streams learn of the stop


def test_an_open_stream_is_told_of_the_stop_and_ends_well() -> None:
    app = kernel_app()
    events: List[str] = []

    @app.get("/")
    async def stream() -> Any:
        yield "first"
        await app.shutdown_event.wait()
        events.append("told")
        yield "last"

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        waiting = asyncio.ensure_future(server.ask())
        await asyncio.sleep(0.02)
        app.lifespan_manager.begin_stop()
        answer = await waiting
        assert (answer.body, answer.complete) == (b"firstlast", True)
        await server.shutdown()

    run(scenario())
    assert events == ["told"]


def test_a_stream_that_does_not_listen_is_cut_off_when_its_time_is_up(caplog: pytest.LogCaptureFixture) -> None:
    app = kernel_app(stop_streams=0.1)
    events: List[str] = []

    @app.get("/")
    async def stream() -> Any:
        try:
            yield "first"
            await asyncio.sleep(3600)
        finally:
            events.append("closed")

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        waiting = asyncio.ensure_future(server.ask())
        await asyncio.sleep(0.02)
        app.lifespan_manager.begin_stop()
        answer = await waiting
        assert (answer.body, answer.complete) == (b"first", False)
        await server.shutdown()

    run(scenario())
    assert events == ["closed"]
    assert "GET /: The stream was cut off: the app stops." in caplog.text
    assert "Traceback" not in caplog.text


def test_an_app_without_lifespans_starts_in_one_turn_of_the_loop() -> None:
    """Tests of other frameworks yield once and expect the start to be complete."""
    app = kernel_app()
    events: List[str] = []

    async def main() -> None:
        stop = asyncio.Event()

        async def receive() -> Dict[str, Any]:
            if events:
                await stop.wait()
            return {"type": "lifespan.shutdown" if events else "lifespan.startup"}

        async def send(message: Any) -> None:
            events.append(message["type"])

        task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
        await asyncio.sleep(0)
        assert events == ["lifespan.startup.complete"]
        stop.set()
        await task

    asyncio.run(main())
    assert events[-1] == "lifespan.shutdown.complete"
