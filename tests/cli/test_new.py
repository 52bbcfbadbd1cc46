"""`fenrir new --paradigm` and `fenrir new --plugin`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fenrir_core import __version__

PARADIGMS = ("fastapi", "flask", "falcon", "sanic", "bottle")


def made(project: Any, *arguments: str) -> Path:
    done = project.run("new", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return Path(project.directory) / arguments[0]


def own_tests(project: Any, directory: Path) -> Any:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=str(directory),
        env=project.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )


TIDY = (
    ".dockerignore",
    ".env.example",
    ".gitignore",
    "Dockerfile",
    "README.md",
    "app.py",
    "pytest.ini",
    "requirements.txt",
    "static/greet.js",
    "static/icon.svg",
    "static/style.css",
    "templates/about.html",
    "templates/base.html",
    "templates/home.html",
    "tests/test_site.py",
    "website/__init__.py",
    "website/greetings.py",
    "website/pages.py",
    "website/settings.py",
)


@pytest.mark.once
@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_a_project_in_one_paradigm_is_tidy_and_its_tests_pass(project: Any, paradigm: str) -> None:
    directory = made(project, "my_site", "--paradigm", paradigm)
    files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    files = {file for file in files if not file.startswith("wheels/")}
    assert files - {"website/rendering.py"} == set(TIDY)
    assert not [file for file in files if re.search(r"\$[a-z]", (directory / file).read_text(encoding="utf-8"))]
    requirements = (directory / "requirements.txt").read_text(encoding="utf-8")
    assert (
        f"./wheels/fenrir_core-{__version__}-py3-none-any.whl[{','.join(sorted(['cli', paradigm]))}]\n" in requirements
    )
    done = own_tests(project, directory)
    assert done.returncode == 0, done.stdout


@pytest.mark.once
@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_a_project_in_one_paradigm_loads_no_other(project: Any, paradigm: str) -> None:
    project.directory = made(project, "my_site", "--paradigm", paradigm)
    data = json.loads(project.run("info", "app:app", "--json").stdout)
    assert [item["name"] for item in data["plugins"] if item["kind"] == "paradigm"] == [paradigm]


def test_the_settings_of_a_project_come_from_the_file_that_it_shows_an_example_of(project: Any, serve: Any) -> None:
    project.directory = made(project, "my_site", "--paradigm", "falcon")
    example = (project.directory / ".env.example").read_text(encoding="utf-8")
    (project.directory / ".env").write_text(example.replace('"My Site"', '"Ours"'), encoding="utf-8")
    server = serve("app:app", "--env-file", ".env")
    assert "<h1>Ours</h1>" in server.get()
    assert "paradigms: falcon " in server.output


def test_a_project_has_what_a_container_needs(project: Any) -> None:
    directory = made(project, "my_site")
    assert '"fenrir", "run", "app:app"' in (directory / "Dockerfile").read_text(encoding="utf-8")
    assert ".env\n" in (directory / ".dockerignore").read_text(encoding="utf-8")


def test_a_project_of_a_clone_names_the_wheels_of_all_parts_by_path_and_nothing_of_ours_by_name(project: Any) -> None:
    directory = made(project, "my_site")
    lines = (directory / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line.startswith("./wheels/fenrir_")]
    assert sorted(line[9:] for line in named if line.endswith(".whl")) == sorted(
        path.name for path in (directory / "wheels").iterdir()
    )
    parts = ("framework", "core", "cli", "wsgi", *PARADIGMS)
    assert {line[9:].split("-")[0] for line in named} == {f"fenrir_{part}" for part in parts}
    assert not [line for line in lines if line.startswith("fenrir")]
    assert "COPY requirements.txt .\nCOPY wheels wheels\nRUN pip" in (directory / "Dockerfile").read_text(
        encoding="utf-8"
    )


def test_the_same_sources_make_the_same_wheels(project: Any) -> None:
    first, second = (made(project, name, "--paradigm", "falcon") / "wheels" for name in ("one", "two"))
    assert {path.name: path.read_bytes() for path in first.iterdir()} == {
        path.name: path.read_bytes() for path in second.iterdir()
    }


def test_every_command_that_a_projects_readme_shows_is_one(project: Any) -> None:
    project.directory = made(project, "my_site")
    text = (project.directory / "README.md").read_text(encoding="utf-8")
    shown = [line.partition("#")[0].split() for line in re.findall(r"^    fenrir (.*)$", text, re.M)]
    assert [words[0] for words in shown] == ["run", "routes", "why"]
    for words in shown[1:]:
        assert project.run(*words).returncode == 0


TORNADO = {
    "acme-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme-tornado\nVersion: 1.2\n",
    "acme-1.2.dist-info/entry_points.txt": "[fenrir.templates]\ntornado = acme_tornado.project\n",
    "acme_tornado/__init__.py": "",
    "acme_tornado/project/__init__.py": "EXTENDS = ['fenrir_cli.project_templates.common']\nMANNER = 'in handlers'\n",
    "acme_tornado/project/app.py.tmpl": "# $title, $manner, of $package\n",
    "acme_tornado/project/package/dot-env.tmpl": "PRICE=$$5\n",
    "acme_tornado/project/requirements.txt.tmpl": "$requirements\n",
    "acme_tornado/project/pytest.ini.tmpl": "[pytest]\n",
}


@pytest.fixture
def tornado(project: Any) -> Any:
    """Install a distribution with a paradigm's template."""
    for name, text in TORNADO.items():
        project.write(name, text)
    return project


