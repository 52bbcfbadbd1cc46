"""Threads: the context goes both ways, and many requests at once never see each other's."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from contextvars import ContextVar
from typing import Any, Generator, List, Optional, Set

import pytest
from tests.asgi import Exchange, ask, fetch, kernel_app, run

from fenrir_core import Call, Param, Provide, Request, Response, RouteHook, current_connection, hookimpl, nonblocking

variable: ContextVar[Optional[str]] = ContextVar("variable", default=None)


class Around:
    """A plugin whose steps set and read the variable around the handler."""

    def __init__(self) -> None:
        self.seen: List[Any] = []

    @hookimpl
    def fenrir_route_hooks(self) -> List[RouteHook]:
        return [RouteHook("around", Call(self.before, "inline"), Call.of(self.after), Call.of(self.teardown))]

    def before(self, request: Request) -> None:
        variable.set("from before")

    async def after(self, request: Request, response: Response) -> None:
        self.seen.append(("after", variable.get()))

    def teardown(self, request: Request, error: Any) -> None:
        self.seen.append(("teardown", variable.get()))


# ------------------------------------------------------------ both ways


def test_a_sync_handler_sees_what_was_set_before_and_what_it_sets_is_seen_after() -> None:
    around = Around()
    app = kernel_app(plugins=[around])

    @app.get("/")
    def handler(request: Request) -> Any:
        around.seen.append(("handler", variable.get()))
        variable.set("from handler")
        return "ok"

    assert fetch(app).text == "ok"
    assert around.seen == [("handler", "from before"), ("after", "from handler"), ("teardown", "from handler")]


def test_what_a_failing_sync_handler_set_is_seen_by_the_error_handler() -> None:
    app = kernel_app()
    app.add_exception_handler(ValueError, lambda request, error: variable.get())

    @app.get("/")
    def handler() -> Any:
        variable.set("before the failure")
        raise ValueError

    assert fetch(app).text == "before the failure"


def test_a_variable_that_is_reset_in_the_thread_is_reset_outside() -> None:
    app = kernel_app()
    seen: List[Any] = []

    def set_and_reset() -> None:
        token = variable.set("inside")
        variable.reset(token)

    @app.get("/")
    async def handler() -> Any:
        variable.set("outside")
        await app.run_in_thread(set_and_reset)
        seen.append(variable.get())
        return "ok"

    fetch(app)
    assert seen == ["outside"]


def test_run_in_thread_hands_on_arguments_result_and_error() -> None:
    app = kernel_app()

    def work(a: int, *, b: int) -> int:
        if b == 0:
            raise ZeroDivisionError("b")
        return a // b

    async def scenario() -> None:
        assert await app.run_in_thread(work, 6, b=3) == 2
        with pytest.raises(ZeroDivisionError, match="b"):
            await app.run_in_thread(work, 6, b=0)

    run(scenario())


def test_a_sync_handler_that_raises_stop_iteration_is_answered_500() -> None:
    app = kernel_app()

    @app.get("/")
    def handler() -> Any:
        next(iter(()))

    assert fetch(app).status == 500


# ------------------------------------------------------------ which thread


def test_a_sync_handler_runs_in_the_apps_threads_and_an_async_one_in_the_loops() -> None:
    app = kernel_app()

    @app.get("/sync")
    def in_thread() -> Any:
        return threading.current_thread().name

    @app.get("/async")
    async def in_loop() -> Any:
        return threading.current_thread().name

    @app.get("/quick", nonblocking=True)
    def by_option() -> Any:
        return threading.current_thread().name

    @app.get("/marked")
    @nonblocking
    def by_mark() -> Any:
        return threading.current_thread().name

    assert fetch(app, path="/sync").text.startswith("fenrir")
    main = threading.current_thread().name
    assert [fetch(app, path=path).text for path in ("/async", "/quick", "/marked")] == [main] * 3


def test_as_many_sync_handlers_run_at_a_time_as_the_setting_says() -> None:
    app = kernel_app(threads=3)
    lock, running, most = threading.Lock(), 0, 0

    @app.get("/")
    def handler() -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return "ok"

    async def scenario() -> None:
        answers = await asyncio.gather(*(ask(app) for _ in range(12)))
        assert {answer.status for answer in answers} == {200}

    run(scenario())
    assert most == 3


# ------------------------------------------------------------ a thousand at once


class Numbers:
    """A plugin that fills parameters named after its dependencies."""

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Any:
        found = {"a": async_number, "s": sync_number, "y": yielded_number}.get(param.name)
        return Provide(found) if found else None


async def async_number(request: Request) -> str:
    await asyncio.sleep(0)
    return own_number()


def sync_number(request: Request) -> str:
    return own_number()


def yielded_number(request: Request) -> Generator[str, None, None]:
    number = own_number()
    yield number
    CLOSED.append((number, own_number()))


CLOSED: List[Any] = []


def own_number() -> str:
    """Return the number of the running request, by way of the kernel's context variable."""
    return current_connection().headers["x-number"]


@pytest.mark.parametrize("path", ["/async", "/sync", "/stream"])
def test_a_thousand_requests_at_once_never_see_each_others_context(path: str) -> None:
    app = kernel_app(plugins=[Numbers()])
    CLOSED.clear()

    def check(number: str, *others: str) -> None:
        assert {number, own_number(), variable.get(), *others} == {number}

    @app.get("/async")
    async def in_loop(request: Request, a: str, s: str, y: str) -> Any:
        variable.set(a)
        await asyncio.sleep(0)
        check(request.headers["x-number"], a, s, y)
        return a

    @app.get("/sync")
    def in_thread(request: Request, a: str, s: str, y: str) -> Any:
        variable.set(a)
        time.sleep(0.0005)
        check(request.headers["x-number"], a, s, y)
        return a

    @app.get("/stream")
    async def stream(request: Request, a: str, s: str, y: str) -> Any:
        variable.set(a)
        check(request.headers["x-number"], a, s, y)
        yield a
        await asyncio.sleep(0)
        check(request.headers["x-number"], a, s, y)

    async def scenario() -> Set[Any]:
        numbers = [str(number) for number in range(1000)]
        answers = await asyncio.gather(*(ask(app, path=path, headers={"x-number": number}) for number in numbers))
        assert [answer.text for answer in answers] == numbers
        assert all(answer.complete and answer.error is None for answer in answers)
        return set(numbers)

    numbers = run(scenario())
    assert set(CLOSED) == {(number, number) for number in numbers}


def test_the_servers_context_is_not_changed_by_a_request() -> None:
    app = kernel_app()

    @app.get("/")
    def handler() -> Any:
        variable.set("inside")
        return "ok"

    async def scenario() -> None:
        variable.set("server")
        exchange = Exchange(app)
        exchange.start()
        await exchange.finish()
        assert variable.get() == "server"

    contextvars.copy_context().run(run, scenario())
