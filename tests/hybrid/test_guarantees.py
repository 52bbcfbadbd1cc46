"""Each cell of the table of guarantees, with three requests at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List

import pytest
from tests.asgi import Answer, Exchange, Socket, ask, run
from tests.hybrid.guarantees import COLUMNS, NOTES, ROWS, Fault, Probe, Row, answer_fault, as_markdown

from fenrir import Depends, Fenrir, current_app, g, request, session

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guarantees.md"
IDS = ("1", "2", "3")
CELLS = [
    pytest.param(row, column, id=f"{row.name}: {column}")
    for row in ROWS
    for column in COLUMNS
    if not NOTES.get((row.name, column), "").startswith("no:")
]


class Cell:
    """A driver of one site, which keeps what its probe saw by the id of the request."""

    def __init__(self, row: Row, probe: Callable[[Cell, Any], Any], default: Any = None) -> None:
        self.row, self.seen = row, {}  # type: ignore[var-annotated]
        self.app = Fenrir(secret_key="for the tests alone")
        self._probe = probe
        answer_fault(self.app)

        @self.app.get("/login")
        async def login() -> str:
            session["user"] = request.args["id"]
            return "ok"

        row.site(self.app, self.probe, default)

    def probe(self, value: Any) -> Any:
        if request.path == "/site":
            self._probe(self, value)
        return ""

    async def one(self, identity: str) -> Any:
        login = await ask(self.app, "GET", "/login", query=f"id={identity}")
        cookie = login.headers["set-cookie"].split(";")[0]
        options: Dict[str, Any] = {"query": f"id={identity}", "headers": {"cookie": cookie}}
        if not self.row.is_websocket:
            exchange = Exchange(self.app, "GET", "/site", **options)
            exchange.feed()
            return await exchange.finish()
        socket = Socket(self.app, "/site", **options)
        answer = await socket.finish()
        return answer if answer.status else socket

    async def _all(self) -> List[Any]:
        async with self.app.lifespan():
            return [*await asyncio.gather(*(self.one(identity) for identity in IDS))]

    def drive(self) -> List[Any]:
        """Send three requests at a time, and return their responses."""
        return run(self._all())


def served(answer: Any) -> bool:
    return answer.heard == ["ok"] if isinstance(answer, Socket) else answer.status == 200 and answer.error is None


def check_all(cell: Cell) -> None:
    answers = cell.drive()
    assert [served(answer) for answer in answers] == [True, True, True]
    assert cell.seen == {identity: identity for identity in IDS}


def _request(cell: Cell, value: Any) -> None:
    assert request.path == "/site"
    cell.seen[request.args["id"]] = request.args["id"]


def _g(cell: Cell, value: Any) -> None:
    assert g.get("mark") is None
    g.mark = request.args["id"]
    cell.seen[request.args["id"]] = g.mark


def _session(cell: Cell, value: Any) -> None:
    cell.seen[request.args["id"]] = session["user"]


def _current_app(cell: Cell, value: Any) -> None:
    assert current_app.state is cell.app.state
    cell.seen[request.args["id"]] = request.args["id"]


def _depends(cell: Cell, value: Any) -> None:
    cell.seen[request.args["id"]] = value[0] if isinstance(value, tuple) else value


async def identify() -> str:
    return request.args["id"]


PROBES: Dict[str, Probe] = {"request": _request, "g": _g, "session": _session, "current_app": _current_app}


@pytest.mark.parametrize(("row", "column"), CELLS)
def test_a_cell_of_the_table(row: Row, column: str) -> None:
    if column == "Depends":
        check_all(Cell(row, _depends, Depends(identify)))
    elif column == "errors":
        check_errors(row)
    elif column == "clean-up":
        check_clean_up(row)
    else:
        check_all(Cell(row, PROBES[column]))


def check_errors(row: Row) -> None:
    def fail(cell: Cell, value: Any) -> None:
        raise Fault

    answers: List[Answer] = Cell(row, fail).drive()
    assert [answer.status for answer in answers] == [418, 418, 418]


def check_clean_up(row: Row) -> None:
    log: List[str] = []

    async def resource() -> AsyncIterator[str]:
        path = request.path  # the log-in may pass this point, too
        log.extend(["open"] if path == "/site" else [])
        yield "it"
        log.extend(["close"] if path == "/site" else [])

    def note(cell: Cell, value: Any) -> None:
        log.append("probe")

    cell = Cell(row, note, Depends(resource))

    async def main() -> None:
        async with cell.app.lifespan():
            sending = await cell.one("1")
            last = sending.sent if isinstance(sending, Socket) else sending.complete
            assert last

    run(main())
    assert log == ["open", "probe", "close"]


def test_the_page_prints_this_table() -> None:
    assert as_markdown() in PAGE.read_text(encoding="utf-8")


def test_each_note_belongs_to_a_cell() -> None:
    assert set(NOTES) <= {(row.name, column) for row in ROWS for column in COLUMNS}
