"""Hostile requests with expected answers, in process and on each server.

What a client sends never makes a 500 that the app's author did not ask for, never begins a line of a log, and never
gets more than it may. The expectations come from RFC 9110, 6265, 6266, 7578, 8259 and 8288, from what the documentation
promises, and from what the frameworks answer.
"""

from __future__ import annotations

import io
import logging
import shutil
from typing import Any, Dict, Iterator, List

import pytest
from tests.security.table import bodies_in, values_in, values_out
from tests.security.table.app import PREFIXES, app
from tests.security.table.cases import LOG_MARK, Case
from tests.security.table.sites import ROOT
from tests.security.table.transports import InProcess, OnServer
from tests.server.conftest import CLEAN, RunningServer, missing

MAKERS = {**values_in.AREAS, **bodies_in.AREAS, **values_out.AREAS}
AREAS: Dict[str, List[Case]] = {name: make() for name, make in MAKERS.items()}
#: Of areas that servers have no part in, every so many cases are sent to servers.
STEPS = {
    "headers": 13, "encoding": 7, "json": 9, "typed": 17, "authorization": 11, "cookies": 7, "forms": 7, "errors": 5,
    "injection": 7, "traversal": 5, "conditions": 5, "ranges": 5, "sessions": 7,
}  # fmt: skip
#: What must not be in a log as it was sent.
CONTROLS = {"\r", "\x1b", "\x85", "\u2028", "\x9b"}


def wrong_answers(transport: Any, cases: List[Case], on_server: bool = False) -> List[str]:
    """Send cases; return what is wrong with the answers."""
    tags: Dict[bytes, str] = {}
    found = []
    for case in cases:
        if any(value == "ETAG" or "ETAG" in str(value) for _, value in case.headers):
            if case.target not in tags:
                tags[case.target] = transport.send(case._replace(headers=())).header("etag")
            tag = tags[case.target]
            case = case._replace(headers=[(name, str(value).replace("ETAG", tag)) for name, value in case.headers])
        problem = case.wrong(transport.send(case), on_server)
        if problem:
            found.append(problem)
    return found


def forged_lines(log: str) -> List[str]:
    """Return the lines of a log that a client wrote."""
    return [line for line in log.split("\n") if line.startswith(LOG_MARK[:10]) or CONTROLS.intersection(line)]


def test_the_table_is_large() -> None:
    assert sum(map(len, AREAS.values())) > 500
    names = [case.area + case.name for cases in AREAS.values() for case in cases]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def process() -> Iterator[InProcess]:
    """Return the app, started."""
    transport = InProcess(app)
    yield transport
    transport.close()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what all loggers write."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("where", PREFIXES)
@pytest.mark.parametrize("area", AREAS)
def test_hostile_requests_in_process(area: str, where: str, process: InProcess, log: io.StringIO) -> None:
    cases = [case for case in AREAS[area] if case.name.split()[1] == where]
    assert wrong_answers(process, cases) == []
    assert forged_lines(log.getvalue()) == []


class Started(RunningServer):
    """A server that `fenrir run` has started; nothing waits for it yet."""

    def command(self, app: str) -> List[str]:
        """Return how it is started."""
        return ["fenrir_cli", "run", app, "--server", self.kind, "--port", str(self.port)]


SERVERS = ("hypercorn", "uvicorn", "granian")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dict[str, Started]]:
    """Return the servers, all started at once, because most of their start is imports."""
    folder = tmp_path_factory.mktemp("servers")
    app = "tests.security.table.app:app"
    started = {kind: Started(kind, folder / kind, app, HOSTILE_ROOT=str(ROOT)) for kind in SERVERS if not missing(kind)}
    yield started
    for server in started.values():
        server.stop()


@pytest.mark.once
@pytest.mark.parametrize("kind", SERVERS)
def test_hostile_requests_on_a_server(kind: str, servers: Dict[str, Started]) -> None:
    if kind not in servers:
        pytest.skip(missing(kind))
    server = servers[kind]
    server.wait_until_ready(40)
    transport = OnServer(server.port)
    cases = [case for area, found in AREAS.items() for case in found[:: STEPS.get(area, 1)]]
    assert wrong_answers(transport, cases, on_server=True) == []
    transport.close()
    assert server.stop() in CLEAN, server.log
    assert forged_lines(server.log) == []


@pytest.fixture(scope="module", autouse=True)
def _folder() -> Iterator[None]:
    yield
    shutil.rmtree(ROOT, ignore_errors=True)
