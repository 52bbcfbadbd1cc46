"""Compiled routes: what their source tells, how they fill arguments and tell wrong input."""

from __future__ import annotations

import inspect
import linecache
import traceback
from types import SimpleNamespace
from typing import Any, Dict, Iterator, List

import pytest
from tests.core.tiny_paradigm import TINY, ask, number, use

from fenrir_core import App, BodyEncoder, MultiDict, PlainTextResponse, Request, Resolver, ReturnHandler, hookimpl
from fenrir_core.testing import make_app


@pytest.fixture
def app() -> App:
    """Make an app with the tiny paradigm alone."""
    return make_app([TINY])


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
    for unused in ("in_thread", "open_", "invalid", "await request."):
        assert unused not in source
    assert source.count("for ") == 1  # over the headers


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


def test_sources_that_only_differ_in_names_share_their_code_and_show_the_names(app: App) -> None:
    def add(path: str, name: str) -> None:
        async def endpoint(value: str) -> str:
            raise ZeroDivisionError(name)

        endpoint.__name__ = endpoint.__qualname__ = name
        app.get(path)(endpoint)

    add("/a/{value}", "show_cat")
    add("/b/{value}", "show_dog")
    first, second = app.compiled_routes
    assert first.call.__code__.co_consts is second.call.__code__.co_consts
    assert "await show_cat(" in first.source and "show_dog" not in first.source
    assert first.source.replace("show_cat", "show_dog") == second.source
    for target in (first, second):
        compile(target.source, "source", "exec")
        assert inspect.getsource(target.call) == target.source


def test_the_columns_of_a_traceback_are_those_of_the_shown_line(app: App) -> None:
    @app.get("/broken")
    async def a_rather_long_name() -> str:
        raise ZeroDivisionError

    (target,) = app.compiled_routes
    (line,) = [line for line in target.source.splitlines() if "await a_rather_long_name()" in line]
    number, start = target.source.splitlines().index(line) + 1, line.index("a_rather_long_name")
    positions = getattr(target.call.__code__, "co_positions", lambda: [(number, number, start, 0)])()
    assert any(at[0] == number and at[2] == start for at in positions)


@pytest.mark.parametrize("name", ["_0", "_0__", "_0______", "_1_", "_0________________"])
def test_a_parameter_may_be_called_like_a_placeholder(app: App, name: str) -> None:
    namespace: Dict[str, Any] = {}
    exec(f"async def show_cat(*, {name}):\n    return {name}", namespace)
    app.get("/{" + name + "}")(namespace["show_cat"])
    assert ask(app, "/x")[0].text == "x"
    assert f"await show_cat({name}=params['{name}'])" in app.compiled_routes[0].source


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