def test_a_paradigm_of_a_third_party_has_a_template(tornado: Any) -> None:
    directory = made(tornado, "my-site", "--paradigm", "tornado")
    assert (directory / "app.py").read_text(encoding="utf-8") == "# My Site, in handlers, of my_site\n"
    assert (directory / "my_site" / ".env").read_text(encoding="utf-8") == "PRICE=$5\n"
    assert (directory / "requirements.txt").read_text(encoding="utf-8").startswith("# Fenrir was not")
    assert "\nacme-tornado>=1.2\n" in (directory / "requirements.txt").read_text(encoding="utf-8")


def test_a_template_begins_with_the_files_of_those_that_it_extends(tornado: Any) -> None:
    directory = made(tornado, "my_site", "--paradigm", "tornado")
    assert (directory / "Dockerfile").is_file()
    assert (directory / "pytest.ini").read_text(encoding="utf-8") == "[pytest]\n"


def test_help_lists_the_installed_templates_and_imports_none(tornado: Any) -> None:
    tornado.write("acme_tornado/project/__init__.py", "raise RuntimeError('imported')\n")
    done = tornado.run("new", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "bottle, falcon, fastapi, flask, hybrid, sanic, tornado\n" in done.stdout


def test_an_unknown_template_is_an_error_with_the_near_name_and_all_that_there_are(tornado: Any) -> None:
    done = tornado.run("new", "my_site", "--paradigm", "tornada")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: There is no project template 'tornada'. Did you mean tornado? "
        "There are: bottle, falcon, fastapi, flask, hybrid, sanic, tornado.\n",
    )


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "acme-1.2.dist-info/entry_points.txt",
            "[fenrir.templates]\ntornado = acme_tornado.projekt\n",
            "The project template 'tornado' of acme-tornado 1.2 can't be used: importing acme_tornado.projekt failed: "
            "ModuleNotFoundError: No module named 'acme_tornado.projekt'\n  Correct its entry point",
        ),
        (
            "acme-1.2.dist-info/entry_points.txt",
            "[fenrir.templates]\ntornado = json.decoder\n",
            "The project template 'tornado' of acme-tornado 1.2 can't be used: json.decoder is no package.",
        ),
        (
            "acme-1.2.dist-info/entry_points.txt",
            "[fenrir.templates]\ntornado = json\n",
            "The project template 'tornado' of acme-tornado 1.2 can't be used: json has no file whose name ends with ",
        ),
        (
            "acme-1.2.dist-info/entry_points.txt",
            "[fenrir.templates]\nflask = acme_tornado.project\ntornado = acme_tornado.project\n",
            "Two distributions have a project template 'flask': ",
        ),
        ("acme_tornado/project/app.py.tmpl", "$titel\n", "there is no placeholder $titel; nothing was written.\n"),
    ],
)
def test_a_template_that_can_not_be_used_says_whose_it_is_and_why(
    tornado: Any, file: str, text: str, message: str
) -> None:
    tornado.write(file, text)
    done = tornado.run("new", "my_site", "--paradigm", "flask" if "'flask'" in message else "tornado")
    assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    assert not (tornado.directory / "my_site").exists()


