"""What is put together wrongly: refused before the app serves, with where, who, and what to do."""

from __future__ import annotations

import asyncio
import datetime
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, AsyncIterator, Dict, List

import pytest

from fenrir_core import (
    App,
    AppMethod,
    BuildError,
    Lifespan,
    Middleware,
    PathConverter,
    Provide,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    hookimpl,
)
from fenrir_core.exceptions import StartupFailed
from fenrir_core.testing import Client, make_app


def plugin(name: str, **hooks: Any) -> Any:
    """Make a plugin whose hooks give what is given here; a function is the hook itself."""

    def hook(hook_name: str, value: Any) -> Any:
        if not callable(value):
            given = value

            def value() -> Any:
                return given

        value.__name__ = hook_name
        return hookimpl(value)

    members: Dict[str, Any] = {f"fenrir_{key}": hook(f"fenrir_{key}", value) for key, value in hooks.items()}
    return SimpleNamespace(__name__=name, **members)


def problem(app: App) -> str:
    with pytest.raises(BuildError) as caught:
        app.build()
    return str(caught.value)


async def endpoint() -> str:
    return "ok"


@asynccontextmanager
async def nothing(app: Any) -> AsyncIterator[None]:
    yield


# ---------------------------------------------------------------- routes


def test_an_unknown_route_option_is_named_with_its_place_and_the_near_matches() -> None:
    app = make_app([plugin("limits", route_options=[RouteOption("rate"), RouteOption("rates")])])
    app.get("/pets", rat=3)(endpoint)
    message = problem(app)
    assert f"test_build.py:{endpoint.__code__.co_firstlineno}: route '/pets' has an unknown option 'rat'" in message
    assert "Did you mean rate" in message


def test_an_unknown_route_option_that_is_like_no_other_is_answered_with_all_there_are() -> None:
    app = make_app()
    app.get("/pets", zzz=1)(endpoint)
    message = problem(app)
    assert "Known: asgi, max_body, " in message
    assert ", nonblocking, request_timeout, status, strict_slashes, unrouted." in message


def test_a_parameter_that_nothing_can_fill_names_route_parameter_who_was_asked_and_the_ways_out() -> None:
    app = make_app([plugin("users", make_resolver=lambda: None)])

    @app.get("/pets/{name}")
    async def pet(name: str, color: str) -> str:
        return name

    message = problem(app)
    assert f"test_build.py:{pet.__code__.co_firstlineno}: route '/pets/{{name}}' has a parameter 'color'" in message
    assert "Asked: users. Put it in the path, give it a default, or install a plugin" in message


def test_a_parameter_of_a_dependency_that_nothing_can_fill_names_the_dependency() -> None:
    def load(key: str) -> str:
        return key

    app = make_app([plugin("users", make_resolver=lambda param: Provide(load) if param.name == "user" else None)])

    @app.get("/")
    async def index(user: str) -> str:
        return user

    assert "has a parameter 'key' of test_a_parameter_of" in problem(app)


def test_dependencies_that_go_in_a_circle_are_shown_as_a_chain() -> None:
    def first(second: Any) -> Any: ...
    def second(third: Any) -> Any: ...
    def third(first: Any) -> Any: ...

    functions = {"first": first, "second": second, "third": third}
    app = make_app([plugin("circle", make_resolver=lambda param: Provide(functions[param.name]))])

    @app.get("/")
    async def index(first: Any) -> str:
        return ""

    message = problem(app)
    chain = message.rpartition("circle: ")[2].rstrip(".").split(" -> ")
    assert "route '/': dependencies go in a circle" in message
    assert [name.rpartition(">.")[2] for name in chain] == ["first", "second", "third", "first"]


def test_one_method_and_path_twice_names_both_places_and_the_way_out() -> None:
    app = make_app()

    @app.get("/pets/{name}")
    async def first(name: str) -> str:
        return name

    @app.get("/pets/<other>")
    async def second(other: str) -> str:
        return other

    message = problem(app)
    assert message.startswith("GET /pets/<other> is registered twice: ")
    for function in (first, second):
        assert f"test_build.py:{function.__code__.co_firstlineno} (from app)" in message
    assert "give the newcomer `replaces`" in message


def test_a_route_of_a_plugin_that_meets_one_of_the_app_names_the_plugin() -> None:
    app = make_app([plugin("health", routes=[Route("/live", endpoint, name="live", where="health.py:1")])])
    app.get("/live")(endpoint)
    message = problem(app)
    assert "(from app)" in message and "health.py:1 (from health)" in message


def test_a_plugin_takes_the_place_of_a_route_that_it_names() -> None:
    async def better() -> str:
        return "better"

    app = make_app([plugin("health", routes=[Route("/", better, replaces="endpoint")])])
    app.get("/")(endpoint)
    assert asyncio.run(Client(app).get("/")).text == "better"


def test_a_route_that_replaces_one_that_is_not_there_is_refused() -> None:
    app = make_app([plugin("health", routes=[Route("/", endpoint, replaces="nobody")])])
    assert problem(app) == "A route replaces 'nobody', but there is no route of that name."


def test_a_template_with_an_unknown_converter_names_place_and_converter() -> None:
    app = make_app()

    @app.get("/{name:colour}")
    async def index(name: str) -> str:
        return name

    message = problem(app)
    assert f"test_build.py:{index.__code__.co_firstlineno}" in message and "colour" in message


