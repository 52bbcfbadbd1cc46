"""`fenrir openapi`, `settings`, `plugins`, and commands that plugins add."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.once

APP = """\
from fenrir import Fenrir

app = Fenrir(secret_key="hush", threads=7)


@app.get("/items/{item_id}")
async def read(item_id: int) -> dict:
    return {}


@app.before_request
def look():
    pass
"""
HELPERS = """\
import click

from fenrir_cli.values import Command
from fenrir_core import hookimpl


@hookimpl
def fenrir_cli_commands():
    yield Command("tidy", "Tidy up.", "helpers:tidy")


@click.command()
@click.argument("name")
def db(name):
    click.echo(f"migrated {name}")


def tidy():
    print("tidied")
"""
ENTRY_POINTS = """\
[fenrir.commands]
db = helpers:db
run = helpers:db
broken = nowhere:command

[fenrir.cli]
acme = helpers
"""


@pytest.fixture
def shop(project: Any) -> Any:
    project.write("app.py", APP)
    return project


@pytest.fixture
def acme(project: Any) -> Any:
    """Install a distribution that adds commands."""
    project.write("helpers.py", HELPERS)
    project.write("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\nSummary: Migrations\n")
    project.write("acme-1.dist-info/entry_points.txt", ENTRY_POINTS)
    return project


# ---------------------------------------------------------------- openapi


def test_openapi_writes_the_document_as_json(shop: Any) -> None:
    document = json.loads(shop.run("openapi", "app:app").stdout)
    assert document["openapi"].startswith("3.1.")
    assert list(document["paths"]) == ["/items/{item_id}"]


def test_a_stored_document_that_is_right_passes_the_check(shop: Any) -> None:
    assert shop.run("openapi", "app:app", "-o", "api.json").returncode == 0
    done = shop.run("openapi", "app:app", "--check", "api.json")
    assert (done.returncode, done.stdout) == (0, "api.json is what app:app answers.\n")


def test_a_stored_document_that_is_not_right_fails_the_check_with_the_differences(shop: Any) -> None:
    document = json.loads(shop.run("openapi", "app:app").stdout)
    document["paths"]["/gone"] = document["paths"].pop("/items/{item_id}")
    shop.write("api.json", json.dumps(document))
    done = shop.run("openapi", "app:app", "--check", "api.json")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == ["  added: paths > /items/{item_id}", "  removed: paths > /gone"]


def test_openapi_is_indented_as_wished(shop: Any) -> None:
    assert shop.run("openapi", "app:app", "--indent", "0").stdout.count("\n") == 1
    assert shop.run("openapi", "app:app", "--indent", "4").stdout.startswith('{\n    "openapi": ')


OWN_CLASS = """\
from fenrir_core import App


class Application(App):
    paradigm = None


app = Application(paradigms=[], autoload=False)


@app.get("/pets/{pet_id:int}")
async def pet(pet_id: int) -> dict:
    return {}
