"""How the command line finds an app."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator

import click
import pytest
from click.testing import CliRunner

from fenrir_flask import Flask
from fenrir_flask.cli import (
    NoAppException,
    ScriptInfo,
    find_app_by_string,
    find_best_app,
    load_dotenv,
    locate_app,
    prepare_import,
)


@pytest.fixture(autouse=True)
def restore(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave `sys.path`, the modules and the environment as they were."""
    modules, environment = set(sys.modules), dict(os.environ)
    monkeypatch.setattr(sys, "path", sys.path[:])
    for name in ("FLASK_APP", "FLASK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    yield
    for name in set(sys.modules) - modules:
        if name.startswith("found_"):
            del sys.modules[name]
    os.environ.clear()
    os.environ.update(environment)


def module(**names: Any) -> ModuleType:
    found = ModuleType("found")
    vars(found).update(names)
    return found


def create_app(name: str = "made", *, debug: bool = False) -> Flask:
    app = Flask(name)
    app.config["MADE_DEBUG"] = debug
    return app


def needs_argument(name: str) -> Flask:
    return Flask(name)


def fails() -> Flask:
    raise TypeError("of the factory itself")


@pytest.mark.parametrize("name", ["app", "application", "other"])
def test_the_app_of_a_module_is_found(name: str) -> None:
    app = Flask("x")
    assert find_best_app(module(**{name: app})) is app


@pytest.mark.parametrize("name", ["create_app", "make_app"])
def test_a_factory_is_called(name: str) -> None:
    assert find_best_app(module(**{name: create_app})).import_name == "made"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({}, "no Flask application or factory"),
        ({"a": Flask("a"), "b": Flask("b")}, "several Flask applications"),
        ({"create_app": needs_argument}, "can't be called without arguments"),
    ],
)
def test_a_module_without_one_app_is_told(names: Any, message: str) -> None:
    with pytest.raises(NoAppException, match=message):
        find_best_app(module(**names))


def test_an_error_inside_a_factory_is_raised_as_it_is() -> None:
    with pytest.raises(TypeError, match="of the factory itself"):
        find_best_app(module(create_app=fails))


def test_an_expression_names_an_app_or_calls_a_factory() -> None:
    app = Flask("x")
    found = module(app=app, create_app=create_app)
    assert find_app_by_string(found, "app") is app
    assert find_app_by_string(found, "create_app").import_name == "made"
    made = find_app_by_string(found, ' create_app("it", debug=True) ')
    assert (made.import_name, made.config["MADE_DEBUG"]) == ("it", True)


@pytest.mark.parametrize(
    "text", ["missing", "no_app", "app.x", "create_app(", "create_app(x)", "create_app(1, 2, 3)", "1"]
)
def test_another_expression_is_refused(text: str) -> None:
    with pytest.raises(NoAppException):
        find_app_by_string(module(app=Flask("x"), no_app=1, create_app=create_app), text)


def test_a_file_in_a_package_has_a_dotted_name_and_its_root_is_on_the_path(tmp_path: Path) -> None:
    inner = tmp_path / "found_a" / "b"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    assert prepare_import(str(inner / "c.py")) == "found_a.b.c"
    assert prepare_import(str(inner / "__init__.py")) == "found_a.b"
    assert prepare_import(str(tmp_path / "d.py")) == "d"
    assert sys.path[0] == os.path.realpath(str(tmp_path))


def test_a_module_is_imported_and_its_errors_are_told(tmp_path: Path) -> None:
    sys.path.insert(0, str(tmp_path))
    (tmp_path / "found_good.py").write_text("from fenrir_flask import Flask\nthe = Flask('the')\n")
    (tmp_path / "found_bad.py").write_text("import found_missing_too\n")
    assert getattr(locate_app("found_good", "the"), "import_name", None) == "the"
    with pytest.raises(NoAppException, match="raised an ImportError"):
        locate_app("found_bad", None)
    with pytest.raises(NoAppException, match="Could not import"):
        locate_app("found_nothing", None)
    assert locate_app("found_nothing", None, raise_if_not_found=False) is None


def test_the_app_is_loaded_once() -> None:
    info = ScriptInfo(create_app=create_app)
    assert info.load_app() is info.load_app()


@pytest.mark.parametrize("decides", [True, False])
def test_the_environment_decides_on_debug_mode_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, decides: bool
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")

    def create() -> Flask:
        app = Flask("x")
        app.debug = False
        return app

    assert ScriptInfo(create_app=create, set_debug_flag=decides).load_app().debug is decides


def test_files_with_usual_names_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoAppException, match="--app"):
        ScriptInfo().load_app()
    monkeypatch.delitem(sys.modules, "wsgi", raising=False)
    (tmp_path / "wsgi.py").write_text("from fenrir_flask import Flask\napp = Flask('usual')\n")
    assert ScriptInfo().load_app().import_name == "usual"
    sys.modules.pop("wsgi", None)


def test_variables_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dotenv")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("FOUND_A=env\nFOUND_B=env\n")
    (tmp_path / ".flaskenv").write_text("FOUND_B=flaskenv\nFOUND_C=flaskenv\n")
    (tmp_path / "own").write_text("FOUND_A=own\nFOUND_D=own\n")
    monkeypatch.setenv("FOUND_D", "set")
    assert load_dotenv(tmp_path / "own") is True
    assert [os.environ[f"FOUND_{name}"] for name in "ABCD"] == ["own", "env", "flaskenv", "set"]
    (tmp_path / ".env").unlink()
    (tmp_path / ".flaskenv").unlink()
    assert load_dotenv(tmp_path / "missing") is False


def test_a_command_outside_of_a_group_can_ask_for_the_app() -> None:
    @click.command()
    @click.pass_context
    def show(ctx: click.Context) -> None:
        click.echo(ctx.ensure_object(ScriptInfo).load_app().import_name)

    result = CliRunner().invoke(show, obj=ScriptInfo(create_app=create_app))
    assert (result.output, result.exit_code) == ("made\n", 0)
