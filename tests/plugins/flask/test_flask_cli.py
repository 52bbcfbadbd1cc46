"""The command line of Flask apps: groups, `routes`, `shell`, `run`, `python -m fenrir_flask` and `fenrir flask`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import click
import httpx
import pytest
from click.testing import CliRunner
from tests.plugins.flask.running import running, variables

from fenrir_flask import Blueprint, Flask, current_app
from fenrir_flask.cli import AppGroup, FlaskGroup, ScriptInfo, cli, with_appcontext
from fenrir_flask.views import MethodView

APP = """
import click

from fenrir_flask import Flask, g

app = Flask(__name__)


@app.route("/")
def index():
    return f"hello, debug {app.debug}"


@app.cli.command()
@click.argument("name")
def greet(name):
    g.name = name
    click.echo(f"hello {g.name} of {app.name}")


@app.shell_context_processor
def names():
    return {"number": 42}
"""


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Leave the environment as it was."""
    before = dict(os.environ)
    os.environ.pop("FLASK_DEBUG", None)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def app() -> Flask:
    app = Flask("an_app", static_folder=None)
    app.add_url_rule("/b", "b", str, methods=["POST", "GET"])
    app.add_url_rule("/a/<int:x>", "a", str)
    return app


def run(app: Flask, *words: str, **options: Any) -> Any:
    group = FlaskGroup(create_app=lambda: app)
    return CliRunner().invoke(group, list(words), prog_name="flask", catch_exceptions=False, **options)


def lines(app: Flask, *words: str) -> List[str]:
    output: str = run(app, *words).output
    return output.splitlines()


def test_the_routes_are_listed(app: Flask) -> None:
    assert lines(app, "routes") == [
        "Endpoint  Methods    Rule",
        "--------  ---------  ----------",
        "a         GET        /a/<int:x>",
        "b         GET, POST  /b",
    ]
    assert lines(app, "routes", "--sort", "match")[2].startswith("b ")
    assert "GET, HEAD, OPTIONS, POST" in run(app, "routes", "--all-methods").output
    assert run(Flask("x", static_folder=None), "routes").output == "No routes were registered.\n"


def test_routes_of_subdomains_are_listed_with_them() -> None:
    app = Flask("x", static_folder=None, subdomain_matching=True)
    app.add_url_rule("/", "api", str, subdomain="api")
    assert lines(app, "routes")[0].split() == ["Endpoint", "Methods", "Subdomain", "Rule"]


def test_commands_of_apps_and_groups_have_the_context(app: Flask) -> None:
    group = AppGroup("tools")

    @group.command("name")
    def name() -> None:
        click.echo(current_app.name)

    @group.group("deep")
    def deep() -> None:
        """Have commands below."""

    @deep.command
    def name_too() -> None:
        click.echo(current_app.name)

    @click.command()
    @with_appcontext
    def lone() -> None:
        click.echo(current_app.name)

    app.cli.add_command(group)
    app.cli.add_command(lone)
    words = [["tools", "name"], ["tools", "deep", "name-too"], ["lone"]]
    assert [run(app, *item).output for item in words] == ["an_app\n"] * 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["shop", "count"]),
        ({"cli_group": "other"}, ["other", "count"]),
        ({"cli_group": None}, ["count"]),
    ],
)
def test_commands_of_blueprints_have_a_group(app: Flask, options: Dict[str, Optional[str]], words: List[str]) -> None:
    blueprint = Blueprint("shop", __name__, **options)

    @blueprint.cli.command("count")
    def count() -> None:
        click.echo("3")

    app.register_blueprint(blueprint)
    assert run(app, *words).output == "3\n"


def test_the_help_lists_all_commands(app: Flask) -> None:
    @app.cli.command()
    def own() -> None:
        """Do something."""

    text = run(app, "--help").output
    assert [
        word for word in ("own", "routes", "run", "shell", "--app", "--debug", "--env-file") if word not in text
    ] == []


