"""Mistakes of plugin authors that would be silent: each is told at the load or the build, with the plugin's name."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any, Callable, Dict, Iterator

import pytest
from tests.core.hooks import ask

from fenrir_core import (
    App,
    AppMethod,
    AppProperty,
    BuildError,
    Call,
    ErrorFormat,
    ExceptionHandler,
    Lifespan,
    Middleware,
    OpenAPIPart,
    PathConverter,
    PluginInfo,
    Resolver,
    Response,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    hookimpl,
)
from fenrir_core.plugins.manager import Plugins
from fenrir_core.testing import make_app

Install = Callable[..., str]  # see conftest.py
NOTHING = "from fenrir_core import hookimpl\n"


def plugin(name: str = "acme", **hooks: Any) -> Any:
    """Return a plugin with these hooks; a hook is a value, which it returns, or a function."""
    found: Dict[str, Any] = {}
    for hook, answer in hooks.items():
        found[hook] = hookimpl(answer) if callable(answer) else hookimpl(_returning(answer))
    return SimpleNamespace(__name__=name, **found)


def _returning(answer: Any) -> Callable[[], Any]:
    def hook() -> Any:
        return answer

    return hook


def built(*plugins: Any) -> App:
    app = make_app(plugins)

    @app.get("/")
    async def home() -> str:
        return "home"

    app.build()
    return app


def refused(*plugins: Any) -> str:
    """Return the message of the build error that the plugins cause."""
    with pytest.raises(BuildError) as caught:
        built(*plugins)
    return str(caught.value)


# ------------------------------------------------------------------ one module, one plugin


@pytest.mark.parametrize("forms", ["module", "path", "both", "name and module"])
def test_a_module_that_is_named_again_is_one_plugin(install: Install, forms: str) -> None:
    module = install("acme", NOTHING + "@hookimpl\ndef fenrir_settings(): return ()\n")
    imported = __import__(module)
    named = {"module": [imported], "path": [module], "both": [imported, module], "name and module": ["acme", imported]}
    records = [record for record in Plugins((), named[forms]).records if "acme" in record.distribution + record.name]
    assert [(record.name, record.group, record.state) for record in records] == [("acme", "fenrir.plugins", "active")]


def test_an_object_that_is_named_twice_is_one_plugin() -> None:
    item = plugin(fenrir_routes=[Route("/x", lambda: "x")])
    app = built(item, item)
    assert [route.path for route in app.routes] == ["/x", "/"] or [route.path for route in app.routes] == ["/", "/x"]


def test_two_plugins_of_one_name_are_still_refused() -> None:
    assert "its name is taken by acme" in refused(plugin(), plugin())


# ------------------------------------------------------------------ at the load


def test_a_function_with_the_name_of_a_hook_and_no_mark_is_told() -> None:
    module = ModuleType("acme")
    module.fenrir_routes = lambda: []  # type: ignore[attr-defined]
    message = "The plugin 'acme' was not loaded: its fenrir_routes has the name of a hook and is not marked as one"
    assert refused(module).startswith(message)


def test_an_unmarked_method_is_told() -> None:
    class Acme:
        def fenrir_settings(self) -> Any:
            return ()

    assert "its fenrir_settings has the name of a hook" in refused(Acme())


@pytest.mark.parametrize("option", ["tryfirst", "trylast"])
def test_an_order_that_is_ignored_is_told(option: str) -> None:
    hook = hookimpl(**{option: True})(lambda: ())  # type: ignore[call-overload]
    message = refused(SimpleNamespace(__name__="acme", fenrir_settings=hook))
    assert "its fenrir_settings is marked as tryfirst or trylast" in message and "PluginInfo(before=" in message


def test_an_unknown_name_to_switch_off_is_told(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("timing", NOTHING)
    with caplog.at_level(logging.WARNING, "fenrir.plugins"):
        Plugins((), (), off=["timming"])
    assert "There is no plugin 'timming' to switch off (`off`, FENRIR_PLUGINS). Did you mean timing?" in caplog.text


def test_an_unknown_name_in_the_environment_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FENRIR_PLUGINS", "-nothing_like_it")
    Plugins((), ())
    assert "There is no plugin 'nothing_like_it' to switch off" in caplog.text


def test_an_unknown_name_to_switch_off_is_an_error_under_strict() -> None:
    with pytest.raises(BuildError, match="There is no plugin 'nothing_like_it' to switch off"):
        Plugins((), (), off=["nothing_like_it"], autoload=False, strict=True)


def test_an_installed_plugin_that_this_app_has_not_may_be_switched_off(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("sixth", NOTHING, group="fenrir.paradigms")
    Plugins((), (), off=["sixth"])
    assert caplog.text == ""


# ------------------------------------------------------------------ at the build


@pytest.mark.parametrize("name", ["get", "build", "settings", "state"])
def test_a_method_that_the_app_has_is_refused(name: str) -> None:
    message = refused(plugin(fenrir_app_methods=[AppMethod(name, lambda app: None)]))
    assert message == (
        f"acme gives the app method {name!r}, which the app has itself: it would never be called. Give it another name."
    )


def test_a_property_that_the_app_has_is_refused() -> None:
    assert "'built', which the app has itself" in refused(
        plugin(fenrir_app_methods=[AppProperty("built", lambda app: None)])
    )


def test_a_route_option_of_the_kernel_is_refused() -> None:
    message = refused(plugin(fenrir_route_options=[RouteOption("nonblocking", "Mine.")]))
    assert message.startswith("The route option 'nonblocking' is declared by both the kernel and acme.")


def test_a_route_option_with_two_meanings_is_refused() -> None:
    message = refused(
        plugin("one", fenrir_route_options=[RouteOption("cache", "Seconds.")]),
        plugin("two", fenrir_route_options=[RouteOption("cache", "Whether.")]),
    )
    assert message.startswith("The route option 'cache' is declared by both one and two.")


def test_a_route_option_with_one_meaning_is_shared() -> None:
    option = [RouteOption("cache", "Seconds.")]
    built(plugin("one", fenrir_route_options=option), plugin("two", fenrir_route_options=option))


def test_a_broken_regex_of_a_converter_is_refused() -> None:
    message = refused(plugin(fenrir_path_converters=[PathConverter("sku", "([a-z", str, str)]))
    assert message == (
        "fenrir_path_converters of the plugin acme gave PathConverter 'sku', whose `regex` is '([a-z': "
        "it must be a regular expression."
    )


async def _nothing() -> None:
    """Take no argument."""


@pytest.mark.parametrize(
    ("hook", "value", "field", "arguments"),
    [
        ("fenrir_openapi_parts", OpenAPIPart("p", operation=lambda operation: None), "operation", "operation, route"),
        ("fenrir_openapi_parts", OpenAPIPart("p", document=lambda: None), "document", "document"),
        ("fenrir_route_hooks", RouteHook("s", before=Call.of(_nothing)), "before", "connection"),
        ("fenrir_route_hooks", RouteHook("s", after=Call.of(lambda request: None)), "after", "request, response"),
        ("fenrir_route_hooks", RouteHook("s", teardown=Call.of(_nothing)), "teardown", "connection, error"),
        ("fenrir_route_hooks", RouteHook("s", around=_nothing), "around", "connection, call_next"),  # type: ignore[arg-type]
        ("fenrir_route_hooks", RouteHook("s", adapter=lambda: None), "adapter", "connection"),  # type: ignore[misc, arg-type]
        ("fenrir_route_hooks", RouteHook("s", convert=len), "convert", "connection, value"),  # type: ignore[arg-type]
        (
            "fenrir_exception_handlers",
            ExceptionHandler(KeyError, Call.of(lambda error: "")),
            "handle",
            "connection, error",
        ),
        ("fenrir_middleware", Middleware("m", lambda: None), "factory", "app"),  # type: ignore[misc, arg-type]
        ("fenrir_lifespans", Lifespan("l", lambda: None), "enter", "app"),  # type: ignore[misc, arg-type]
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_function_with_a_wrong_signature_is_refused(hook: str, value: Any, field: str, arguments: str) -> None:
    message = refused(plugin(**{hook: [value]}))
    assert message.startswith(f"{hook} of the plugin acme gave {type(value).__name__}")
    assert re.search(rf"whose `{field}` is .*: it must be .*that can be called with \({arguments}\)", message)


@pytest.mark.parametrize(
    ("hook", "value", "arguments"),
    [
        ("fenrir_make_resolver", Resolver(lambda: 1), "connection"),  # type: ignore[misc, arg-type]
        ("fenrir_make_return_handler", ReturnHandler(lambda value: Response()), "request, value"),  # type: ignore[misc, arg-type]
        ("fenrir_error_format", ErrorFormat("f", lambda error: None), "connection, error"),  # type: ignore[misc, arg-type]
    ],
)
def test_a_single_answer_with_a_wrong_signature_is_refused(hook: str, value: Any, arguments: str) -> None:
    app = make_app([plugin(**{hook: value})])

    @app.get("/")
    async def home(item: Any = None) -> str:
        return "home"

    with pytest.raises(BuildError, match=rf"{hook} of the plugin acme gave .*called with \({arguments}\)"):
        app.build()


def test_functions_that_take_more_with_defaults_or_anything_are_right() -> None:
    class Step:
        async def __call__(self, *given: Any) -> None:
            """Take anything."""

    steps = [
        RouteHook("a", before=Call.of(lambda connection, more=1: None)),
        RouteHook("b", before=Call(Step(), "async")),
        RouteHook("c", after=Call.of(lambda request, response, **more: None)),
    ]
    built(plugin(fenrir_route_hooks=steps))


# ------------------------------------------------------------------ what a hook can't change


def test_the_options_of_a_route_can_not_be_changed_by_a_hook() -> None:
    def fenrir_route_hooks(route: Route) -> Iterator[RouteHook]:
        route.options["nonblocking"] = True  # type: ignore[index]
        return iter(())

    assert "does not support item assignment" in refused(plugin(fenrir_route_hooks=fenrir_route_hooks))


def test_the_options_of_a_route_are_a_copy() -> None:
    given = {"max_body": 5}
    route = Route("/", lambda: "", options=given)
    given["max_body"] = 6
    assert (route.option("max_body"), replace(route, name="x").option("max_body")) == (5, 5)


def test_a_setting_that_a_hook_changes_during_the_build_is_refused() -> None:
    def fenrir_lifespans(build: Any) -> Any:
        build.app.settings["max_body"] = 5
        return ()

    message = refused(plugin(fenrir_lifespans=fenrir_lifespans))
    assert message.startswith("The setting 'max_body' is set while the app is built, which has read it")


def test_a_setting_may_be_changed_after_a_build_that_failed() -> None:
    app = make_app([plugin(fenrir_lifespans=[Lifespan("l", lambda: None)])])  # type: ignore[misc, arg-type]
    with pytest.raises(BuildError):
        app.build()
    app.settings["max_body"] = 5
    assert app.settings["max_body"] == 5


def test_settings_of_a_plugin_are_set_before_the_build() -> None:
    app = make_app([plugin(fenrir_settings=[Setting("acme_on", bool, False)])], acme_on="yes")
    assert app.settings["acme_on"] is True


# ------------------------------------------------------------------ what is named in the message


def test_a_plugin_that_waits_for_itself_is_told_alone() -> None:
    for field in ("before", "after"):
        info = PluginInfo(api="1", **{field: ("selfish",)})
        selfish, other = plugin("selfish", fenrir_settings=[]), plugin("other", fenrir_settings=[])
        selfish.fenrir_plugin, other.fenrir_plugin = info, PluginInfo(api="1", after=("selfish",))
        with pytest.raises(BuildError) as caught:
            make_app([selfish, other])
        assert "circle: selfish waits for itself. Take its own name out of its `before` or `after`." in str(
            caught.value
        )


def test_only_those_that_form_a_circle_are_told() -> None:
    def fenrir_middleware() -> Iterator[Middleware]:
        for name, after in (("a", "b"), ("b", "c"), ("c", "b")):
            yield Middleware(name, lambda app: app, after=(after,))

    assert "a circle: b, c wait for one another." in refused(plugin(fenrir_middleware=fenrir_middleware))


def test_a_route_of_a_plugin_is_known_by_the_place_of_its_endpoint() -> None:
    async def first() -> str:
        return ""

    async def second() -> str:
        return ""

    def fenrir_routes() -> Iterator[Route]:
        yield Route("/pets", first)
        yield Route("/pets", second)

    message = refused(plugin(fenrir_routes=fenrir_routes))
    lines = [first.__code__.co_firstlineno, second.__code__.co_firstlineno]
    assert all(f"{__file__}:{line} (from " in message for line in lines)


def test_a_hook_that_gives_something_where_nothing_is_expected_is_told() -> None:
    assert "it must give nothing" in refused(plugin(fenrir_app_built=5))
    assert "it must give nothing" in refused(plugin(fenrir_app_built=["x"]))


def test_a_hook_that_blocks_the_start_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fenrir_lifespans() -> Iterator[Lifespan]:
        time.sleep(1.05)  # a hook that calls a service, for example
        yield from ()

    make_app([plugin(name="slow", fenrir_lifespans=fenrir_lifespans)]).build()
    assert re.search(r"fenrir_lifespans of the plugin slow took 1\.\d s", caplog.text)


def test_a_resolver_that_fills_everything_does_not_break_the_kernels_own_answers() -> None:
    app = make_app([plugin(fenrir_make_resolver=Resolver(lambda connection: "mine"))])
    app.get("/")(lambda: "")
    assert [answer.status for answer in ask(app, "POST /", "GET /nowhere", "OPTIONS /")] == [405, 404, 200]
