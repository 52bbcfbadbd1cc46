"""`fenrir routes`, `fenrir info` and `fenrir --help`."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.once

APP = """\
from fenrir import Fenrir

app = Fenrir()


@app.get("/items/{item_id}", name="item")
async def read(item_id: int):
    return {}


@app.post("/items")
async def add():
    return {}


@app.websocket("/live")
async def live(websocket):
    await websocket.accept()


class Quotes:
    def on_get(self, req, resp):
        resp.text = "q"


app.add_route("/quotes", Quotes())
inner = Fenrir()


@inner.get("/deep")
async def deep():
    return "deep"


app.mount("/inner", inner, name="inner")
"""
APP_WITH_AN_ACCENT = """\
from fenrir_core import App

app = App(paradigms=[])


@app.get("/caf\u00e9")
async def cafe():
    return "open"
"""


@pytest.fixture
def varied(project: Any) -> Any:
    project.write("app.py", APP)
    return project


def routes(project: Any, *arguments: str) -> Any:
    done = project.run("routes", "app:app", "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return {item["path"]: item for item in json.loads(done.stdout)["routes"]}


def test_routes_lists_methods_path_name_handler_and_place(varied: Any) -> None:
    line = next(line for line in varied.run("routes", "app:app").stdout.splitlines() if "/items/{item_id}" in line)
    assert line.split() == ["GET", "/items/{item_id}", "item", "app", "app.read", "app.py:6"]


def test_routes_is_plain_text_when_piped(varied: Any) -> None:
    assert "\x1b" not in varied.run("routes", "app:app").stdout


def test_routes_ends_with_how_many_there_are(varied: Any) -> None:
    out = varied.run("routes", "app:app", "--paradigm", "falcon").stdout
    assert out.splitlines()[-1].strip() == "1 route (falcon 1)"
    assert "1 mount\n" in varied.run("routes", "app:app", "--path", "/inner").stdout


def test_a_wide_terminal_gets_a_coloured_table_with_a_column_for_each_fact(varied: Any, terminal: Any) -> None:
    shown = terminal("routes", "app:app", columns=200)
    assert shown.end() == 0
    (line,) = (line for line in shown.text.splitlines() if "/quotes" in line)
    assert line.split() == ["GET", "/quotes", "Quotes", "falcon", "app.Quotes.on_get", "app.py:22"]
    assert "\x1b[32mGET" in shown.raw


def test_a_narrow_terminal_gets_name_handler_and_place_beneath_the_path(varied: Any, terminal: Any) -> None:
    shown = terminal("routes", "app:app", columns=70)
    assert shown.end() == 0
    lines = [line.split() for line in shown.text.splitlines()]
    at = lines.index(["GET", "/quotes", "falcon"])
    assert lines[at + 1] == ["Quotes", "app.Quotes.on_get", "app.py:22"]


def test_a_narrow_terminal_gets_values_of_settings_in_its_full_width(varied: Any, terminal: Any) -> None:
    shown = terminal("settings", "app:app", columns=60)
    assert shown.end() == 0
    assert "debug = False" in [line.strip() for line in shown.text.splitlines()]


def test_text_that_the_locale_lacks_is_escaped(varied: Any) -> None:
    varied.write("app.py", APP_WITH_AN_ACCENT)
    found = varied.run("routes", "app:app", PYTHONIOENCODING="ascii")
    assert (found.returncode, found.stderr) == (0, "")
    assert "/caf\\xe9" in found.stdout


def test_a_terminal_without_colour_gets_none(varied: Any, terminal: Any) -> None:
    shown = terminal("routes", "app:app", NO_COLOR="1")
    assert shown.end() == 0
    assert "\x1b[3" not in shown.raw


def test_what_is_piped_has_no_blanks_at_the_ends_of_lines(varied: Any) -> None:
    for command in (("routes", "app:app"), ("info", "app:app"), ("settings", "app:app")):
        assert not [line for line in varied.run(*command).stdout.splitlines() if line != line.rstrip()]


def test_routes_lists_websockets_and_mounts(varied: Any) -> None:
    found = routes(varied)
    assert (found["/live"]["kind"], found["/live"]["methods"]) == ("websocket", ["WEBSOCKET"])
    assert (found["/inner"]["kind"], found["/inner"]["name"]) == ("mount", "inner")


def test_routes_looks_into_a_mounted_fenrir_app(varied: Any) -> None:
    assert routes(varied)["/inner/deep"]["handler"] == "app.deep"


def test_routes_says_which_paradigm_owns_a_route(varied: Any) -> None:
    found = routes(varied)
    assert (found["/quotes"]["paradigm"], found["/items"]["paradigm"]) == ("falcon", None)


def test_routes_can_be_narrowed_to_a_paradigm(varied: Any) -> None:
    assert list(routes(varied, "--paradigm", "falcon")) == ["/quotes"]


def test_routes_can_be_sorted_by_path(varied: Any) -> None:
    paths = list(routes(varied, "--sort", "path"))
    assert paths == sorted(paths)


def test_an_app_without_routes_says_so(project: Any) -> None:
    project.write("app.py", "from fenrir_core import App\n\napp = App(paradigms=[])\n")
    assert project.run("routes").stdout == "app has no routes.\n"


def test_routes_of_another_framework_are_refused(project: Any) -> None:
    project.write("app.py", "async def app(scope, receive, send):\n    pass\n")
    done = project.run("routes", "app:app")
    assert done.returncode == 1
    assert done.stderr == "Error: app:app is of type function, not a Fenrir app: it can be run, but not looked into.\n"


def test_info_names_python_the_parts_and_the_engines(project: Any) -> None:
    out = project.run("info").stdout
    for part in (f"CPython {platform.python_version()}", "fenrir-core 5.", "pydantic 2.", "hypercorn 0.", "falcon"):
        assert part in out


def test_info_names_the_version_of_each_distribution_that_extends_fenrir(project: Any) -> None:
    requires = "Requires-Dist: acme-parser\nRequires-Dist: acme-tests; extra == 'test'\n"
    project.write("acme-3.dist-info/METADATA", f"Metadata-Version: 2.1\nName: acme\nVersion: 3\n{requires}")
    project.write("acme-3.dist-info/entry_points.txt", "[fenrir.templates]\nacme = acme\n")
    data = json.loads(project.run("info", "--json").stdout)
    assert (data["packages"]["acme"], data["engines"]["acme-parser"]) == ("3", None)
    assert {"fenrir-framework", "fenrir-core", "fenrir-cli", "fenrir-flask", "fenrir-redis"} <= set(data["packages"])
    assert {"pluggy", "pydantic", "jinja2", "python-multipart", "rich"} <= set(data["engines"])
    assert not {"acme-tests", "hypercorn", "acme", "fenrir-core"} & set(data["engines"])


def test_info_names_every_plugin_with_its_state(project: Any) -> None:
    done = project.run("info", "--json", FENRIR_PLUGINS="-flask")
    found = {item["name"]: item for item in json.loads(done.stdout)["plugins"]}
    assert (found["flask"]["state"], found["falcon"]["state"]) == ("off", "active")
    assert found["falcon"]["distribution"] == "fenrir-falcon"
    assert found["falcon"]["entry_point"] == "fenrir_falcon.plugin"
    assert "fenrir_make_return_handler" in found["falcon"]["hooks"]


def test_info_says_why_a_plugin_failed_and_says_it_once(project: Any) -> None:
    project.write("broken.py", "raise RuntimeError('bad luck')\n")
    project.write("broken-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    project.write("broken-1.dist-info/entry_points.txt", "[fenrir.plugins]\nbroken = broken\n")
    done = project.run("info")
    assert (done.stdout + done.stderr).count("importing broken failed: RuntimeError: bad luck") == 1


def test_info_of_an_app_counts_its_routes_by_paradigm(varied: Any) -> None:
    report = json.loads(varied.run("info", "app:app", "--json").stdout)["app"]
    assert (report["type"], report["routes"]["falcon"], report["routes"]["app"]) == ("Fenrir", 1, 4)
    assert (report["methods"]["POST"], report["mounts"]) == (1, ["/inner"])


def test_info_of_an_app_says_what_each_plugin_added(varied: Any) -> None:
    done = varied.run("info", "app:app", "--json")
    added = {item["name"]: item["added"] for item in json.loads(done.stdout)["plugins"]}
    assert added["falcon"]["return handlers"] == 1
    assert " added return handlers 1, parameters 2\n" in varied.run("info", "app:app").stdout


def test_the_facade_starts_the_same_command_line(project: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fenrir.cli", "routes"],
        cwd=str(project.directory),
        env=project.environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=40,
    )
    assert "app.home" in done.stdout


def test_help_lists_all_commands_and_imports_none_of_their_libraries(project: Any) -> None:
    script = (
        "import sys\n"
        "from fenrir_cli.main import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    names = ('rich', 'httpx', 'hypercorn', 'watchfiles', 'pluggy', 'fenrir_core', 'asyncio')\n"
        "    print('imported:', [name for name in names if name in sys.modules])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", script, "--help"],
        cwd=str(project.directory),
        env=project.environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=40,
    ).stdout
    for name in ("run", "routes", "why", "info", "shell", "bench", "new", "openapi", "settings", "plugins"):
        assert f"  {name} " in out
    assert out.endswith("imported: []\n")
