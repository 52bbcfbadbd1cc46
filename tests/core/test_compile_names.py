"""The names in the source of compiled routes: those of the user's own code."""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Set

import pytest
from tests.asgi import kernel_app
from tests.core.hooks import Steps
from tests.core.tiny_paradigm import TINY, ask, number, use

from fenrir_core import App, Call, PlainTextResponse, Provide, Request, RouteHook, hookimpl
from fenrir_core.testing import make_app


@pytest.fixture
def app() -> App:
    """Make an app with the tiny paradigm alone."""
    return make_app([TINY])


def source_of(app: App) -> str:
    return app.compiled_routes[0].source


def lines_of(app: App) -> List[str]:
    return [line.partition("  #")[0].strip() for line in source_of(app).splitlines()]


def numbered(source: str) -> Set[str]:
    return set(re.findall(r"\b[a-zA-Z_]+\d+_?\b", source))


def test_values_have_the_names_of_the_parameters_that_they_fill(app: App) -> None:
    async def paging(start: int = number()) -> int:
        return start

    @app.get("/")
    async def index(count: int = number(), first: int = use(paging)) -> Any:
        return [count, first]

    assert ask(app, "/?count=1&start=2")[0].json() == [1, 2]
    assert "first = await paging(start)" in lines_of(app)
    assert "value = await index(count, first)" in lines_of(app)
    assert numbered(source_of(app)) == set()


def test_what_is_read_together_is_unpacked(app: App) -> None:
    @app.get("/")
    async def index(count: int = number(), size: int = number()) -> Any:
        return [count, size]

    assert ask(app, "/?count=1&size=2")[0].json() == [1, 2]
    assert any(line.startswith("count, size = read_") for line in lines_of(app))
    assert "value = await index(count, size)" in lines_of(app)


def test_a_dependency_that_is_not_passed_has_no_name(app: App) -> None:
    seen: List[str] = []

    class Guards:
        @hookimpl
        def fenrir_dependencies(self) -> List[Provide]:
            async def guard() -> None:
                seen.append("guard")

            def check() -> None:
                seen.append("check")

            return [Provide(guard), Provide(check)]

    guarded = kernel_app(plugins=[Guards()])

    @guarded.get("/")
    async def index() -> str:
        return "ok"

    assert ask(guarded, "/")[0].text == "ok"
    assert seen == ["guard", "check"]
    assert "await guard()" in lines_of(guarded)
    assert numbered(source_of(guarded)) == set()


def test_names_that_collide_are_numbered_and_no_others(app: App) -> None:
    async def owner() -> str:
        return "ann"

    @app.get("/")
    async def index(owner: str = use(owner), count: int = number()) -> Any:
        return [owner, count]

    assert ask(app, "/?count=1")[0].json() == ["ann", 1]
    assert "owner_2 = await owner()" in lines_of(app)
    assert numbered(source_of(app)) == {"owner_2"}


def test_a_keyword_gets_an_underscore(app: App) -> None:
    async def dependency() -> str:
        return "ann"

    dependency.__name__ = dependency.__qualname__ = "class"

    @app.get("/")
    async def index(name: str = use(dependency)) -> Any:
        return name

    assert ask(app, "/")[0].text == "ann"
    assert "name = await class_()" in lines_of(app)


def test_steps_around_the_endpoint_have_their_own_names() -> None:
    async def timing(request: Request, call_next: Any) -> Any:
        return await call_next(request)

    app = kernel_app(plugins=[Steps(RouteHook("timing", around=timing), RouteHook("limits", around=timing))])

    @app.get("/")
    async def index() -> str:
        return "ok"

    assert ask(app, "/")[0].text == "ok"
    assert "response = await with_timing(request)" in lines_of(app)
    assert "async def with_limits(request):" in lines_of(app)
    assert numbered(source_of(app)) == set()


def test_the_request_of_a_paradigm_has_the_name_of_its_plugin() -> None:
    hook = RouteHook("check", Call.of(lambda request: None), adapter=lambda connection: connection)
    app = kernel_app(plugins=[Steps(hook)])

    @app.get("/")
    def index() -> str:
        return "ok"

    assert ask(app, "/")[0].text == "ok"
    assert any(re.fullmatch(r"steps_request = as_steps_request\(request\)", line) for line in lines_of(app))
    assert "def blocking_steps(" in source_of(app)
    assert numbered(source_of(app)) == set()


def test_a_hook_and_what_converts_its_answer_are_told_apart() -> None:
    async def sign(request: Request, response: Any) -> Any:
        return "signed"

    hook = RouteHook("sign", after=Call.of(sign), convert=lambda request, value: PlainTextResponse(value))
    app = kernel_app(plugins=[Steps(hook)])

    @app.get("/")
    async def index() -> str:
        return "ok"

    assert ask(app, "/")[0].text == "signed"
    assert "value = await sign(request, response)" in lines_of(app)
    assert "response = convert_sign(request, value)" in lines_of(app)


@pytest.mark.parametrize("name", ["blocking_steps", "handle", "call_endpoint", "invalid", "read_count", "list"])
def test_any_name_may_be_the_users_own(app: App, name: str) -> None:
    def dependency() -> Iterator[str]:
        yield name

    dependency.__name__ = dependency.__qualname__ = name
    namespace: Any = {"use": use, "dependency": dependency, "number": number}
    exec(
        f"def index({name}=use(dependency), count=number(), again=use(dependency, use_cache=False)):\n"
        f"    return [{name}, count, again]",
        namespace,
    )
    namespace["index"].__annotations__ = {"count": int}
    app.get("/")(namespace["index"])
    assert ask(app, "/?count=1")[0].json() == [name, 1, name]
