"""What `check_plugin` finds in a plugin, and what it lets pass."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import textwrap
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator

import pytest

from fenrir_core import (
    BuildError,
    Call,
    Lifespan,
    MediaType,
    Middleware,
    PathConverter,
    PluginInfo,
    Resolver,
    RouteHook,
    RouteOption,
    hookimpl,
)
from fenrir_core.testing import check_plugin

Write = Callable[[str], str]
HEAD = """
from fenrir_core import *
fenrir_plugin = PluginInfo(api="1")

@hookimpl
def fenrir_settings():
    return []
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return a function that writes the module of a plugin and gives its import path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(source: str) -> str:
        (tmp_path / "acme_checked.py").write_text(HEAD + textwrap.dedent(source), encoding="utf-8")
        return "acme_checked"

    yield write
    sys.modules.pop("acme_checked", None)


def plugin(**members: Any) -> Any:
    return SimpleNamespace(__name__="mine", fenrir_plugin=PluginInfo(), **members)


def wrapping(test: Callable[[Any], bool], before: Any = None) -> Any:
    """Make a plugin that puts a step around the routes that a test lets through."""

    def step(connection: Any) -> None:
        pass

    @hookimpl
    def fenrir_route_hooks(route: Any) -> Any:
        return [RouteHook("step", before=Call.of(before or step, nonblocking=True))] if test(route) else []

    @hookimpl
    def fenrir_route_options() -> Any:
        return [RouteOption("timing")]

    return plugin(fenrir_route_hooks=fenrir_route_hooks, fenrir_route_options=fenrir_route_options)


def test_a_sound_plugin_passes_the_check() -> None:
    @hookimpl
    def fenrir_settings() -> Any:
        return []

    check_plugin(plugin(fenrir_settings=fenrir_settings))


def test_the_check_finds_a_plugin_that_says_no_api_version_or_has_no_hook() -> None:
    with pytest.raises(AssertionError, match=r'PluginInfo\(api="1"\)'):
        check_plugin(SimpleNamespace(__name__="mine"))
    with pytest.raises(AssertionError, match="no hook"):
        check_plugin(plugin())


def test_the_check_finds_answers_of_a_wrong_type_and_awaitables() -> None:
    @hookimpl
    def fenrir_lifespans() -> Any:
        return ["pool"]

    @hookimpl
    async def fenrir_route_hooks() -> Any:
        return []

    with pytest.raises(BuildError, match="fenrir_lifespans of the plugin mine gave 'pool'"):
        check_plugin(plugin(fenrir_lifespans=fenrir_lifespans))
    with pytest.raises(BuildError, match="fenrir_route_hooks of the plugin 'mine' is asynchronous"):
        check_plugin(plugin(fenrir_route_hooks=fenrir_route_hooks))


def test_a_module_that_keeps_to_the_rules_passes_with_everything_that_can_be_checked(write: Write) -> None:
    check_plugin(write(""), serve=True, spares={})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('print("loaded")', "Importing acme_checked printed 'loaded'. Every app that has the plugin installed"),
        ("import os\nurl = os.environ['ACME_URL']", "failed with no environment variables.*KeyError: 'ACME_URL'"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import os\nos.environ['ACME'] = '1'", "changed the environment"),
        ("import os\nos.chdir('/')", "changed the working directory"),
        ("import sys\nsys.path.append('x')", "changed the import path"),
        ("import logging\nlogging.basicConfig()", "set up logging"),
        ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)", "changed the signal handlers"),
        (
            "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
            "started threads",
        ),
        ("import sys\nsys.excepthook = print", "replaced sys.excepthook"),
        ("app = App(paradigms=())", "made an app"),
        ("import os\nos.write(2, b'bye'); os._exit(3)", "ended the process: bye"),
    ],
)
def test_what_an_import_does_besides_is_found(write: Write, source: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_plugin(write(source))


def test_the_variables_that_the_tests_have_set_are_not_there_for_the_import(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_URL", "set by the author's own shell")
    with pytest.raises(AssertionError, match="ACME_URL"):
        check_plugin(write("import os\nurl = os.environ['ACME_URL']"))


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("seen = []\n\n@hookimpl\ndef fenrir_app_built(app):\n    seen.append(app)", "acme_checked.seen"),
        (
            "class Pets:\n    all = {}\n\n@hookimpl\ndef fenrir_app_built(app):\n    Pets.all[id(app)] = 1",
            "acme_checked.Pets.all",
        ),
    ],
)
def test_a_global_that_changes_while_apps_are_built_is_found(write: Write, source: str, place: str) -> None:
    with pytest.raises(AssertionError, match=rf"{place} changed while apps were built.*app\.store"):
        check_plugin(write(source))


