"""What the dependencies of a compiled route do around a request; overrides and injection."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Union
from unittest.mock import patch

import pytest
from tests.core.tiny_paradigm import TINY, ask, number, use

from fenrir_core import App, HTTPError, Request, Response, Route, StreamingResponse, hookimpl
from fenrir_core.testing import Client, make_app


@pytest.fixture
def app() -> App:
    """Make an app with the tiny paradigm alone."""
    return make_app([TINY])


# ---------------------------------------------------------------- dependencies


def test_a_dependency_is_called_once_a_request_unless_it_says_otherwise(app: App) -> None:
    calls: List[str] = []

    def counted() -> int:
        calls.append("call")
        return len(calls)

    def again(value: int = use(counted)) -> int:
        return value

    @app.get("/cached")
    async def cached(a: int = use(counted), b: int = use(again), c: int = use(counted)) -> Any:
        return [a, b, c]

    @app.get("/fresh")
    async def fresh(a: int = use(counted), b: int = use(counted, use_cache=False)) -> Any:
        return [a, b]

    @app.get("/keys")
    async def keys(a: int = use(counted), b: int = use(counted, key="other")) -> Any:
        return [a, b]

    assert [answer.json() for answer in ask(app, "/cached", "/fresh", "/keys")] == [[1, 1, 1], [2, 3], [4, 5]]


def test_synchronous_dependencies_run_in_threads_and_asynchronous_ones_on_the_loop(app: App) -> None:
    def blocking() -> bool:
        return threading.current_thread() is threading.main_thread()

    async def waiting() -> bool:
        return threading.current_thread() is threading.main_thread()

    class Callable_:
        async def __call__(self) -> bool:
            return threading.current_thread() is threading.main_thread()

    @app.get("/")
    async def index(a: bool = use(blocking), b: bool = use(waiting), c: bool = use(Callable_())) -> Any:
        return [a, b, c]

    assert ask(app, "/")[0].json() == [False, True, True]


def resources(log: List[str]) -> Dict[str, Callable[[], Union[Iterator[str], AsyncIterator[str]]]]:
    """Make a sync and an async dependency that log what happens to them."""

    def sync() -> Iterator[str]:
        log.append("open")
        try:
            yield "value"
        except Exception as error:
            log.append(f"saw {type(error).__name__}")
            raise
        finally:
            log.append("close")

    async def asynchronous() -> AsyncIterator[str]:
        log.append("open")
        try:
            yield "value"
        except Exception as error:
            log.append(f"saw {type(error).__name__}")
            raise
        finally:
            log.append("close")

    return {"sync": sync, "async": asynchronous}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_dependency_that_yields_is_closed_after_the_last_byte(app: App, kind: str) -> None:
    log: List[str] = []

    @app.get("/")
    async def index(value: str = use(resources(log)[kind])) -> Response:
        async def chunks() -> AsyncIterator[str]:
            for part in ("one", "two"):
                log.append(part)
                yield part

        return StreamingResponse(chunks())

    assert ask(app, "/")[0].text == "onetwo"
    assert log == ["open", "one", "two", "close"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_dependency_of_function_scope_is_closed_before_the_answer_is_sent(app: App, kind: str) -> None:
    log: List[str] = []

    @app.get("/")
    async def index(value: str = use(resources(log)[kind], scope="function")) -> Response:
        async def chunks() -> AsyncIterator[str]:
            log.append("send")
            yield "one"

        log.append("handler")
        return StreamingResponse(chunks())

    assert ask(app, "/")[0].text == "one"
    assert log == ["open", "handler", "close", "send"]


@pytest.mark.parametrize("scope", ["function", "request"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_dependency_that_yields_sees_the_error_of_the_handler(app: App, kind: str, scope: str) -> None:
    log: List[str] = []

    @app.get("/")
    async def index(value: str = use(resources(log)[kind], scope=scope)) -> str:
        raise HTTPError(409, "taken")

    answer = ask(app, "/")[0]
    assert (answer.status, answer.json()) == (409, {"detail": "taken"})
    assert log == ["open", "saw HTTPError", "close"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_dependency_that_yields_can_replace_the_error(app: App, kind: str) -> None:
    def sync() -> Iterator[None]:
        try:
            yield
        except ZeroDivisionError:
            raise HTTPError(418) from None

    async def asynchronous() -> AsyncIterator[None]:
        try:
            yield
        except ZeroDivisionError:
            raise HTTPError(418) from None

    @app.get("/")
    async def index(value: None = use({"sync": sync, "async": asynchronous}[kind])) -> str:
        raise ZeroDivisionError

    assert ask(app, "/")[0].status == 418


def test_a_dependency_that_swallows_the_error_does_not_undo_that_the_request_failed(app: App) -> None:
    async def swallow() -> AsyncIterator[None]:
        try:
            yield
        except HTTPError:
            pass

    @app.get("/")
    async def index(value: None = use(swallow)) -> str:
        raise HTTPError(409)

    assert ask(app, "/")[0].status == 409


def test_dependencies_are_closed_last_first_also_when_one_of_them_can_not_be_opened(app: App) -> None:
    log: List[str] = []

    async def first() -> AsyncIterator[str]:
        yield "first"
        log.append("never: the error comes through the yield")

    async def second(first: str = use(first)) -> AsyncIterator[str]:
        try:
            yield "second"
        finally:
            log.append("close second")

    async def third(second: str = use(second)) -> str:
        raise HTTPError(503)

    @app.get("/")
    async def index(third: str = use(third)) -> str:
        return ""

    assert ask(app, "/")[0].status == 503
    assert log == ["close second"]


def test_clean_up_that_fails_after_the_answer_is_logged_and_changes_nothing(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    async def fragile() -> AsyncIterator[None]:
        yield
        raise ZeroDivisionError("clean-up")

    @app.get("/")
    async def index(value: None = use(fragile)) -> str:
        return "fine"

    assert ask(app, "/")[0].text == "fine"
    assert "Cleaning up after GET / failed" in caplog.text and "clean-up" in caplog.text


def test_a_generator_that_yields_twice_is_a_mistake_that_is_logged(app: App, caplog: pytest.LogCaptureFixture) -> None:
    async def twice() -> AsyncIterator[int]:
        yield 1
        yield 2

    @app.get("/")
    async def index(value: int = use(twice)) -> int:
        return value

    assert ask(app, "/")[0].text == "1"
    assert "yields more than once" in caplog.text


# ---------------------------------------------------------------- overrides and injection


def test_an_override_holds_from_the_next_request_on_and_can_be_taken_back(app: App) -> None:
    def user() -> str:
        return "real"

    def greeting(user: str = use(user)) -> str:
        return f"hello {user}"

    @app.get("/")
    async def index(greeting: str = use(greeting)) -> str:
        return greeting

    async def fake(request: Request) -> str:
        return f"fake {request.method}"

    async def test() -> List[str]:
        async with Client(app) as client:
            found = [(await client.get("/")).text]
            app.dependency_overrides[user] = fake
            found.append((await client.get("/")).text)
            app.dependency_overrides.clear()
            return [*found, (await client.get("/")).text]

    assert asyncio.run(test()) == ["hello real", "hello fake GET", "hello real"]


def test_an_override_set_before_the_build_holds_too(app: App) -> None:
    def user() -> str:
        return "real"

    @app.get("/")
    async def index(user: str = use(user)) -> str:
        return user

    app.dependency_overrides.update({user: lambda: "fake"})
    assert ask(app, "/")[0].text == "fake"


def test_overrides_can_be_changed_in_each_way_of_a_dict_and_be_assigned(app: App) -> None:
    def user() -> str:
        return "real"

    @app.get("/")
    async def index(user: str = use(user)) -> str:
        return user

    def assign(overrides: Dict[Any, Any]) -> None:
        app.dependency_overrides = overrides

    overrides = app.dependency_overrides
    patched: Any = patch.dict(overrides, {user: lambda: "patched"})
    steps: List[Callable[[], Any]] = [
        lambda: assign({user: lambda: "assigned"}),
        lambda: assign({}),
        lambda: overrides.setdefault(user, lambda: "default"),
        lambda: overrides.popitem(),
        lambda: overrides.update([(user, lambda: "pairs")]),
        lambda: overrides.pop(user),
        patched.start,
        patched.stop,
    ]

    async def test() -> List[str]:
        found = []
        async with Client(app) as client:
            for step in steps:
                step()
                found.append((await client.get("/")).text)
        return found

    assert asyncio.run(test()) == ["assigned", "real", "default", "real", "pairs", "real", "patched", "real"]
    assert overrides == {} and app.dependency_overrides is overrides


def test_any_callable_can_have_its_parameters_filled_as_an_endpoint() -> None:
    def user() -> str:
        return "ann"

    async def on_error(error: str, request: Request, limit: int = number(), user: str = use(user)) -> Any:
        return [error, request.method, limit, user]

    class Injecting:
        __name__ = "injecting"
        call: Any = None

        @hookimpl
        def fenrir_route_hooks(self, route: Route, build: Any) -> None:
            if not route.fallback:
                self.call = build.inject(on_error, route, ("error",))

    injecting = Injecting()
    app = make_app([TINY, injecting])

    @app.get("/")
    async def index(request: Request) -> Any:
        return await injecting.call(request, "broken")

    assert ask(app, "/?limit=3")[0].json() == ["broken", "GET", 3, "ann"]
