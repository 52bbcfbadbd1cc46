"""Compiled routes: what their source tells, and what their dependencies do around a request."""

from __future__ import annotations

import asyncio
import linecache
import threading
import traceback
from types import SimpleNamespace
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Union
from unittest.mock import patch

import pytest

from fenrir_core import (
    App,
    Batch,
    BatchField,
    BodyEncoder,
    HTTPError,
    InvalidInput,
    MultiDict,
    PlainTextResponse,
    Provide,
    Request,
    Resolver,
    Response,
    ReturnHandler,
    Route,
    StreamingResponse,
    hookimpl,
)
from fenrir_core.testing import Answer, Client, make_app


class Use:
    """A default that asks for a dependency: the whole of a tiny paradigm."""

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        self.provide = Provide(function, **options)


class Number:
    """A default that asks for a number of the query; what is none is told with all others."""


def _read_numbers(pairs: Any, route: Route, build: Any) -> Resolver:
    names = [param.name for param, _ in pairs]

    def read(connection: Any) -> List[int]:
        wrong = [name for name in names if not connection.query.get(name, "").isdigit()]
        if wrong:
            raise InvalidInput(wrong)
        return [int(connection.query[name]) for name in names]

    return Resolver(read)


@hookimpl
def fenrir_make_resolver(param: Any) -> Any:
    if isinstance(param.default, Use):
        return param.default.provide
    return BatchField(Batch("numbers", _read_numbers)) if isinstance(param.default, Number) else None


def use(function: Callable[..., Any], **options: Any) -> Any:
    return Use(function, **options)


def number() -> Any:
    return Number()


TINY = SimpleNamespace(__name__="tiny", fenrir_make_resolver=fenrir_make_resolver)


@pytest.fixture
def app() -> App:
    """Make an app with the tiny paradigm alone."""
    return make_app([TINY])


def ask(app: App, *paths: str, method: str = "GET", **options: Any) -> List[Answer]:
    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(method, path, **options) for path in paths]

    return asyncio.run(send())


# ---------------------------------------------------------------- the source


def test_the_source_of_a_route_can_be_read_and_tells_who_put_each_step_there(app: App) -> None:
    def user() -> str:
        return "ann"

    @app.get("/{name}")
    async def pet(name: str, user: str = use(user)) -> str:
        return name + user

    (target,) = app.compiled_routes
    assert target.source.startswith("async def handle(scope, receive, send, params):\n")
    lines = {line.strip().partition("  #")[0]: line.rpartition("# ")[2] for line in target.source.splitlines()}
    (call,) = [line for line in lines if line.startswith("value = await")]
    assert "params['name']" in call and lines[call] == "app"
    compile(target.source, "source", "exec")


def test_a_route_without_inputs_pays_for_none(app: App) -> None:
    @app.get("/")
    async def index() -> str:
        return ""

    source = app.compiled_routes[0].source
    for unused in ("in_thread", "open_", "invalid", "await request.", "for "):
        assert unused not in source