def test_what_is_printed_while_an_app_is_built_is_found() -> None:
    @hookimpl
    def fenrir_app_built(app: Any) -> None:
        print("built")

    with pytest.raises(AssertionError, match=r"printed 'built\\n' while an app was built"):
        check_plugin(plugin(fenrir_app_built=fenrir_app_built))


def test_a_warning_while_an_app_is_built_is_no_output_and_reaches_who_asks_for_it() -> None:
    @hookimpl
    def fenrir_app_built(app: Any) -> None:
        warnings.warn("old hook", DeprecationWarning, stacklevel=1)

    aged = plugin(fenrir_app_built=fenrir_app_built)
    with pytest.warns(DeprecationWarning, match="old hook"):
        check_plugin(aged)
    with pytest.raises(BuildError, match="DeprecationWarning: old hook"):
        check_plugin(aged)


def test_names_of_plugins_that_are_no_tuple_are_found() -> None:
    @hookimpl
    def fenrir_settings() -> Any:
        return []

    wrong = SimpleNamespace(fenrir_plugin=PluginInfo(after="other"), fenrir_settings=fenrir_settings)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match=r"after='other'\) must be a tuple.*after=\('other',\)"):
        check_plugin(wrong)


def test_a_plugin_that_takes_what_is_not_its_own_is_found() -> None:
    @hookimpl
    def fenrir_collect_routes(source: Any) -> Any:
        return []

    with pytest.raises(AssertionError, match="accepts objects of other plugins.*Return None"):
        check_plugin(plugin(fenrir_collect_routes=fenrir_collect_routes))


def test_a_plugin_that_fills_every_parameter_is_found() -> None:
    @hookimpl
    def fenrir_make_resolver(param: Any) -> Any:
        return Resolver(lambda connection: "mine")

    with pytest.raises(AssertionError, match="fenrir_make_resolver fills parameters that are not its own"):
        check_plugin(plugin(fenrir_make_resolver=fenrir_make_resolver), serve=True)


def test_a_route_that_is_to_be_left_alone_must_be_compiled_as_without_the_plugin() -> None:
    opting_out = wrapping(lambda route: bool(route.option("timing", True)))
    check_plugin(opting_out, spares={"timing": False})
    with pytest.raises(
        AssertionError, match=r"(?s)GET /check/\{name\}, which it must not change.*step.*Return nothing"
    ):
        check_plugin(opting_out, spares={})


def test_what_fails_in_a_request_is_found_when_the_app_is_to_serve() -> None:
    def failing(connection: Any) -> None:
        raise ZeroDivisionError("mine")

    broken = wrapping(lambda route: True, failing)
    check_plugin(broken)
    with pytest.raises(ZeroDivisionError, match="mine"):
        check_plugin(broken, serve=True)


def test_a_lifespan_that_fails_is_found_when_the_app_is_to_serve() -> None:
    def refuse(app: Any) -> Any:
        raise ConnectionRefusedError("no server at acme:1")

    @hookimpl
    def fenrir_lifespans() -> Any:
        return [Lifespan("acme pool", refuse)]

    with pytest.raises(AssertionError, match="did not start with it.*acme pool.*no server at acme:1"):
        check_plugin(plugin(fenrir_lifespans=fenrir_lifespans), serve=True)


def test_a_hook_that_is_called_while_the_app_serves_is_found() -> None:
    class Asking:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                built["app"].plugins.ask_all("fenrir_settings")
            await self.app(scope, receive, send)

    built = {}

    @hookimpl
    def fenrir_middleware(build: Any) -> Any:
        built["app"] = build.app
        return [Middleware("asking", Asking)]

    with pytest.raises(AssertionError, match="fenrir_settings was looked up after the build"):
        check_plugin(plugin(fenrir_middleware=fenrir_middleware), serve=True)


def test_settings_that_a_plugin_can_not_do_without_are_handed_over() -> None:
    @hookimpl
    def fenrir_lifespans(build: Any) -> Any:
        if build.settings["max_body"] != 5:
            raise BuildError("Set max_body to 5.")

    needy = plugin(fenrir_lifespans=fenrir_lifespans)
    with pytest.raises(BuildError, match="Set max_body"):
        check_plugin(needy)
    check_plugin(needy, settings={"max_body": 5})


def test_a_check_can_be_called_where_an_event_loop_runs() -> None:
    @hookimpl
    def fenrir_path_converters() -> Any:
        return [PathConverter("acme", "[0-9]+", int, str)]

    async def test() -> None:
        check_plugin(plugin(fenrir_path_converters=fenrir_path_converters), serve=True)

    asyncio.run(test())


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (
            "SEEN = 0\n@hookimpl\ndef fenrir_routes():\n    global SEEN\n    SEEN += 1\n    return []\n",
            "acme_checked.SEEN",
        ),
        (
            "class State:\n    last = ''\n@hookimpl\ndef fenrir_routes():\n    State.last = 'now'\n    return []\n",
            "acme_checked.State.last",
        ),
    ],
)
def test_a_global_that_is_bound_anew_while_apps_are_built_is_found(write: Write, source: str, place: str) -> None:
    with pytest.raises(AssertionError, match=f"{place} changed while apps were built.*app.store"):
        check_plugin(write(source))


