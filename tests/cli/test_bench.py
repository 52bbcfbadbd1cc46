"""`fenrir bench`: the histogram, and comparing with an earlier run."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest

pytestmark = pytest.mark.once


@pytest.fixture
def stored(project: Any) -> Dict[str, Any]:
    """Return what `bench --json` measured, also stored as before.json."""
    done = project.run("bench", "app:app", "-i", "20", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    project.write("before.json", done.stdout)
    return dict(json.loads(done.stdout))


def test_the_histogram_counts_every_request_by_growing_bounds(stored: Any) -> None:
    (result,) = stored["results"]
    bounds = [bound for bound, _ in result["histogram"]]
    assert sum(count for _, count in result["histogram"]) == 20
    assert bounds == sorted(bounds)
    assert bounds[-1] >= result["max"]


def test_the_histogram_is_drawn_unless_unwanted(project: Any) -> None:
    out = project.run("bench", "app:app", "-i", "5").stdout
    assert "GET /: requests by time\n" in out
    assert "########" in out
    assert "requests by time" in project.run("bench", "app:app", "-i", "5", "--histogram").stdout
    assert "requests by time" not in project.run("bench", "app:app", "-i", "5", "--no-histogram").stdout


def test_a_run_is_compared_with_a_stored_one(project: Any, stored: Any) -> None:
    stored["results"][0]["per_second"] = 1.0
    project.write("before.json", json.dumps(stored))
    done = project.run("bench", "app:app", "-i", "20", "--json", "--compare", "before.json")
    first = json.loads(done.stdout)["compared"][0]
    assert (first["request"], first["figure"], first["before"]) == ("GET /", "per_second", 1.0)
    assert first["percent"] > 0


def test_a_run_that_is_slower_than_allowed_fails(project: Any, stored: Any) -> None:
    stored["results"][0]["per_second"] = 1e9
    project.write("before.json", json.dumps(stored))
    done = project.run("bench", "app:app", "-i", "5", "--compare", "before.json", "--fail-below", "50")
    assert done.returncode == 1
    assert "Compared with before.json (more is better):\n" in done.stdout
    assert done.stderr.startswith("Error: Slower than before: GET / by ")


def test_what_has_nothing_in_common_is_not_compared(project: Any, stored: Any) -> None:
    out = project.run("bench", "app:app", "-i", "5", "-p", "/?x=1", "--compare", "before.json").stdout
    assert "Nothing to compare: before.json has no request of this method and path.\n" in out


def test_a_file_of_another_kind_is_not_compared_with(project: Any) -> None:
    done = project.run("bench", "app:app", "--compare", "app.py")
    assert (done.returncode, done.stderr) == (2, "Error: app.py was not written by fenrir bench --json.\n")


def test_a_terminal_gets_a_progress_bar_and_a_pipe_does_not(project: Any, terminal: Any) -> None:
    assert project.run("bench", "app:app", "-i", "5").stderr == ""
    shown = terminal("bench", "app:app", "-i", "5", "-p", "/", "-p", "/?b")
    assert shown.end() == 0
    assert "10/10" in shown.text
