"""Synchronous steps that follow one another run in one hop to a thread."""

from __future__ import annotations

import asyncio
import threading
import traceback
from contextvars import ContextVar
from functools import partial
from typing import Any, Generator, List, Optional

import pytest
from tests.asgi import fetch, kernel_app
from tests.core.hooks import Steps

from fenrir_core import App, Build, Call, Param, Provide, Request, Response, RouteHook, WebSocket, hookimpl
from fenrir_core.testing import Client, Refused

variable: ContextVar[Optional[str]] = ContextVar("variable", default=None)


def hops(app: App) -> int:
    """Return how often the route's source goes to a thread when nothing fails."""
    source = app.compiled_routes[0].source.split("except BaseException")[0]
    return source.count("await run_steps(") + source.count("await in_thread(")


def note(seen: List[str], name: str) -> Any:
    def step(*_: Any) -> None:
        seen.append(f"{name} {threading.current_thread().name}")

    return Call.of(step)


def test_hooks_dependencies_and_handler_run_in_one_hop() -> None:
    seen: List[str] = []
    before, after = note(seen, "before"), note(seen, "after")
    app = kernel_app(plugins=[Steps(RouteHook("one", before, after), RouteHook("two", before, after), a=lambda: "a")])

    @app.get("/")
    def handler(a: str) -> Any:
        return a

    assert fetch(app).text == "a"
    assert hops(app) == 1
    assert [name.split()[0] for name in seen] == ["before", "before", "after", "after"]
    assert len({name.split()[1] for name in seen}) == 1


def test_an_asynchronous_step_divides_the_hops() -> None:
    async def middle(first: str) -> str:
        return first + threading.current_thread().name[:4]

    app = kernel_app(plugins=[Steps(first=lambda: "a", middle=middle, last=lambda: "b")])

    @app.get("/")
    def handler(middle: str, last: str) -> Any:
        return middle + last

    assert fetch(app).text == "aMainb"
    assert hops(app) == 2


def test_a_route_of_asynchronous_code_never_goes_to_a_thread() -> None:
    app = kernel_app()

    @app.get("/")
    async def handler() -> Any:
        return "ok"

    assert hops(app) == 0
    assert "release_thread" not in app.compiled_routes[0].source


def test_a_before_hook_that_answers_ends_the_run() -> None:
    seen: List[str] = []
    answer = RouteHook("answer", Call.of(lambda request: Response(b"no", 403)), note(seen, "after"))
    later = RouteHook("later", note(seen, "before"), teardown=note(seen, "teardown"))
    app = kernel_app(plugins=[Steps(answer, later)])

    @app.get("/")
    def handler() -> Any:
        seen.append("handler")
        return "ok"

    found = fetch(app)
    assert (found.status, found.text) == (403, "no")
    assert [name.split()[0] for name in seen] == ["after", "teardown"]


def test_an_error_has_the_line_of_the_step_that_raised_it() -> None:
    frames: List[str] = []

    def fails(first: str) -> str:
        raise ValueError(first)

    app = kernel_app(plugins=[Steps(first=lambda: "a", second=fails)])

    def handled(request: Request, error: ValueError) -> Any:
        frames.extend(str(frame) for frame in traceback.extract_tb(error.__traceback__))
        return "handled"

    app.add_exception_handler(ValueError, handled)

    @app.get("/")
    def handler(second: str) -> Any:
        return second

    fetch(app)
    lines = [frame for frame in frames if "<fenrir" in frame]
    assert lines and "fails" in frames[-1]


def test_an_after_hook_that_fails_is_not_called_again_for_the_errors_response() -> None:
    seen: List[str] = []

    def after(request: Request, response: Response) -> None:
        seen.append("after")
        raise ValueError

    app = kernel_app(plugins=[Steps(RouteHook("after", after=Call.of(after)))])
    app.add_exception_handler(ValueError, lambda request, error: "handled")

    @app.get("/")
    def handler() -> Any:
        return "ok"

    assert (fetch(app).text, seen) == ("handled", ["after"])


