"""The report: hits, errors and latency of both sides, as page, JSON and command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
from click.testing import CliRunner
from tests.asgi import Server, run
from tests.plugins.takeover.legacy_apps import ask, legacy, taken

from fenrir_core import HTTPError, Request
from fenrir_takeover.commands import takeover as command
from fenrir_takeover.metrics import BOUNDS, Counter

flask = pytest.importorskip("flask")
JSON = {"headers": {"accept": "application/json"}}


def everybody() -> bool:
    return True


def rows(report: Dict[str, Any]) -> Dict[str, List[int]]:
    """Return new hits, legacy hits, new errors, legacy errors, by method and template."""
    return {
        f"{row['method']} {row['template']}": [
            row["new"]["hits"], row["legacy"]["hits"], row["new"]["errors"], row["legacy"]["errors"],
        ]
        for row in report["routes"]
    }  # fmt: skip


def shop() -> Any:
    app = flask.Flask("shop")

    @app.get("/pages/<name>")
    def page(name: str) -> str:
        return name

    @app.post("/broken")
    def broken() -> str:
        raise RuntimeError("a page that fails")

    return app


def test_both_sides_are_counted_by_template_and_a_switched_route_is_one_line() -> None:
    app = taken(shop(), switches={"POST /orders": "legacy"}, report_path="/report", report_guard=everybody)

    @app.get("/fails")
    async def fails() -> Any:
        raise HTTPError(503)

    requests = [("GET", f"/items/{number}") for number in range(3)]
    requests += [("GET", "/pages/a"), ("GET", "/pages/b"), ("POST", "/broken"), ("POST", "/orders"), ("GET", "/none/x")]
    *_, answer = ask(app, *requests, ("GET", "/fails"), ("GET", "/report", JSON))
    assert rows(json.loads(answer.body)) == {
        "GET /items/{item_id}": [3, 0, 0, 0],
        "GET /pages/{name}": [0, 2, 0, 0],
        "POST /broken": [0, 1, 0, 1],
        "POST /orders": [0, 1, 0, 0],
        "GET /*": [0, 1, 0, 0],
        "GET /fails": [1, 0, 1, 0],
    }


def test_a_report_tells_the_share_and_the_latency() -> None:
    app = taken(switches={"/items/{id}": {"new": 50}}, report_path="/report", report_guard=everybody)
    requests = [("GET", "/items/1", {"scope": {"client": (f"10.0.0.{number}", 1)}}) for number in range(40)]
    *_, answer = ask(app, *requests, ("GET", "/report", JSON))
    (row,) = json.loads(answer.body)["routes"]
    assert row["new"]["hits"] + row["legacy"]["hits"] == 40
    assert row["new_percent"] == round(100 * row["new"]["hits"] / 40, 1)
    assert 0 < row["legacy"]["mean_ms"] <= row["legacy"]["slowest_ms"]
    assert row["legacy"]["p95_ms"] <= row["legacy"]["slowest_ms"]


def test_percentiles_are_of_classes() -> None:
    counter = Counter()
    for milliseconds in (0.5, 1.5, 1.5, 4.0, 9000.0):
        counter.add(milliseconds, False)
    assert [counter.percentile(share) for share in (0.2, 0.6, 0.8, 1.0)] == [*BOUNDS[:3], 9000.0]


def test_the_page_shows_the_routes_escaped() -> None:
    app = taken(shop(), report_path="/report", report_guard=everybody)
    _, page = ask(app, ("<B>", "/pages/x"), ("GET", "/report", {"headers": {"accept": "text/html"}}))
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "&lt;B&gt;" in page.text
    assert "<B>" not in page.text


def test_the_page_asks_its_guard_which_takes_what_an_endpoint_takes() -> None:
    async def guard(request: Request) -> bool:
        if request.headers.get("x-role") == "nobody":
            raise HTTPError(404)
        return request.headers.get("x-role") == "admin"

    app = taken(report_path="/report", report_guard=guard)
    given = [{"headers": {"x-role": role}} for role in ("guest", "nobody", "admin")]
    assert [answer.status for answer in ask(app, *[("GET", "/report", one) for one in given])] == [403, 404, 200]


def test_there_is_no_page_unless_it_is_asked_for() -> None:
    (answer,) = ask(taken(), ("GET", "/report"))
    assert json.loads(answer.body)["side"] == "legacy"


# ------------------------------------------------------------ the command


def served(directory: Path) -> None:
    app = taken(shop(), takeover_report=str(directory))
    ask(app, ("GET", "/items/1"), ("GET", "/pages/a"))


def test_the_command_prints_what_all_processes_have_written(tmp_path: Path) -> None:
    served(tmp_path)
    (first,) = tmp_path.glob("*.json")
    (tmp_path / "another-process.json").write_bytes(first.read_bytes())
    printed = CliRunner().invoke(command, ["report", str(tmp_path), "--json"])
    found = rows(json.loads(printed.output))
    assert found == {"GET /items/{item_id}": [2, 0, 0, 0], "GET /pages/{name}": [0, 2, 0, 0]}
    table = CliRunner().invoke(command, ["report"], env={"FENRIR_TAKEOVER_REPORT": str(tmp_path)}).output
    assert "GET /items/{item_id}" in table
    assert "new %" in table


def test_the_report_of_a_running_app_is_written_again_and_again(tmp_path: Path) -> None:
    from tests.plugins.takeover.legacy_apps import until

    async def scenario() -> None:
        server = Server(taken(legacy, takeover_report=str(tmp_path), takeover_interval=0.01))
        await server.startup()
        await server.ask("GET", "/items/1")
        await until(lambda: any("items" in path.read_text() for path in tmp_path.glob("*.json")))
        await server.shutdown()

    run(scenario())
    assert list(tmp_path.glob("*.tmp")) == []


def test_the_command_says_where_reports_come_from(tmp_path: Path) -> None:
    printed = CliRunner().invoke(command, ["report", str(tmp_path / "none")])
    assert printed.exit_code == 1
    assert "takeover_report" in printed.output


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["new"], "new"),
        (["legacy"], "legacy"),
        (["10"], {"new": 10.0}),
        (["legacy", "--shadow", "5"], {"new": 0.0, "shadow": 5.0}),
    ],
)
def test_the_command_sets_a_switch_and_keeps_the_others(tmp_path: Path, arguments: List[str], value: Any) -> None:
    file = tmp_path / "switches.json"
    file.write_text('{"routes": {"/other": "legacy"}}')
    printed = CliRunner().invoke(command, ["switch", str(file), "GET /items/{id}", *arguments])
    assert printed.exit_code == 0, printed.output
    assert json.loads(file.read_text()) == {"routes": {"/other": "legacy", "GET /items/{id}": value}}


@pytest.mark.parametrize("arguments", [["items", "new"], ["/items", "old"], ["/items", "200"]])
def test_the_command_refuses_a_switch_that_means_nothing_and_leaves_the_file(
    tmp_path: Path, arguments: List[str]
) -> None:
    file = tmp_path / "switches.json"
    file.write_text('{"routes": {}}')
    assert CliRunner().invoke(command, ["switch", str(file), *arguments]).exit_code == 1
    assert file.read_text() == '{"routes": {}}'


def test_the_command_signs_a_token() -> None:
    secret = "0123456789abcdef"
    token = CliRunner().invoke(command, ["sign", "legacy", "--secret", secret]).output.strip()
    (answer,) = ask(taken(takeover_secret=secret), ("GET", "/items/1", {"headers": {"x-takeover": token}}))
    assert json.loads(answer.body)["side"] == "legacy"
