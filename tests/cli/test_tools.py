"""`fenrir new`, `fenrir bench` and `fenrir shell`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from fenrir_core import __version__

LIFE = """\
from contextlib import asynccontextmanager
from pathlib import Path

from fenrir_core import App, Request


@asynccontextmanager
async def life(app):
    app.state.ready = "ready"
    yield
    Path("stopped").write_text("")


app = App(paradigms=[], lifespan=life)
calls = []


@app.get("/")
async def home():
    calls.append(1)
    return app.state.ready


@app.post("/echo")
async def echo(request: Request):
    return {"body": (await request.body()).decode(), "header": request.headers["x-one"]}
"""


@pytest.fixture
def site(project: Any) -> Any:
    """Return the project that `fenrir new my_website` makes."""
    done = project.run("new", "my_website")
    assert (done.returncode, done.stderr) == (0, "")
    project.directory = project.directory / "my_website"
    return project


def test_the_commands_that_new_prints_work(project: Any, serve: Any) -> None:
    out = project.run("new", "my_website").stdout
    assert "  cd my_website\n  fenrir run app:app --port 8088 --dev\n" in out
    project.directory = project.directory / "my_website"
    server = serve("app:app", "--dev")
    assert "<h1>My Website</h1>" in server.get()
    assert server.get("/static/style.css").startswith(":root")
    assert "swagger" in server.get("/docs")


def test_the_tests_of_a_new_project_pass(site: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=str(site.directory),
        env=site.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout


def test_every_placeholder_of_a_new_project_is_filled(site: Any) -> None:
    for path in site.directory.rglob("*"):
        if path.is_file() and path.suffix != ".whl":
            assert not re.search(r"\$[a-z]", path.read_text(encoding="utf-8")), path
    assert (
        f"./wheels/fenrir_framework-{__version__}-py3-none-any.whl" in (site.directory / "requirements.txt").read_text()
    )


def test_new_overwrites_nothing(project: Any) -> None:
    project.write("taken/notes.txt", "mine")
    done = project.run("new", "taken")
    assert (done.returncode, done.stderr) == (2, "Error: taken is there already; nothing was written.\n")
    assert os.listdir(str(project.directory / "taken")) == ["notes.txt"]


@pytest.mark.parametrize("name", ["../out", "1st", "", "ümlaut"])
def test_new_refuses_a_name_that_will_not_do(project: Any, name: str) -> None:
    done = project.run("new", name)
    assert done.returncode == 2
    assert "is no name for a project" in done.stderr


def test_bench_counts_and_times_requests(project: Any) -> None:
    project.write("app.py", LIFE)
    done = project.run("bench", "app:app", "-i", "30", "-p", "/", "--json")
    (result,) = json.loads(done.stdout)["results"]
    assert (done.returncode, result["requests"], result["statuses"]) == (0, 30, {"200": 30})
    assert 0 < result["p50"] <= result["p90"] <= result["p99"] <= result["max"]
    assert result["per_second"] > 0


def test_bench_prints_a_table(project: Any) -> None:
    out = project.run("bench", "app:app", "-i", "5", "-c", "2").stdout
    for heading in ("Requests/s", "Mean ms", "p50", "p90", "p99", "200: 5"):
        assert heading in out


def test_bench_runs_start_up_and_shutdown(project: Any) -> None:
    project.write("app.py", LIFE)
    assert project.run("bench", "-i", "1").returncode == 0
    assert (project.directory / "stopped").exists()


def test_bench_sends_method_headers_and_body(project: Any) -> None:
    project.write("app.py", LIFE)
    project.write("body.txt", "hello")
    done = project.run("bench", "-i", "2", "-p", "/echo", "-m", "post", "-H", "X-One: 1", "-d", "@body.txt")
    assert (done.returncode, "POST /echo" in done.stdout) == (0, True)


def test_bench_does_not_call_errors_throughput(project: Any) -> None:
    done = project.run("bench", "app:app", "-i", "5", "-p", "/nowhere")
    assert (done.returncode, done.stderr) == (1, "Error: That is no throughput: GET /nowhere answered 404: 5.\n")


def test_shell_runs_what_comes_through_a_pipe_with_the_app_started(project: Any) -> None:
    project.write("app.py", LIFE)
    done = project.run("shell", "app:app", stdin='print(client.get("/").text, len(calls), app is not None)\n')
    assert (done.returncode, done.stdout.strip()) == (0, "ready 1 True")
    assert (project.directory / "stopped").exists()
