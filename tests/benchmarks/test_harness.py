"""The harness itself: it checks answers, pairs batches, and says why something is missing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from benchmarks import handwritten, report
from benchmarks.cases import CORE, Answer, Case, WrongAnswer, chosen
from benchmarks.contestants import Contestant
from benchmarks.drive import ASGIDriver
from benchmarks.measure import Effort, measure

TEXT = CORE[0]
BRIEF = Effort(rounds=2, seconds=0.0005)


@pytest.mark.parametrize("case", CORE, ids=lambda case: case.name)
def test_the_hand_written_app_answers_each_case(case: Case) -> None:
    case.check(asyncio.run(ASGIDriver(handwritten.make(case), case).answer()))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, {"content-type": "text/plain"}, b"Hello, world"),
        Answer(200, {"content-type": "application/json"}, b"Hello, world"),
        Answer(200, {"content-type": "text/plain", "content-length": "3"}, b"Hello, world"),
        Answer(200, {"content-type": "text/plain"}, b"Hello, moon"),
    ],
    ids=["status", "media type", "length", "body"],
)
def test_a_wrong_answer_is_refused(answer: Answer) -> None:
    with pytest.raises(WrongAnswer):
        TEXT.check(answer)


def test_a_contestant_that_answers_wrongly_is_not_timed_but_told() -> None:
    wrong = Contestant("wrong", lambda case: handwritten.json_)
    figures = asyncio.run(measure(TEXT, [wrong], BRIEF))
    assert [(figure.contestant, figure.ratio is None) for figure in figures] == [
        ("hand-written", False),
        ("wrong", True),
    ]
    assert "WrongAnswer" in report.reasons(figures, {})[0]


def test_a_contestant_gets_a_ratio_to_the_hand_written_app() -> None:
    same = Contestant("same", handwritten.make)
    figures = asyncio.run(measure(TEXT, [same], BRIEF))
    assert "same" in report.draw(report.cells(figures))
    assert all(figure.ratio for figure in figures)


def test_an_unknown_case_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="no case 'txt'"):
        chosen(CORE, ["txt"])


def test_an_app_that_fails_to_start_is_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    figures = asyncio.run(measure(TEXT, [Contestant("broken", lambda case: app)], BRIEF))
    assert "no database" in figures[1].why_not