def test_a_traceback_shows_the_line_of_the_compiled_route(app: App, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/broken")
    async def broken() -> str:
        raise ZeroDivisionError("mine")

    assert ask(app, "/broken")[0].status == 500
    (record,) = [record for record in caplog.records if record.name == "fenrir.error"]
    assert record.exc_info is not None
    frames = traceback.extract_tb(record.exc_info[2])
    (frame,) = [frame for frame in frames if frame.filename.startswith("<fenrir GET /broken")]
    assert frame.line is not None and frame.line.startswith("value = await ") and "broken()" in frame.line
    assert frame.name == "handle"
    assert linecache.getline(frame.filename, 1).startswith("async def handle")


def test_equal_sources_share_their_code(app: App) -> None:
    def add(path: str) -> None:
        @app.get(path)
        async def same(name: str) -> str:
            return path + name

    add("/a/{name}")
    add("/b/{name}")
    first, second = app.compiled_routes
    assert first.source == second.source
    assert first.call.__code__.co_code == second.call.__code__.co_code
    assert first.call.__code__.co_consts is second.call.__code__.co_consts
    assert [answer.text for answer in ask(app, "/a/1", "/b/2")] == [
        "/a/{name}1",
        "/b/{name}2",
    ]


def test_odd_names_of_users_can_not_change_the_source(app: App) -> None:
    async def endpoint(request: Request) -> str:
        return "safe"

    endpoint.__name__ = endpoint.__qualname__ = "x()\n    import os #"
    app.get("/odd\\path'\"{request_id}")(_no_annotations(endpoint))
    assert ask(app, "/odd\\path'\"1")[0].text == "safe"


def _no_annotations(function: Any) -> Any:
    async def endpoint(**values: Any) -> str:
        return "safe"

    endpoint.__name__, endpoint.__qualname__ = function.__name__, function.__qualname__
    return endpoint


@pytest.mark.parametrize(
    "name", ["scope", "receive", "send", "params", "token", "value", "target", "response", "error"]
)
def test_a_parameter_may_be_called_as_what_the_compiler_uses_itself(app: App, name: str) -> None:
    namespace: Dict[str, Any] = {}
    exec(f"async def endpoint({name}):\n    return {name}", namespace)
    app.get("/{" + name + "}")(namespace["endpoint"])
    assert ask(app, "/x")[0].text == "x"


@pytest.mark.parametrize(
    "name",
    ["<lambda>", "class", "given1", "read1", "argument_0", "finish_inner", "whole", "in_thread", "1", "²", "", "ﬁ"],
)
def test_a_dependency_may_be_called_as_what_the_compiler_uses_itself(app: App, name: str) -> None:
    def dependency() -> Iterator[str]:
        yield name

    def other(start: int = number()) -> str:
        return "other"

    dependency.__name__ = dependency.__qualname__ = other.__name__ = other.__qualname__ = name

    @app.get("/")
    async def index(a: str = use(other), b: str = use(dependency, scope="function"), c: int = number()) -> Any:
        return [a, b]

    assert ask(app, "/?start=1&c=1")[0].json() == ["other", name]


# ---------------------------------------------------------------- arguments


def test_arguments_arrive_whatever_kind_of_parameter_takes_them(app: App) -> None:
    namespace: Dict[str, Any] = {}
    exec("async def endpoint(a, /, b, c='c', *rest, d, **more):\n    return [a, b, c, rest, d, more]", namespace)
    app.get("/{a}/{b}/{d}/{e}/{f}")(namespace["endpoint"])
    assert ask(app, "/1/2/3/4/5")[0].json() == ["1", "2", "c", [], "3", {"e": "4", "f": "5"}]


def test_a_default_holds_for_a_parameter_that_nobody_fills(app: App) -> None:
    @app.get("/{last}")
    async def endpoint(first: int = 1, second: int = 2, *, last: str) -> Any:
        return [first, second, last]

    assert ask(app, "/x")[0].json() == [1, 2, "x"]


def test_what_a_resolver_needs_is_read_before_the_steps_run() -> None:
    resolvers = {
        "data": Resolver(lambda connection: connection.loaded_body, needs=frozenset({"body"})),
        "fields": Resolver(lambda connection: connection.loaded_form, needs=frozenset({"form"})),
    }

    def hook(param: Any) -> Any:
        return resolvers.get(param.name)

    hook.__name__ = "fenrir_make_resolver"
    app = make_app([SimpleNamespace(__name__="needy", fenrir_make_resolver=hookimpl(hook))])

    @app.post("/body")
    def body(data: bytes) -> bytes:
        return data

    @app.post("/form")
    def form(fields: MultiDict) -> Any:
        return dict(fields)

    assert ask(app, "/body", method="POST", body=[b"a", b"b"])[0].body == b"ab"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert ask(app, "/form", method="POST", body="a=1&b=2", headers=headers)[0].json() == {"a": "1", "b": "2"}


# ---------------------------------------------------------------- joined errors


def test_wrong_input_of_all_callables_is_told_in_one_answer(app: App) -> None:
    log: List[str] = []

    def page(start: int = number(), size: int = number()) -> Any:
        log.append("page")
        return [start, size]

    def totals(page: Any = use(page)) -> int:
        log.append("totals")
        return sum(page)

    @app.get("/")
    async def index(limit: int = number(), totals: int = use(totals)) -> Any:
        log.append("index")
        return [limit, totals]

    bad, right = ask(app, "/?start=1&size=x&limit=y", "/?start=1&size=2&limit=3")
    assert (bad.status, bad.json()) == (422, {"detail": ["size", "limit"]})
    assert right.json() == [3, 3]
    assert log == ["page", "totals", "index"]


def test_a_dependency_whose_input_is_right_runs_although_another_ones_is_wrong(app: App) -> None:
    log: List[str] = []

    def one(a: int = number()) -> None:
        log.append("one")

    def two(b: int = number()) -> None:
        log.append("two")

    @app.get("/")
    async def index(one: None = use(one), two: None = use(two)) -> str:
        return ""

    assert ask(app, "/?b=1")[0].json() == {"detail": ["a"]}
    assert log == ["two"]


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


def test_a_handler_that_needs_no_context_is_served_by_a_return_handler_that_renders_for_itself() -> None:
    class Rendering:
        @hookimpl
        def fenrir_make_return_handler(self) -> ReturnHandler:
            def render_raw(request: Any, value: Any) -> Any:
                return 200, [(b"content-length", b"%d" % len(value))], value.encode()

            encoders = {str: BodyEncoder(str.encode, b"text/plain")}
            return ReturnHandler(lambda request, value: PlainTextResponse(value), encoders, render_raw=render_raw)

    app = make_app([Rendering()])

    @app.get("/")
    async def index() -> str:
        return "bare"

    assert ask(app, "/")[0].text == "bare"