def test_after_hooks_see_the_response_to_an_error_of_the_run() -> None:
    seen: List[Any] = []
    after = Call.of(lambda request, response: seen.append(response.status))
    app = kernel_app(plugins=[Steps(RouteHook("steps", Call.of(lambda request: None), after))])

    @app.get("/")
    def handler() -> Any:
        raise ValueError

    assert (fetch(app).status, seen) == (500, [500])


def test_a_coroutine_that_a_synchronous_step_returns_is_awaited_in_the_request() -> None:
    async def later() -> str:
        variable.set("set by the coroutine")
        return "a"

    app = kernel_app(plugins=[Steps(first=lambda: later(), second=lambda first: f"{first} {variable.get()}")])

    @app.get("/")
    def handler(second: str) -> Any:
        return second

    assert fetch(app).text == "a set by the coroutine"


def test_an_error_of_such_a_coroutine_is_raised_where_the_step_was_called() -> None:
    async def later() -> str:
        raise ValueError("later")

    closed: List[str] = []

    def opened() -> Generator[str, None, None]:
        try:
            yield "opened"
        except ValueError as error:
            closed.append(str(error))
            raise

    app = kernel_app(plugins=[Steps(opened=opened, late=lambda: later())])
    app.add_exception_handler(ValueError, lambda request, error: f"handled {error}")

    @app.get("/")
    def handler(opened: str, late: str) -> Any:
        return "ok"

    assert (fetch(app).text, closed) == ("handled later", ["later"])


def test_clean_up_that_follows_one_another_runs_in_one_thread_last_first() -> None:
    seen: List[Any] = []

    def opened(name: str) -> Any:
        def dependency() -> Generator[str, None, None]:
            yield name
            seen.append((name, threading.current_thread().name))

        return dependency

    teardown = RouteHook("teardown", teardown=note([], "teardown"))
    app = kernel_app(plugins=[Steps(teardown, a=opened("a"), b=opened("b"), c=opened("c"))])

    @app.get("/")
    async def handler(a: str, b: str, c: str) -> Any:
        return a + b + c

    assert fetch(app).text == "abc"
    assert [name for name, _ in seen] == ["c", "b", "a"]
    assert len({thread for _, thread in seen}) == 1


def test_a_clean_up_that_fails_leaves_the_others_to_run() -> None:
    closed: List[str] = []

    def opened() -> Generator[str, None, None]:
        yield "a"
        closed.append("a")

    def fails() -> Generator[str, None, None]:
        yield "b"
        raise ValueError

    app = kernel_app(plugins=[Steps(a=opened, b=fails)])

    @app.get("/")
    def handler(a: str, b: str) -> Any:
        return a + b

    assert (fetch(app).text, closed) == ("ab", ["a"])


def websocket_app(*hooks: RouteHook, **provided: Any) -> App:
    app = kernel_app(plugins=[Steps(*hooks, **provided)])

    @app.websocket("/")
    async def talk(websocket: WebSocket, token: str) -> None:
        await websocket.accept()
        await websocket.send_text(token)

    return app


def before(name: str, call: Call) -> RouteHook:
    return RouteHook(name, call, kinds=frozenset({"websocket"}))


async def first_message(app: App) -> Any:
    async with Client(app) as client, client.websocket("/") as socket:
        return await socket.receive()


def test_steps_before_a_websocket_and_its_dependencies_run_in_one_hop() -> None:
    seen: List[str] = []
    app = websocket_app(before("one", note(seen, "one")), before("two", note(seen, "two")), token=lambda: "token")
    assert asyncio.run(first_message(app)) == "token"
    assert hops(app) == 1
    assert [name.split()[0] for name in seen] == ["one", "two"]


def test_a_step_that_refuses_a_websocket_ends_the_run() -> None:
    seen: List[str] = []
    refuse = Call.of(lambda websocket: Response(b"no", 403))
    app = websocket_app(before("refuse", refuse), before("two", note(seen, "two")), token=lambda: seen.append("token"))
    with pytest.raises(Refused) as caught:
        asyncio.run(first_message(app))
    assert (caught.value.answer.status, seen) == (403, [])


