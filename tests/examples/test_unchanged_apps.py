"""The examples that are written for Flask, FastAPI, Falcon, Sanic and Bottle, run unchanged on Fenrir by the alias.

The checks of the first four also pass on the real frameworks: in an environment that has one of them and pytest, run
them without the option, `python -m pytest tests/examples/unchanged/flask_checks.py`. The requests to those of Bottle
are sent to both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = Path(__file__).resolve().parent / "unchanged"


#: The files with checks, and what they need besides.
FILES = {
    "flask": (["flask", "flask_tutorial", "flask_blog"], "werkzeug"),
    "fastapi": (["fastapi"], "httpx"),
    "falcon": (["falcon"], "fenrir_falcon"),
    "sanic": (["sanic"], "httpx"),
}


@pytest.mark.parametrize("name", list(FILES))
def test_unchanged_applications_pass_their_checks_under_the_alias(name: str) -> None:
    files, needs = FILES[name]
    pytest.importorskip(needs)
    checks = [str(CHECKS / f"{file}_checks.py") for file in files]
    alias = ["-p", "fenrir_core.testing.alias", "--fenrir-alias", name]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *alias, *checks],
        cwd=str(ROOT),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"fenrir: {name} by alias" in done.stdout and " passed" in done.stdout


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Dict[str, List[Any]]]:
    """What the apps of Bottle answer: on Bottle, and on Fenrir through WSGI and ASGI."""
    pytest.importorskip("bottle", minversion="0.13")
    place = tmp_path_factory.mktemp("bottle")
    running = {}
    for how in ("bottle", "wsgi", "asgi"):
        command = [sys.executable, "-m", "tests.examples.unchanged.bottle_requests", how]
        environment = {**os.environ, "TODO_DATABASE": str(place / f"{how}.db"), "PYTHONIOENCODING": "utf-8"}
        running[how] = subprocess.Popen(
            command, cwd=str(ROOT), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )
    found = {}
    for how, process in running.items():
        output, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors
        found[how] = json.loads(output)
    return found


@pytest.mark.parametrize("through", ["wsgi", "asgi"])
@pytest.mark.parametrize("site", ["todo", "shelf"])
def test_an_app_of_bottle_answers_as_on_bottle(
    answers: Dict[str, Dict[str, List[Any]]], site: str, through: str
) -> None:
    assert len(answers["bottle"][site]) >= 10
    assert answers[through][site] == answers["bottle"][site]


EXAMPLES = [
    "unchanged_flask",
    "flask_tutorial",
    "flask_blog",
    "unchanged_fastapi",
    "unchanged_falcon",
    "unchanged_sanic",
]


@pytest.mark.parametrize("name", [*EXAMPLES, "unchanged_bottle"])
def test_the_sources_name_no_package_of_ours(name: str) -> None:
    sources = list((ROOT / "examples" / name).rglob("*.py"))
    assert sources and not [file.name for file in sources if "import fenrir" in file.read_text("utf-8")]
    assert not [file.name for file in sources if "from fenrir" in file.read_text("utf-8")]