"""


def test_openapi_describes_an_app_of_a_class_of_a_third_partys(project: Any) -> None:
    project.write("app.py", OWN_CLASS)
    (parameter,) = json.loads(project.run("openapi", "app:app").stdout)["paths"]["/pets/{pet_id}"]["get"]["parameters"]
    assert (parameter["name"], parameter["schema"]["type"]) == ("pet_id", "integer")


def test_an_app_without_openapi_says_so(project: Any) -> None:
    done = project.run("openapi", "app:app", FENRIR_PLUGINS="-fastapi")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: app:app describes no API: OpenAPI comes with the FastAPI paradigm.\n")


# ---------------------------------------------------------------- settings


def test_settings_say_where_each_value_comes_from_and_who_owns_it(shop: Any) -> None:
    done = shop.run("settings", "app:app", "--json", FENRIR_MAX_BODY="9")
    found = {item["name"]: item for item in json.loads(done.stdout)["settings"]}
    assert (found["threads"]["value"], found["threads"]["origin"]) == ("7", "app")
    assert (found["max_body"]["value"], found["max_body"]["origin"]) == ("9", "environment")
    assert (found["debug"]["origin"], found["debug"]["owner"]) == ("default", "kernel")
    assert (found["secret_key"]["owner"], found["secret_key"]["variable"]) == ("flask", "SECRET_KEY")


def test_settings_hide_secrets_unless_asked(shop: Any) -> None:
    assert "hush" not in shop.run("settings", "app:app").stdout
    assert "'hush'" in shop.run("settings", "app:app", "--show-secrets").stdout


def test_settings_can_be_narrowed_to_an_owner_and_to_what_was_changed(shop: Any) -> None:
    def names(*arguments: str) -> Any:
        found = json.loads(shop.run("settings", "app:app", "--json", *arguments).stdout)["settings"]
        return [item["name"] for item in found]

    assert names("--changed") == ["threads", "secret_key"]
    assert names("--changed", "--owner", "kernel") == ["threads"]
    assert "secret_key" not in names("--owner", "kernel")


def test_a_piped_setting_is_one_line(shop: Any) -> None:
    (line,) = (line for line in shop.run("settings", "app:app").stdout.splitlines() if "secret_key " in line)
    assert line.split()[:4] == ["secret_key", "flask", "app", "(hidden)"]
    assert line.endswith("(SECRET_KEY)")


# ---------------------------------------------------------------- plugins


def test_settings_hide_the_password_in_a_url_alone(shop: Any) -> None:
    url = "redis://ada:hunter2@cache.internal:6379/0"
    shown = shop.run("settings", "app:app", "--json", FENRIR_REDIS_URL=url).stdout
    assert "'redis://ada:(hidden)@cache.internal:6379/0'" in shown
    assert url in shop.run("settings", "app:app", "--json", "--show-secrets", FENRIR_REDIS_URL=url).stdout


def test_a_plugin_that_is_no_paradigm_is_listed_with_what_it_added(shop: Any) -> None:
    source = "from fenrir import Fenrir\napp = Fenrir(rate_limit='5/minute')\napp.get('/')(lambda: '')\n"
    shop.write("limited.py", source)
    url = "redis://127.0.0.1:1/0"
    found = {
        item["name"]: item
        for item in json.loads(shop.run("plugins", "limited:app", "--json", FENRIR_REDIS_URL=url).stdout)["plugins"]
    }
    assert (found["redis"]["distribution"], found["redis"]["state"]) == ("fenrir-redis", "active")
    assert found["redis"]["added"]["route hooks"] > 0
    assert "fenrir-redis" in shop.run("info", "limited:app", FENRIR_REDIS_URL=url).stdout
    explained = shop.run("routes", "limited:app", "--explain", FENRIR_REDIS_URL=url).stdout
    assert "rate limit 5/minute" in explained


def test_plugins_lists_what_is_installed_and_its_commands(acme: Any) -> None:
    data = json.loads(acme.run("plugins", "--json").stdout)
    assert {item["name"] for item in data["plugins"]} >= {"fastapi", "flask", "falcon", "sanic", "bottle"}
    assert [(item["name"], item["error"]) for item in data["command_line"]] == [("acme", "")]
    assert data["commands"]["tidy"] == "Tidy up. (acme)"


def test_plugins_of_an_app_counts_what_each_added(shop: Any) -> None:
    data = json.loads(shop.run("plugins", "app:app", "--json", "--trace").stdout)
    added = {item["name"]: item["added"] for item in data["plugins"]}
    assert added["flask"]["route hooks"] >= 1
    assert added["fastapi"]["parameters"] >= 1


def test_plugins_can_time_the_hooks_of_a_build(shop: Any) -> None:
    lines = [line.split() for line in shop.run("plugins", "app:app", "--trace").stdout.splitlines()]
    assert ["Milliseconds", "Calls", "Plugin", "Hook"] in lines
    (line,) = (line for line in lines if line[2:] == ["flask", "fenrir_route_hooks"])
    assert float(line[0]) > 0
    assert int(line[1]) > 0


def test_plugins_why_names_all_that_one_plugin_added(shop: Any) -> None:
    found = json.loads(shop.run("plugins", "app:app", "--why", "flask", "--json").stdout)
    assert (found["state"], found["added"]["route hooks"][0]) == (
        "active",
        "before_request look of GET /items/{item_id}",
    )
    assert "secret_key" in found["added"]["settings"]


def test_plugins_why_is_readable_text(shop: Any) -> None:
    out = shop.run("plugins", "app:app", "--why", "flask").stdout
    assert out.startswith("flask  paradigm  active  fenrir-flask ")
    assert "\nroute hooks  before_request look of GET /items/{item_id}\n" in out


@pytest.mark.parametrize(
    ("app", "variable", "reason"),
    [
        ("Fenrir()", "-bottle", "FENRIR_PLUGINS has -bottle, or the app leaves it out: off=['bottle']."),
        ("Fenrir(paradigms=['flask'])", "", "It is installed, but the app is written in other paradigms, "),
        ("Fenrir()", "", "It is installed (the entry point bottle in the group fenrir.paradigms), "),
    ],
)
def test_plugins_why_says_why_a_plugin_is_loaded_or_not(project: Any, app: str, variable: str, reason: str) -> None:
    project.write("app.py", f"from fenrir import Fenrir\n\napp = {app}\n")
    done = project.run("plugins", "app:app", "--why", "bottle", FENRIR_PLUGINS=variable)
    assert (done.returncode, reason in done.stdout) == (0, True)


def test_plugins_why_of_a_plugin_that_failed_is_its_error(acme: Any) -> None:
    acme.write("acme-1.dist-info/entry_points.txt", "[fenrir.plugins]\nacme = nowhere\n")
    out = acme.run("plugins", "--why", "acme").stdout
    assert "failed  acme 1  nowhere\n" in out
    assert "because importing nowhere failed: ModuleNotFoundError: No module named 'nowhere'\n" in out


def test_plugins_why_suggests_a_near_name(project: Any) -> None:
    done = project.run("plugins", "--why", "flacon")
    assert (done.returncode, done.stderr) == (1, "Error: There is no plugin 'flacon'. Did you mean falcon?\n")


def test_a_plugin_of_the_command_line_that_fails_is_listed_with_the_reason(acme: Any) -> None:
    acme.write("helpers.py", "raise RuntimeError('bad luck')\n")
    out = acme.run("plugins").stdout
    assert "command line: acme (acme 1, helpers) failed: RuntimeError: bad luck\n" in out


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("fenrir_plugin = PluginInfo(api='2')", "it is written for plugin API 2, this fenrir-core has API 1"),
        ("@hookimpl\ndef fenrir_cli_command(): ...", "unknown hook 'fenrir_cli_command' in plugin"),
        ("@hookimpl\ndef fenrir_cli_commands(app): ...", "can not be found in the hookspec"),
    ],
)
def test_a_plugin_of_the_command_line_that_does_not_fit_is_listed_with_the_reason(
    acme: Any, source: str, reason: str
) -> None:
    acme.write("helpers.py", f"from fenrir_core import PluginInfo, hookimpl\n\n{source}\n")
    data = json.loads(acme.run("plugins", "--json").stdout)
    assert reason in data["command_line"][0]["error"]
    assert "tidy" not in data["commands"]


# ---------------------------------------------------------------- adapters


def test_the_adapters_for_objects_of_other_frameworks_are_listed(project: Any) -> None:
    project.write("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    project.write("acme-1.dist-info/entry_points.txt", "[fenrir.adapters]\nacme_client = acme_fenrir:adapter\n")
    data = json.loads(project.run("plugins", "--json").stdout)
    expected = {"name": "acme_client", "value": "acme_fenrir:adapter", "distribution": "acme", "version": "1"}
    assert expected in data["adapters"]
    assert "adapter: acme_client  acme_fenrir:adapter (acme 1)" in project.run("plugins").stdout
    assert {"werkzeug", "starlette", "falcon"} <= {item["name"] for item in data["adapters"]}


# ---------------------------------------------------------------- names of the facade


@pytest.fixture
def exporting(project: Any) -> Any:
    """Return a function that installs a distribution whose entry points add names to the facade."""

    def install(*lines: str) -> Any:
        text = "\n".join(["[fenrir.exports]", *lines, ""])
        project.write("acme_web.py", "__all__ = ['Handler', 'url']\nHandler = url = object()\n")
        project.write("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
        project.write("acme-1.dist-info/entry_points.txt", text)
        return project

    return install


@pytest.mark.parametrize("command", ["plugins", "info"])
def test_the_names_that_a_distribution_exports_are_listed(exporting: Any, command: str) -> None:
    acme = exporting("Handler = acme_web:Handler", "url = acme_web")
    data = json.loads(acme.run(command, "--json").stdout)
    own = [item for item in data["exports"] if item["distribution"] == "acme"]
    assert [(item["name"], item["entry_point"], item["error"]) for item in own] == [
        ("Handler", "acme_web:Handler", ""),
        ("url", "acme_web", ""),
    ]
    lines = [line.split() for line in acme.run(command).stdout.splitlines()]
    assert ["exports", "acme", "1", "Handler,", "url"] in lines
    assert {"Blueprint,", "g,", "url_for"} <= {
        word for line in lines if line[:2] == ["exports", "fenrir-flask"] for word in line
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Handler = acme_wep:Handler", "importing acme_wep failed: ModuleNotFoundError: No module named 'acme_wep'. "),
        ("Handler = acme_web:Handlr", "acme_web has no attribute 'Handlr'. Did you mean Handler? Correct the entry "),
        (
            "acme = acme_web",
            "acme_web has no attribute 'acme'. The entry point's name is the exported name, one entry point for each: "
            'Handler = "acme_web:Handler", url = "acme_web:url".',
        ),
        ("Response = acme_web:Handler", "the kernel exports that name. Give the entry point another name."),
        ("Depends = acme_web:Handler", "fenrir-fastapi exports that name too. Give the entry point another name, or "),
        ("_url = acme_web:url", "it is no public Python name. The entry point's name is the exported name: "),
    ],
)
def test_an_exported_name_that_leads_nowhere_is_listed_with_the_reason(exporting: Any, line: str, reason: str) -> None:
    acme = exporting(line)
    name, _, entry_point = line.partition(" = ")
    assert "exports  acme 1 " in acme.run("plugins").stdout
    for command in ("plugins", "info"):
        assert f"{name} ({entry_point}): {reason}" in acme.run(command).stdout


def test_a_name_that_two_distributions_export_is_an_error_of_both(exporting: Any) -> None:
    acme = exporting("url = acme_web:url")
    acme.write("other-2.dist-info/METADATA", "Metadata-Version: 2.1\nName: other\nVersion: 2\n")
    acme.write("other-2.dist-info/entry_points.txt", "[fenrir.exports]\nurl = acme_web:url\n")
    data = json.loads(acme.run("plugins", "--json").stdout)
    found = {item["distribution"]: item["error"] for item in data["exports"] if item["name"] == "url"}
    end = " exports that name too. Give the entry point another name, or uninstall one of them."
    assert found == {"acme": f"other{end}", "other": f"acme{end}"}


# ---------------------------------------------------------------- commands of plugins


def test_help_lists_commands_of_plugins_and_imports_none_of_them(acme: Any) -> None:
    acme.write("helpers.py", "raise RuntimeError('imported')\n")
    done = acme.run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    _, _, commands = done.stdout.partition("Commands of plugins:\n")
    assert {"broken Migrations (acme)", "db Migrations (acme)"} <= {
        " ".join(line.split()) for line in commands.split("\n")
    }


def test_a_command_of_an_entry_point_is_run(acme: Any) -> None:
    assert acme.run("db", "shop").stdout == "migrated shop\n"


def test_fenrir_cli_commands_adds_a_command_that_is_run(acme: Any) -> None:
    assert acme.run("tidy").stdout == "tidied\n"


def test_a_command_that_can_not_be_imported_says_why(acme: Any) -> None:
    done = acme.run("broken")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The command 'broken' can't be used: nowhere:command: ModuleNotFoundError")


def test_a_plugin_can_not_take_the_place_of_a_built_in_command(acme: Any) -> None:
    assert "Serve APP until SIGTERM" in acme.run("run", "--help").stdout


def test_of_two_commands_with_one_name_the_users_own_counts(acme: Any, tmp_path: Any) -> None:
    # a plugin that precedes it by name, in another directory
    other = tmp_path / "elsewhere"
    (other / "aaa-1.dist-info").mkdir(parents=True)
    (other / "aaa-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: aaa\nVersion: 1\n")
    (other / "aaa-1.dist-info" / "entry_points.txt").write_text("[fenrir.commands]\ndb = theirs:db\n")
    (other / "theirs.py").write_text("def db():\n    print('theirs')\n")
    assert acme.run("db", "shop", PYTHONPATH=str(other)).stdout == "migrated shop\n"
    acme.write("acme-1.dist-info/entry_points.txt", "")
    assert acme.run("db", PYTHONPATH=str(other)).stdout == "theirs\n"


def test_commands_of_plugins_can_be_switched_off(acme: Any) -> None:
    done = acme.run("db", "shop", FENRIR_PLUGINS="-db")
    assert (done.returncode, "There is no command 'db'" in done.stderr) == (2, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(project: Any, shell: str) -> None:
    assert "_FENRIR_COMPLETE" in project.run("completion", shell).stdout


def test_commands_are_completed(project: Any) -> None:
    # as the script does
    done = subprocess.run(
        [sys.executable, "-c", "from fenrir_cli.main import main; main()"],
        cwd=str(project.directory),
        env=project.environment(_FENRIR_COMPLETE="bash_complete", COMP_WORDS="fenrir ro", COMP_CWORD="1"),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=40,
    )
    assert done.stdout == "plain,routes\n"
