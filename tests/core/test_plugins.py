"""Discovery, order, switching off, and what becomes of broken plugins."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, List, Optional

import pytest

from fenrir_core import App, BuildError, Fenrir, PluginInfo, Route, Setting, hookimpl
from fenrir_core.exceptions import StartupFailed
from fenrir_core.plugins.manager import PluginRecord
from fenrir_core.testing import Client, make_app

Install = Callable[..., str]  # see conftest.py
#: A plugin whose order tells by its one path converter.
ORDERED = """
    fenrir_plugin = PluginInfo(before={before}, after={after})

    @hookimpl
    def fenrir_path_converters():
        yield PathConverter("{name}", "x", str, str)
"""


def ordered(name: str, before: Any = (), after: Any = ()) -> str:
    return ORDERED.format(name=name, before=before, after=after)


def record(app: App, name: str) -> PluginRecord:
    (found,) = [record for record in app.plugins.records if record.name == name]
    return found


def asked(app: App) -> List[str]:
    """Return the order in which plugins are asked, as their answers tell it."""
    return [given.value.name for given in app.plugins.ask_all("fenrir_path_converters")]


def failure(install: Install, source: str) -> str:
    """Return why an installed plugin `broken` was not loaded; the app must be up."""
    install("broken", source)
    app = make_app(autoload=True)
    app.build()
    found = record(app, "broken")
    assert found.state == "failed"
    assert found.error is not None
    return found.error


# ---------------------------------------------------------------- discovery


def test_an_installed_plugin_is_found_and_its_record_tells_where_it_came_from(install: Install) -> None:
    module = install("colors", "@hookimpl\ndef fenrir_settings():\n    return []\n", distribution="acme-colors")

    found = record(make_app(autoload=True), "colors")

    assert (found.state, found.group, found.distribution, found.version) == (
        "active",
        "fenrir.plugins",
        "acme-colors",
        "1.2",
    )
    assert (found.entry_point, found.hooks, found.error) == (module, ("fenrir_settings",), None)
    assert str(found.origin) == "colors (acme-colors 1.2)"


def test_an_entry_point_can_name_an_object_in_a_module(install: Install) -> None:
    install(
        "colors",
        """
        class Colors:
            @hookimpl
            def fenrir_settings(self):
                return [Setting("color", str, "red")]
        plugin = Colors()
        """,
        attribute="plugin",
    )
    assert make_app(autoload=True).settings["color"] == "red"


def test_a_paradigm_that_is_not_named_is_not_even_imported(install: Install) -> None:
    module = install("sixth", group="fenrir.paradigms")

    Fenrir(paradigms=())
    assert module not in sys.modules

    app = Fenrir(paradigms=["sixth"])
    assert module in sys.modules
    assert record(app, "sixth").is_paradigm


def test_an_app_without_autoload_imports_no_installed_plugin(install: Install) -> None:
    module = install("colors")
    app = make_app(autoload=False)
    assert module not in sys.modules
    assert app.plugins.records == []


def test_a_paradigm_that_is_not_installed_is_an_error_with_the_command_that_installs_it() -> None:
    with pytest.raises(BuildError, match="'seventh' is not installed. Install the distribution that provides it"):
        App(paradigms=["seventh"])


def test_an_installed_plugin_that_ends_the_program_is_reported_and_the_app_goes_on(install: Install) -> None:
    install("quitter", "raise SystemExit('no licence')")
    found = record(make_app(autoload=True), "quitter")
    assert found.state == "failed"
    assert "SystemExit: no licence" in found.error


def test_two_apps_of_one_process_never_meet(install: Install) -> None:
    install("colors", ordered("colors"))
    first = make_app([SimpleNamespace(__name__="own", fenrir_settings=_one_setting("own"))], autoload=True)
    second = make_app(autoload=False)

    assert first.plugins.manager is not second.plugins.manager
    assert {"colors", "own"} <= {item.name for item in first.plugins.records}
    assert second.plugins.records == []
    assert "own" in first.settings and "own" not in second.settings


# ---------------------------------------------------------------- plugins=[…]


def _one_setting(name: str) -> Any:
    @hookimpl
    def fenrir_settings() -> Any:
        return [Setting(name, str, "set")]

    return fenrir_settings


def test_a_plugin_can_be_given_as_a_module_an_object_an_import_path_or_an_installed_name(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "@hookimpl\ndef fenrir_settings():\n    return [Setting({!r}, str, 'set')]\n"
    by_path = install("path-only", source.format("by_path"), group="another.group")
    install("named", source.format("by_name"))
    as_module = __import__(install("module-only", source.format("by_module"), group="another.group"))
    as_object = SimpleNamespace(fenrir_settings=_one_setting("by_object"))

    app = make_app([as_module, as_object, by_path, "named"])

    assert {name for name in app.settings if name.startswith("by_")} == {
        "by_path",
        "by_name",
        "by_module",
        "by_object",
    }
    assert {record.group for record in app.plugins.records} == {"explicit", "fenrir.plugins"}


def test_a_named_plugin_that_is_nowhere_is_an_error_that_says_so() -> None:
    with pytest.raises(BuildError, match="'no.such.plugin' is neither installed under that name nor importable"):
        make_app(["no.such.plugin"])


def test_a_named_module_whose_import_fails_is_told_apart_from_one_that_is_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_failing.py").write_text("import os\nkey = os.environ['ACME_NO_SUCH_KEY']\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BuildError) as caught:
        make_app(["acme_failing"])
    told = "The plugin 'acme_failing' was not loaded: importing acme_failing failed: KeyError: 'ACME_NO_SUCH_KEY' ("
    assert str(caught.value) == f"{told}{tmp_path / 'acme_failing.py'}:2)"


def test_a_named_plugin_that_fails_is_an_error_with_its_cause(install: Install) -> None:
    install("broken", "raise RuntimeError('no database')")
    with pytest.raises(BuildError, match="'broken' .from acme-broken 1.2. was not loaded: .*no database") as caught:
        make_app(["broken"])
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_class_where_an_instance_is_due_is_refused_with_the_fix() -> None:
    class Colors:
        @hookimpl
        def fenrir_settings(self) -> Any:
            return []

    with pytest.raises(BuildError, match=r"'Colors' was not loaded: it is a class. Did you mean Colors\(\)\?"):
        make_app([Colors])


def test_objects_of_one_class_are_told_apart_by_their_names() -> None:
    class Colors:
        def __init__(self, name: str) -> None:
            self.__name__ = name

        @hookimpl
        def fenrir_settings(self) -> Any:
            return [Setting(self.__name__, str, "")]

    assert {"light", "dark"} <= set(make_app([Colors("light"), Colors("dark")]).settings)


# ---------------------------------------------------------------- order


def test_plugins_are_asked_by_before_and_after_and_else_in_a_fixed_order(install: Install) -> None:
    install("d", ordered("d", before=("a",)))
    install("c", ordered("c"))
    install("b", ordered("b", after=("c", "not-installed")))
    install("a", ordered("a"))

    order = asked(make_app(autoload=True))

    assert sorted(order) == ["a", "b", "c", "d"]
    assert order.index("d") < order.index("a")
    assert order.index("c") < order.index("b")
    assert asked(make_app(autoload=True)) == order


def test_plugins_that_wait_for_one_another_are_an_error_that_names_them(install: Install) -> None:
    install("a", ordered("a", after=("b",)))
    install("b", ordered("b", after=("a",)))
    with pytest.raises(BuildError, match="plugins goes in a circle: a, b"):
        make_app(autoload=True)


def test_a_route_asks_plugins_without_paradigm_first_then_its_own_paradigm_then_the_others(install: Install) -> None:
    for name in ("alpha", "beta"):
        install(name, ordered(name), group="fenrir.paradigms")
    install("plain", ordered("plain"))
    plugins = Fenrir(paradigms=["alpha", "beta"]).plugins

    def order(paradigm: Optional[str]) -> List[str]:
        return [name for name in plugins.order_for(paradigm) if name in ("alpha", "beta", "plain")]

    assert order("beta") == ["plain", "beta", "alpha"]
    assert order("alpha") == order(None) == ["plain", "alpha", "beta"]


# ---------------------------------------------------------------- switching off


def test_a_plugin_is_switched_off_by_name_before_it_is_imported(install: Install) -> None:
    module = install("colors", "raise RuntimeError('imported')")
    app = make_app(autoload=True, off=["colors"], strict=True)
    assert record(app, "colors").state == "off"
    assert module not in sys.modules


def test_the_environment_switches_single_plugins_off(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        install(name, ordered(name))
    monkeypatch.setenv("FENRIR_PLUGINS", "-a, -b,-unknown")
    app = make_app(autoload=True)
    assert asked(app) == ["c"]
    assert record(app, "a").state == record(app, "b").state == "off"


def test_the_environment_switches_loading_off_but_not_what_the_app_names(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        install(name, ordered(name))
    monkeypatch.setenv("FENRIR_PLUGINS", "none")
    assert asked(make_app(autoload=True)) == []
    assert asked(make_app(["b"], autoload=True)) == ["b"]


def test_a_word_in_the_environment_that_says_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENRIR_PLUGINS", "colors")
    with pytest.raises(BuildError, match="FENRIR_PLUGINS has 'colors': write `none`, or .* `-name,-name`"):
        make_app()


# ---------------------------------------------------------------- broken plugins: reported, and the app is up


def test_a_plugin_whose_import_fails_is_reported_and_logged(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    assert "RuntimeError: no database" in failure(install, "raise RuntimeError('no database')")
    (line,) = [line.getMessage() for line in caplog.records if line.name == "fenrir.plugins"]
    assert line.startswith("The plugin 'broken' (from acme-broken 1.2) was not loaded: importing ")


def test_a_plugin_that_needs_a_missing_module_is_reported(install: Install) -> None:
    assert "No module named 'no_such_module_of_mine'" in failure(install, "import no_such_module_of_mine\n")


def test_a_hook_that_is_none_is_reported_with_the_nearest_name(install: Install) -> None:
    error = failure(install, "@hookimpl\ndef fenrir_lifespan():\n    return []\n")
    assert error == "it implements fenrir_lifespan, which is no hook. Did you mean fenrir_lifespans?"


def test_an_optional_hook_of_another_plugin_is_no_mistake(install: Install) -> None:
    install("colors", "@hookimpl(optionalhook=True)\ndef fenrir_admin_panels():\n    return []\n")
    assert record(make_app(autoload=True), "colors").state == "active"


def test_a_hook_that_asks_for_what_it_does_not_get_is_reported(install: Install) -> None:
    error = failure(install, "@hookimpl\ndef fenrir_lifespans(biuld):\n    return []\n")
    assert error == "its fenrir_lifespans has the argument 'biuld', which the hook has not. Did you mean build?"


def test_an_argument_that_resembles_none_is_reported_with_those_there_are(install: Install) -> None:
    error = failure(install, "@hookimpl\ndef fenrir_make_resolver(x):\n    return None\n")
    assert error.endswith("has the argument 'x', which the hook has not. It has: param, route, build.")


def test_a_hook_wrapper_is_reported(install: Install) -> None:
    error = failure(install, "@hookimpl(wrapper=True)\ndef fenrir_settings():\n    yield\n")
    assert "fenrir_settings is a hook wrapper, which API 1 does not have" in error


def test_a_plugin_for_a_newer_api_is_reported_with_both_versions(install: Install) -> None:
    assert failure(install, "fenrir_plugin = PluginInfo(api='2')").startswith(
        "it is written for plugin API 2, this fenrir-core has API 1."
    )


def test_an_api_version_that_is_a_number_is_reported_as_that(install: Install) -> None:
    assert failure(install, "fenrir_plugin = PluginInfo(api=1)").startswith("its PluginInfo has api=1; write api='1'")


def test_an_order_that_is_a_text_is_reported_with_the_tuple_to_write(install: Install) -> None:
    error = failure(install, "fenrir_plugin = PluginInfo(after='tracing')")
    assert error == "its PluginInfo has after='tracing'; write a tuple: after=('tracing',)."


def test_a_plugin_info_of_a_wrong_type_is_reported(install: Install) -> None:
    assert failure(install, "fenrir_plugin = {'api': '1'}").startswith("its `fenrir_plugin` is {'api': '1'}, not a")


def test_two_distributions_with_one_plugin_name_are_reported_with_both(install: Install) -> None:
    install("broken", ordered("broken"), distribution="acme-one")
    install("broken", ordered("broken"), distribution="acme-two", version="3.0")
    app = make_app(autoload=True)
    error = record(app, "broken").error or ""
    assert "acme-one 1.2" in error and "acme-two 3.0" in error
    assert asked(app) == []


def test_a_plugin_with_the_name_of_one_that_is_loaded_is_refused_and_both_are_named(install: Install) -> None:
    install("colors", ordered("colors"))
    with pytest.raises(BuildError, match="plugin 'colors' .*its name is taken by colors .acme-colors 1.2.. Give one"):
        make_app([SimpleNamespace(__name__="colors")], autoload=True)


def test_a_failed_plugin_is_not_asked(install: Install) -> None:
    install("half", ordered("half") + "\n    @hookimpl\n    def fenrir_lifespans(nonsense):\n        return []\n")
    assert asked(make_app(autoload=True)) == []


def test_a_paradigm_that_the_app_names_can_not_be_off_as_well(install: Install) -> None:
    install("sixth", group="fenrir.paradigms")
    with pytest.raises(BuildError, match="'sixth' .* was not loaded: it is switched off, but the app is written in it"):
        Fenrir(paradigms=["sixth"], off=["sixth"])


@pytest.mark.parametrize(
    "source",
    [
        "raise RuntimeError('no database')",
        "@hookimpl\ndef fenrir_lifespan():\n    return []\n",
        "fenrir_plugin = PluginInfo(api='2')",
        "@hookimpl\ndef fenrir_lifespans(nonsense):\n    return []\n",
    ],
)
def test_in_strict_mode_any_failure_is_an_error_that_names_the_plugin(install: Install, source: str) -> None:
    install("broken", source)
    with pytest.raises(BuildError, match="The plugin 'broken' .from acme-broken 1.2. was not loaded: "):
        make_app(autoload=True, strict=True)


# ---------------------------------------------------------------- wrong answers


def with_hook(function: Any, name: str = "mine") -> Any:
    return SimpleNamespace(__name__=name, fenrir_plugin=PluginInfo(), **{function.__name__: hookimpl(function)})


def test_an_answer_of_a_wrong_type_names_plugin_hook_and_value() -> None:
    def fenrir_routes() -> Any:
        return [Route("/", lambda: "ok"), "/not-a-route"]

    with pytest.raises(BuildError, match="fenrir_routes of the plugin mine gave '/not-a-route'; it must give Route"):
        make_app([with_hook(fenrir_routes)]).build()


def test_an_answer_that_is_no_iterable_names_plugin_and_hook() -> None:
    def fenrir_settings() -> Any:
        return Setting("one", str, "")

    with pytest.raises(BuildError, match="fenrir_settings of the plugin mine gave .*; it must give an iterable"):
        make_app([with_hook(fenrir_settings)])


def test_a_long_answer_is_shown_in_part() -> None:
    def fenrir_route_options() -> Any:
        return ["x" * 5000]

    app = make_app([with_hook(fenrir_route_options)])
    with pytest.raises(BuildError, match="gave 'xxx.*…; it must give RouteOption") as caught:
        app.build()
    assert len(str(caught.value)) < 300


def test_a_hook_that_raises_is_told_with_its_line() -> None:
    def fenrir_lifespans() -> Any:
        raise KeyError("pool")

    line = fenrir_lifespans.__code__.co_firstlineno + 1
    with pytest.raises(BuildError, match=f"the plugin mine failed: KeyError: 'pool' .*test_plugins.py:{line}"):
        make_app([with_hook(fenrir_lifespans)]).build()


def test_an_asynchronous_generator_as_a_hook_is_refused_with_the_way_out() -> None:
    async def fenrir_lifespans() -> Any:
        yield None

    with pytest.raises(BuildError, match="fenrir_lifespans of the plugin 'mine' is asynchronous.*[Rr]eturn what is"):
        make_app([with_hook(fenrir_lifespans)]).build()


def test_an_asynchronous_hook_is_refused_with_the_way_out() -> None:
    async def fenrir_lifespans() -> Any:
        return []

    with pytest.raises(BuildError, match="fenrir_lifespans of the plugin 'mine' is asynchronous.*[Rr]eturn what is"):
        make_app([with_hook(fenrir_lifespans)]).build()


def test_a_hook_that_fails_names_plugin_hook_and_cause_and_keeps_the_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fenrir_routes() -> Any:
        raise KeyError("url")

    def fenrir_lifespans() -> Any:
        yield from ()
        raise KeyError("pool")

    for hook, message in ((fenrir_routes, "fenrir_routes .* failed: KeyError: 'url'"), (fenrir_lifespans, "'pool'")):
        with pytest.raises(BuildError, match=message) as caught:
            make_app([with_hook(hook)]).build()
        assert "of the plugin mine failed" in str(caught.value)
        assert isinstance(caught.value.__cause__, KeyError)

    async def start() -> None:
        async with Client(make_app([with_hook(fenrir_routes)])):
            pass

    with pytest.raises(StartupFailed, match="fenrir_routes of the plugin mine failed"):
        asyncio.run(start())
    (record,) = [record for record in caplog.records if record.name == "fenrir"]
    assert record.exc_info and isinstance(record.exc_info[1], BuildError)


def test_a_build_error_of_a_hook_is_shown_as_it_is_and_without_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def fenrir_routes() -> Any:
        raise BuildError("pets.py:3: the table is empty. Fill it.")

    async def start() -> None:
        async with Client(make_app([with_hook(fenrir_routes)])):
            pass

    with pytest.raises(StartupFailed, match="^pets.py:3: the table is empty. Fill it.$"):
        asyncio.run(start())
    (record,) = [record for record in caplog.records if record.name == "fenrir"]
    assert not record.exc_info


def test_a_hook_may_be_a_generator_or_give_nothing() -> None:
    def fenrir_settings() -> Any:
        yield Setting("one", str, "1")
        yield Setting("two", str, "2")

    def fenrir_routes() -> Any:
        return None

    app = make_app([with_hook(fenrir_settings), with_hook(fenrir_routes, "other")])
    app.build()
    assert (app.settings["one"], app.settings["two"]) == ("1", "2")