def test_an_object_that_remembers_the_apps_it_was_built_for_is_found() -> None:
    class Counting:
        fenrir_plugin = PluginInfo(api="1")
        builds = 0

        def __init__(self) -> None:
            self.paths = []  # type: ignore[var-annotated]

        @hookimpl
        def fenrir_route_hooks(self, route: Any) -> Any:
            type(self).builds += 1
            self.paths.append(route.path)
            return []

    with pytest.raises(AssertionError, match="Counting.builds, Counting.paths changed while apps were built"):
        check_plugin(Counting())


def test_a_module_that_is_not_there_is_told_as_that() -> None:
    with pytest.raises(AssertionError, match="Importing no_such.plugin is not possible: there is no such module"):
        check_plugin("no_such.plugin")


def test_a_function_that_is_named_like_a_hook_but_not_marked_is_found(write: Write) -> None:
    source = "def fenrir_routes():\n    return []\n\n@hookimpl\ndef fenrir_lifespans():\n    return []\n"
    with pytest.raises(BuildError, match="its fenrir_routes has the name of a hook and is not marked as one"):
        check_plugin(write(source))


def test_a_plugin_none_of_whose_functions_is_marked_has_one_fault() -> None:
    def fenrir_routes() -> Any:
        return []

    with pytest.raises(BuildError, match="^The plugin '.*' was not loaded: its fenrir_routes has the name of a hook"):
        check_plugin(plugin(fenrir_routes=fenrir_routes))


def test_a_helper_with_the_prefix_of_hooks_is_none(write: Write) -> None:
    check_plugin(write("def fenrir_version():\n    return 1\n"))


def test_all_faults_are_told_at_once(write: Write) -> None:
    source = """
        seen = []

        @hookimpl
        def fenrir_app_built(app):
            seen.append(app)

        @hookimpl
        def fenrir_collect_routes(source):
            return []
    """
    with pytest.raises(AssertionError) as caught:
        check_plugin(write(source))
    head, *told = str(caught.value).split("\n- ")
    assert head == "The plugin has 2 faults:"
    for text, fault in zip(["accepts objects", "acme_checked.seen changed"], told):
        assert text in fault


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("Acme = acme_checked:Acmee", "gives nothing: acme_checked has no attribute 'Acmee'"),
        ("acme = acme_gone", "importing acme_gone failed"),
        ("Response = acme_checked:Acme", "the kernel exports that name"),
    ],
)
def test_a_name_for_the_facade_that_leads_nowhere_is_found(
    write: Write, tmp_path: Path, entry: str, message: str
) -> None:
    module = write("Acme = 1\n")
    declare(tmp_path, module, f"Fine = {module}:Acme", entry)
    with pytest.raises(AssertionError, match=message):
        check_plugin(module)


def test_names_for_the_facade_that_lead_somewhere_pass(write: Write, tmp_path: Path) -> None:
    module = write("Acme = 1\n")
    declare(tmp_path, module, f"Fine = {module}:Acme", f"Acme = {module}")
    check_plugin(module)


def declare(directory: Path, module: str, *exports: str) -> None:
    """Write what an installer makes of a distribution with a plugin and names for the façade."""
    info = directory / "acme-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n", encoding="utf-8")
    lines = ["[fenrir.plugins]", f"acme = {module}", "[fenrir.exports]", *exports]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


# ---------------------------------------------------------------- media types


def with_media_type(loads: Any, dumps: Any) -> Any:
    def fenrir_media_types() -> Any:
        yield MediaType("application/x-check", loads, dumps)

    return plugin(fenrir_media_types=hookimpl(fenrir_media_types))


def write_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def raise_lookup_error(body: bytes) -> Any:
    if b"malformed" in body:
        raise LookupError(body)
    return json.loads(body)


@pytest.mark.parametrize(
    ("loads", "dumps", "message"),
    [
        (json.loads, json.dumps, "`dumps` of its media type application/x-check returned str. It must return bytes."),
        (bytes.decode, write_json, "read '{\"check\": 1}' from what it wrote for {'check': 1}"),
        (
            raise_lookup_error,
            write_json,
            "raised LookupError for a malformed body, which would be answered as an",
        ),
    ],
)
def test_a_media_type_that_does_not_read_what_it_writes_is_a_fault(loads: Any, dumps: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        check_plugin(with_media_type(loads, dumps))


def test_a_media_type_that_reads_what_it_writes_passes() -> None:
    check_plugin(with_media_type(json.loads, write_json))