@pytest.fixture
def plugin(project: Any) -> Path:
    """Return the directory that `fenrir new acme-timing --plugin` makes."""
    return made(project, "acme-timing", "--plugin")


def test_the_tests_of_a_new_plugin_pass(project: Any, plugin: Path) -> None:
    done = own_tests(project, plugin)
    assert done.returncode == 0, done.stdout
    assert "check_plugin(plugin, serve=True" in (plugin / "tests" / "test_plugin.py").read_text(encoding="utf-8")


def test_a_new_plugin_that_is_installed_is_loaded_by_every_app(project: Any, plugin: Path) -> None:
    declared = (plugin / "pyproject.toml").read_text(encoding="utf-8")
    entry = re.search(r'\[project.entry-points."fenrir.plugins"\]\n(\w+) = "([\w.]+)"\n', declared)
    assert entry is not None
    # as an installer writes it
    source = plugin / "src"
    (source / "acme_timing-0.1.0.dist-info").mkdir()
    for name, text in (
        ("METADATA", "Metadata-Version: 2.1\nName: acme-timing\nVersion: 0.1.0\n"),
        ("entry_points.txt", f"[fenrir.plugins]\n{entry.group(1)} = {entry.group(2)}\n"),
    ):
        (source / "acme_timing-0.1.0.dist-info" / name).write_text(text, encoding="utf-8")
    (source / "app.py").write_text((project.directory / "app.py").read_text(encoding="utf-8"), encoding="utf-8")
    project.directory = source
    data = json.loads(project.run("plugins", "app:app", "--json").stdout)
    (found,) = (item for item in data["plugins"] if item["name"] == "acme_timing")
    assert (found["state"], found["distribution"], found["added"]) == ("active", "acme-timing", {"route hooks": 1})


def test_every_placeholder_of_a_new_plugin_is_filled(plugin: Path) -> None:
    assert (plugin / "src" / "acme_timing" / "plugin.py").is_file()
    for path in plugin.rglob("*"):
        if path.is_file() and path.suffix != ".whl":
            assert not re.search(r"\$[a-z]", path.read_text(encoding="utf-8")), path


def test_a_plugin_of_a_clone_names_the_wheels_of_what_it_needs_by_path(plugin: Path) -> None:
    lines = (plugin / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = [line[9:] for line in lines if line.startswith("./wheels/")]
    assert {line for line in named if line.endswith(".whl")} == {path.name for path in (plugin / "wheels").iterdir()}
    assert {line.split("-")[0] for line in named} == {"fenrir_cli", "fenrir_core"}
    assert lines[-1] == "-e .[test]" and not [line for line in lines if line.startswith("fenrir")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("class", "--plugin"), "Error: 'class' is no name for a project: class is a part of Python.\n"),
        (("x", "--plugin", "--paradigm", "flask"), "Error: --plugin and --paradigm exclude each other"),
    ],
)
def test_new_refuses_what_can_not_work(project: Any, arguments: Any, message: str) -> None:
    done = project.run("new", *arguments)
    assert (done.returncode, done.stderr.startswith(message)) == (2, True)