def test_clean_up_that_sees_an_error_runs_in_one_hop() -> None:
    """While the first one is closed, the event loop is kept waiting for the second one: a second hop never came."""
    is_closed, waited = threading.Event(), []
    loops: List[asyncio.AbstractEventLoop] = []

    def outer() -> Generator[str, None, None]:
        try:
            yield "outer"
        except ValueError:
            is_closed.set()
            raise

    def inner() -> Generator[str, None, None]:
        try:
            yield "inner"
        except ValueError:
            loops[0].call_soon_threadsafe(lambda: waited.append(is_closed.wait(20)))
            raise

    app = kernel_app(plugins=[Steps(outer=outer, inner=inner)])
    app.add_exception_handler(ValueError, lambda request, error: "handled")

    @app.get("/")
    async def handler(outer: str, inner: str) -> Any:
        loops.append(asyncio.get_running_loop())
        raise ValueError

    assert (fetch(app).text, waited) == ("handled", [True])


def test_clean_up_of_both_kinds_sees_the_error_that_the_one_before_raised() -> None:
    seen: List[str] = []

    def replacing(name: str) -> Any:
        try:
            yield name
        except ValueError as error:
            seen.append(f"{name} {error}")
            raise ValueError(name) from error

    async def replacing_later() -> Any:
        try:
            yield "async"
        except ValueError as error:
            seen.append(f"async {error}")
            raise ValueError("async") from error

    app = kernel_app(
        plugins=[
            Steps(a=partial(replacing, "a"), b=replacing_later, c=partial(replacing, "c"), d=partial(replacing, "d"))
        ]
    )
    app.add_exception_handler(ValueError, lambda request, error: f"handled {error}")

    @app.get("/")
    def handler(a: str, b: str, c: str, d: str) -> Any:
        raise ValueError("handler")

    assert (fetch(app).text, seen) == ("handled a", ["d handler", "c d", "async c", "a async"])


class Hooked(Steps):
    """A plugin whose hook is a function that asks for dependencies, as Flask's."""

    def __init__(self, hook: Any, **provided: Any) -> None:
        super().__init__(**provided)
        self.hook = hook

    @hookimpl
    def fenrir_route_hooks(self, build: Build) -> List[RouteHook]:  # type: ignore[override]
        return [RouteHook("hook", build.step(self.hook))]


def test_a_hook_with_dependencies_of_its_own_joins_the_hop() -> None:
    seen: List[str] = []

    def opened(first: str) -> Generator[str, None, None]:
        yield first + "opened"
        seen.append("closed")

    def hook(opened: str) -> None:
        seen.append(opened)

    app = kernel_app(plugins=[Hooked(hook, first=lambda: "first ", opened=opened)])

    @app.get("/")
    def handler() -> Any:
        return "ok"

    assert (fetch(app).text, seen) == ("ok", ["first opened", "closed"])
    assert hops(app) == 1


def test_a_coroutine_that_a_dependency_of_a_hook_returns_is_awaited() -> None:
    async def later() -> str:
        return "later"

    seen: List[str] = []

    def hook(first: str, second: str) -> None:
        seen.append(f"{first} {second}")

    app = kernel_app(plugins=[Hooked(hook, first=lambda: later(), second=lambda first: f"after {first}")])

    @app.get("/")
    def handler() -> Any:
        return "ok"

    assert (fetch(app).text, seen) == ("ok", ["later after later"])


def test_a_hook_asks_for_a_dependency_of_the_app() -> None:
    seen: List[str] = []

    class AppScoped(Hooked):
        @hookimpl
        def fenrir_make_resolver(self, param: Param) -> Any:
            return Provide(self.provided[param.name], scope="app") if param.name in self.provided else None

    def hook(database: str) -> None:
        seen.append(database)

    app = kernel_app(plugins=[AppScoped(hook, database=lambda: "database")])

    @app.get("/")
    def handler() -> Any:
        return "ok"

    assert (fetch(app).text, fetch(app).text) == ("ok", "ok")
    assert seen == ["database", "database"]
    assert hops(app) == 1
