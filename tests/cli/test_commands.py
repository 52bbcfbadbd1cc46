"""What several commands have in common: factories, completion, a light start."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import Any

import pytest

MADE = """\
import logging

from fenrir import Fenrir


def make():
    app = Fenrir(title="Made")

    @app.get("/")
    async def home():
        return "made"

    return app
"""
TALKATIVE = """\
import logging

from fenrir_core import App

logging.getLogger("shop").info("opens")
logging.getLogger("shop").warning("nearly empty")
app = App(paradigms=[])
"""


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("routes",), "made.make.home"),
        (("why", "GET", "/"), "made.make.home"),
        (("info",), "made:make"),
        (("shell", "-c", "app"), "<fenrir"),
        (("bench", "-i", "2", "-w", "1"), "200: 2"),
        (("openapi",), '"title": "Made"'),
        (("settings", "--changed"), "'Made'"),
        (("plugins",), "added routes 1"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_command_takes_a_factory(project: Any, words: Any, shown: str) -> None:
    project.write("made.py", MADE)
    at = 3 if words[0] == "why" else 1
    done = project.run(*words[:at], "made:make", "--factory", *words[at:])
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


def test_run_logs_from_the_level_on_that_it_is_told(project: Any, serve: Any) -> None:
    project.write("app.py", TALKATIVE)
    server = serve("app:app", "--log-level", "warning")
    assert "nearly empty" in server.output
    assert "opens" not in server.output


# ---------------------------------------------------------------- start

HEAVY = (
    "fenrir_bottle",
    "fenrir_core",
    "fenrir_falcon",
    "fenrir_fastapi",
    "fenrir_flask",
    "fenrir_sanic",
    "httpx",
    "hypercorn",
    "jinja2",
    "pluggy",
    "pydantic",
    "rich",
    "uvicorn",
    "watchfiles",
)


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["routes", "--help"], ["completion", "bash"]], ids=" ".join
)
def test_help_imports_no_plugin_and_nothing_heavy(project: Any, words: Any) -> None:
    script = (
        "import sys\n"
        "from fenrir_cli.main import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules], len(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=str(project.directory),
        env=project.environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=40,
    )
    heavy, _, count = done.stderr.strip().rpartition(" ")
    assert heavy == "[]"
    # what click and the metadata of distributions need: a measure of start-up time that does not depend on the machine
    assert int(count) < 250


# ---------------------------------------------------------------- completion


@pytest.fixture
def bash(project: Any, terminal: Any) -> Any:
    """Return an interactive bash with `fenrir` on its path and the completion in place."""
    script = project.write("bin/fenrir", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m fenrir_cli "$@"\n')
    script.chmod(0o755)
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    shown = terminal(command=["bash", "--norc", "--noprofile", "-i"], PATH=path, PS1="ready> ", columns=200)
    shown.until("ready> ")
    shown.type('eval "$(fenrir completion bash)" && echo "in" "place"\n')
    shown.until("in place")
    return shown


def test_bash_completes_a_command_an_app_and_an_option(bash: Any) -> None:
    bash.type("fenrir rout\t")
    bash.until("fenrir routes ")
    bash.type("ap\t")
    bash.until("fenrir routes app:app ")
    bash.type("--js\t")
    bash.until("fenrir routes app:app --json ")
    bash.type("\n")
    bash.until('"handler": "app.home"')


def test_bash_completes_what_an_option_may_be(bash: Any) -> None:
    bash.type("fenrir new site --paradigm fal\t")
    bash.until("--paradigm falcon ")


def test_apps_are_found_for_completion_without_an_import(project: Any) -> None:
    project.write("shop/__init__.py", "raise RuntimeError('imported')\n")
    project.write("shop/web.py", "import fenrir_flask\nsite: object = fenrir_flask.Flask(__name__)\n")
    project.write("shop/made.py", "def create_app():\n    pass\n")
    done = subprocess.run(
        project.command(),
        cwd=str(project.directory),
        env=project.environment(_FENRIR_COMPLETE="bash_complete", COMP_WORDS="fenrir info shop", COMP_CWORD="2"),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=40,
    )
    assert done.stdout.splitlines() == ["plain,shop.made:create_app()", "plain,shop.web:site"]
    assert "Traceback" not in done.stderr
