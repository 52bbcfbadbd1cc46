"""Aliases on the command line: an app that imports another framework's name is served by Fenrir."""

from __future__ import annotations

import json
from typing import Any

import pytest

APP = """\
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    return Flask.__module__.partition(".")[0]
"""


@pytest.fixture
def unchanged(project: Any) -> Any:
    """Return a directory with an app that is written for Flask."""
    project.write("app.py", APP)
    return project


@pytest.mark.parametrize("workers", ["1", "2"])
def test_run_serves_an_unchanged_app(unchanged: Any, serve: Any, workers: str) -> None:
    assert serve("app:app", "--as", "flask", "--workers", workers).get() == "fenrir_flask"


def test_run_tells_an_unknown_alias(unchanged: Any) -> None:
    done = unchanged.run("run", "app:app", "--as", "flsk", "--port", "0")
    assert done.returncode == 2
    assert "There is no alias 'flsk'. Did you mean flask?" in done.stderr


def test_every_command_reads_the_environment_variable(unchanged: Any) -> None:
    done = unchanged.run("routes", "app:app", FENRIR_AS="flask")
    assert (done.returncode, done.stderr) == (0, "")
    assert "app.home" in done.stdout


def test_info_lists_the_aliases_and_which_are_in_use(unchanged: Any) -> None:
    found = json.loads(unchanged.run("info", "app:app", "--json", FENRIR_AS="flask").stdout)["aliases"]
    assert {item["name"]: item["active"] for item in found if item["name"] in ("flask", "fastapi")} == {
        "fastapi": False,
        "flask": True,
    }
    assert "(in use: fenrir_flask)" in " ".join(unchanged.run("info", "app:app", FENRIR_AS="flask").stdout.split())
