"""What is told: multiples of Fenrir's cost, growth, instructions, tables."""

from __future__ import annotations

import asyncio
from typing import Any, List

from benchmarks import callgrind, footprint, report, sockets
from benchmarks.cases import CORE
from benchmarks.drive import ASGIDriver
from benchmarks.handwritten import text
from benchmarks.measure import Figure


def figures_of(**ratios: float) -> List[Figure]:
    names = {name.replace("__", "."): ratio for name, ratio in ratios.items()}
    return [Figure("text", name, 1.0, ratio) for name, ratio in names.items()]


def test_a_peers_cost_is_told_in_multiples_of_fenrirs() -> None:
    lines = report.relative(figures_of(fenrir=2.0, starlette=9.0))
    assert lines == [["", "text", "least", "mean"], ["starlette / fenrir", "4.50", "4.50", "4.50"]]


def test_a_peer_with_a_paradigm_is_compared_with_that_app_class_too() -> None:
    lines = report.relative(figures_of(fenrir=2.0, fenrir_fastapi__FastAPI=3.0, fastapi=60.0))
    assert [line[:2] for line in lines[1:]] == [
        ["fastapi / fenrir", "30"],
        ["fastapi / fenrir_fastapi.FastAPI", "20"],
    ]


def test_a_peer_without_a_figure_has_no_multiple() -> None:
    lines = report.relative([*figures_of(fenrir=2.0), Figure("text", "muffin", why_not="WrongAnswer")])
    assert len(lines) == 1


def test_a_command_is_compared_with_the_servers_own_round_by_round() -> None:
    own, run = sockets.Served("own", "", "fenrir", ()), sockets.Served("run", "", "fenrir", (), own="own")
    found = {
        "own": sockets.Seen([100.0, 50.0, 200.0], [1.0, 2.0, 3.0], [30.0, 31.0, 32.0]),
        "run": sockets.Seen([90.0, 50.0, 190.0], [2.0, 2.0, 4.0], [33.0, 33.0, 33.0]),
    }
    assert sockets.lines_of(found, [own, run])[1:] == [
        ["own", "100", "2.0", "31", ""],
        ["run", "90", "2.0", "33", "0.95"],
    ]


def test_a_table_can_be_drawn_as_markdown() -> None:
    drawn = report.draw([["", "text"], ["fenrir", "1.50"]], markdown=True)
    assert drawn == "|  | text |\n| --- | ---: |\n| fenrir | 1.50 |"


def test_an_app_that_keeps_something_of_each_request_shows_growth() -> None:
    kept: List[Any] = []

    async def leaks(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            kept.append(scope)
            await text(scope, receive, send)

    blocks, _ = asyncio.run(footprint.growth(ASGIDriver(leaks, CORE[0]), requests=2_000, warm_up=1_000))
    assert blocks >= 2_000


def test_an_app_that_keeps_nothing_shows_none() -> None:
    blocks, _ = asyncio.run(footprint.growth(ASGIDriver(text, CORE[0]), requests=2_000, warm_up=2_000))
    assert blocks < 200


def test_each_import_is_timed_in_a_process_of_its_own() -> None:
    found = footprint.imports(processes=1)
    assert found.keys() == footprint.IMPORTS.keys()
    assert all(clock > 0 for clock, _ in found.values())


def test_instructions_are_the_median_batch_without_the_idle_app() -> None:
    order = ["text\tfenrir"] * 3 + ["\t"]
    assert callgrind.by_request(order, [1_100, 1_300, 1_200, 200]) == {"text": {"fenrir": (10.0, 2.0)}}


def test_each_batch_under_callgrind_says_whose_it_is(capsys: Any) -> None:
    asyncio.run(callgrind.serve(["text"]))
    assert capsys.readouterr().out.splitlines() == ["text\thand-written"] * 3 + ["text\tfenrir"] * 3 + ["\t"] * 3