def test_an_app_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    result = runner.invoke(cli, ["--app", "nowhere_at_all", "routes"])
    assert result.exit_code == 2 and "nowhere_at_all" in result.output
    result = runner.invoke(cli, ["nothing"])
    assert result.exit_code == 2 and "--app" in result.output and "No such command" in result.output
    assert "Flask 3" in runner.invoke(cli, ["--version"]).output


@pytest.mark.parametrize(("words", "expected"), [(["--debug"], True), (["--no-debug"], False), ([], False)])
def test_debug_mode_is_an_option(words: List[str], expected: bool) -> None:
    app = Flask("x")
    seen: List[bool] = []

    @app.cli.command()
    def show() -> None:
        seen.append(current_app.debug)

    run(app, *words, "show")
    assert seen == [expected]


def test_an_env_file_is_read_before_the_app_is_loaded(tmp_path: Path) -> None:
    pytest.importorskip("dotenv")
    (tmp_path / "own.env").write_text("FOUND_IN_FILE=yes\n")

    def create_app() -> Flask:
        app = Flask("x")
        value = os.environ.get("FOUND_IN_FILE")
        app.cli.command("show")(lambda: click.echo(value))
        return app

    group = FlaskGroup(create_app=create_app)
    assert CliRunner().invoke(group, ["-e", str(tmp_path / "own.env"), "show"]).output == "yes\n"


def test_the_shell_knows_the_app(app: Flask) -> None:
    app.shell_context_processor(lambda: {"number": 42})
    result = run(app, "shell", input="print(app.name, number)\n")
    assert "an_app 42" in result.output


def test_a_script_of_ones_own_uses_the_group() -> None:
    @click.group(cls=FlaskGroup, create_app=lambda: Flask("own"), add_default_commands=False)
    def script() -> None:
        """Look after the app."""

    @script.command()
    @click.pass_obj
    def show(info: ScriptInfo) -> None:
        click.echo(f"{info.load_app().name} {current_app.name}")

    assert CliRunner().invoke(script, ["show"]).output == "own own\n"
    assert CliRunner().invoke(script, ["run"]).exit_code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--key", __file__], '"--cert" must also be specified'),
        (["--cert", __file__], 'Required when using "--cert"'),
        (["--cert", "no_such_file"], "does not exist"),
    ],
)
def test_a_certificate_needs_both_files(app: Flask, words: List[str], message: str) -> None:
    result = run(app, "run", *words)
    assert result.exit_code == 2 and message in result.output


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("project")
    (place / "hello.py").write_text(APP)
    return place


@pytest.mark.parametrize(
    "program", [["fenrir_flask"], ["fenrir_cli", "flask"], ["fenrir_core.alias", "flask", "--", "-m", "flask"]]
)
def test_commands_run_through_each_program(project: Path, program: List[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *program, "--app", "hello", "greet", "ada"],
        cwd=str(project),
        env=variables(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.returncode) == ("hello ada of hello\n", 0), done.stderr


def test_run_serves_the_app(project: Path, free_port: int) -> None:
    pytest.importorskip("fenrir_cli")
    words = ["--app", "hello:app", "run", "--port", str(free_port), "--debug", "--no-reload"]
    url = f"http://127.0.0.1:{free_port}/"
    with running(["fenrir_flask", *words], url, project / "log"):
        text = httpx.get(url, trust_env=False).text
    assert text == "hello, debug True"
    assert "Serving Flask app 'hello:app'" in (project / "log").read_text()


def test_a_view_class_has_all_its_methods_in_the_list() -> None:
    class Item(MethodView):
        def get(self) -> str:
            return ""

        def put(self) -> str:
            return ""

    app = Flask("x", static_folder=None)
    app.add_url_rule("/", view_func=Item.as_view("item"))
    assert "item      GET, PUT  /" in lines(app, "routes")