def test_what_is_no_callable_can_not_be_registered() -> None:
    app = make_app()
    with pytest.raises(BuildError, match="route '/': 'index' is not callable"):
        app.get("/")("index")  # type: ignore[type-var]


def test_a_return_annotation_that_is_no_answer_is_refused() -> None:
    app = make_app()

    @app.get("/")
    async def index() -> datetime.timedelta:
        return datetime.timedelta()

    message = problem(app)
    assert f"test_build.py:{index.__code__.co_firstlineno}: route '/' is annotated to return timedelta" in message
    assert "Return a response" in message


# ---------------------------------------------------------------- again


def test_building_twice_is_building_once() -> None:
    calls: List[Any] = []

    def app_built(app: Any) -> None:
        calls.append(app)

    app = make_app([plugin("audit", app_built=app_built)])
    app.build()
    app.build()
    assert calls == [app]


# ---------------------------------------------------------------- mounts and handlers


def test_a_mount_that_nobody_understands_names_place_type_and_who_was_asked() -> None:
    app = make_app([plugin("shop", collect_routes=lambda: None)])
    app.mount("/things", object())
    message = problem(app)
    assert "test_build.py:" in message
    assert "object mounted at '/things' is no ASGI app, and no plugin makes routes of it (asked: shop)" in message


def test_a_mount_prefix_without_slash_is_refused_where_it_stands() -> None:
    with pytest.raises(BuildError, match=r"test_build.py:\d+: the mount prefix 'sub' must start with '/'"):
        make_app().mount("sub", make_app())


def test_an_error_handler_for_what_is_no_error_is_refused() -> None:
    with pytest.raises(BuildError, match="can't handle 'ValueError': give an exception class or a status"):
        make_app().add_exception_handler("ValueError", endpoint)  # type: ignore[arg-type]


# ---------------------------------------------------------------- conflicts name both sides


@pytest.mark.parametrize(
    "hooks",
    [
        {"path_converters": [PathConverter("hex", "[0-9a-f]+", str, str)]},
        {"settings": [Setting("color", str, "red")]},
        {"lifespans": [Lifespan("pool", nothing)]},
        {"middleware": [Middleware("trace", lambda app: app)]},
        {"routes": [Route("/", endpoint)]},
    ],
    ids=lambda hooks: next(iter(hooks)),
)
def test_two_plugins_that_claim_one_name_are_both_named(hooks: Dict[str, Any]) -> None:
    with pytest.raises(BuildError) as caught:
        make_app([plugin("one", **hooks), plugin("two", **hooks)]).build()
    assert "one" in str(caught.value) and "two" in str(caught.value)


def test_two_plugins_that_claim_one_app_method_are_both_named() -> None:
    plugins = [plugin(name, app_methods=[AppMethod("shout", lambda app, name=name: name)]) for name in ("one", "two")]
    with pytest.raises(BuildError, match="app method 'shout' is claimed by one and two"):
        make_app(plugins)


def test_a_converter_can_not_take_the_name_of_one_of_the_kernel() -> None:
    app = make_app([plugin("mine", path_converters=[PathConverter("int", "x", str, str)])])
    assert problem(app) == "The path converter 'int' is given by both kernel and mine."


def test_a_setting_can_not_take_the_name_of_one_of_the_kernel() -> None:
    with pytest.raises(BuildError, match="'max_body' is declared by both kernel and mine"):
        make_app([plugin("mine", settings=[Setting("max_body", int, 1)])])


def test_a_wrapper_with_an_order_that_does_not_exist_is_refused() -> None:
    app = make_app([plugin("mine", route_hooks=[RouteHook("outermost", order="first")])])
    app.get("/")(endpoint)
    told = problem(app)
    assert "the plugin mine gave RouteHook 'outermost', whose `order` is 'first': it must be one of 'outer'," in told


def test_lifespans_and_middleware_that_wait_for_one_another_are_refused() -> None:
    lifespans = [Lifespan("a", nothing, after=("b",)), Lifespan("b", nothing, after=("a",))]
    assert "order of lifespans goes in a circle" in problem(make_app([plugin("mine", lifespans=lifespans)]))
    layers = [Middleware("a", lambda app: app, after=("b",)), Middleware("b", lambda app: app, after=("a",))]
    assert "order of middleware goes in a circle" in problem(make_app([plugin("mine", middleware=layers)]))


# ---------------------------------------------------------------- what the server is told


def test_a_build_error_is_the_message_of_the_failed_start_up() -> None:
    app = make_app()
    app.get("/pets", zzz=1)(endpoint)

    async def start() -> None:
        async with Client(app):
            raise AssertionError("it started")

    with pytest.raises(StartupFailed, match="route '/pets' has an unknown option 'zzz'"):
        asyncio.run(start())


def test_a_plugin_can_refuse_the_finished_app() -> None:
    def app_built(app: Any) -> None:
        raise BuildError(f"{len(app.routes)} routes without authentication")

    app = make_app([plugin("audit", app_built=app_built)])
    app.get("/")(endpoint)
    assert problem(app) == "1 routes without authentication"
    assert not app.is_built
