"""Who is measured: every app of Fenrir's answers rightly, and a peer that can't take part is told with the reason."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Tuple

import pytest
from benchmarks import elsewhere, environment, pure, socket_apps, sockets, websockets
from benchmarks.__main__ import main
from benchmarks.cases import CORE, Case, WrongAnswer
from benchmarks.contestants import Contestant
from benchmarks.drive import EchoDriver
from benchmarks.measure import Effort, measure

BRIEF = Effort(rounds=2, seconds=0.0005)
SMALL = tuple(case for case in CORE if not case.routes)


async def answered(contestant: Contestant, case: Case) -> None:
    async with contestant.driver(case) as driver:
        case.check(await driver.answer())


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
@pytest.mark.parametrize("name", pure.MAKERS)
def test_each_app_class_of_one_paradigm_answers_each_case(name: str, case: Case) -> None:
    pytest.importorskip(name.partition(".")[0])
    asyncio.run(answered(Contestant(name, pure.MAKERS[name]), case))


@pytest.mark.parametrize(
    "make", [lambda: websockets.hand, websockets.fenrir, websockets.MAKERS["fenrir_fastapi.FastAPI"]]
)
def test_messages_of_a_websocket_come_back(make: Any) -> None:
    asyncio.run(answered(Contestant("echo", lambda case: make()), websockets.CASE))


def test_a_connection_that_is_not_accepted_is_refused_as_an_answer() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    answer = asyncio.run(EchoDriver(app, websockets.CASE).answer())
    with pytest.raises(WrongAnswer, match="not accepted"):
        websockets.CASE.check(answer)


def test_an_echo_that_loses_a_message_is_refused() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": (await receive())["text"]})

    answer = asyncio.run(EchoDriver(app, websockets.CASE).answer())
    with pytest.raises(WrongAnswer, match="instead of"):
        websockets.CASE.check(answer)


def test_connections_are_timed_as_requests_are() -> None:
    hand = Contestant("hand-written", lambda case: websockets.hand)
    figures = asyncio.run(measure(websockets.CASE, [Contestant("same", lambda case: websockets.hand)], BRIEF, hand))
    assert all(figure.ratio for figure in figures)


@pytest.mark.parametrize("case", socket_apps.CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("name", ["hand", "fenrir"])
def test_the_apps_behind_servers_answer_each_case(name: str, case: Case) -> None:
    asyncio.run(answered(Contestant(name, lambda case: socket_apps.make(name)), case))


def test_a_server_that_is_measured_answers() -> None:
    (run,) = [one for one in sockets.CONTESTANTS if one.name == "fenrir run"]
    with sockets.serving(run) as server:
        socket_apps.CASES[0].check(server.first_answer(socket_apps.CASES[0]))
        assert server.cpu() > 0


def test_a_server_that_does_not_start_is_told() -> None:
    broken = sockets.Served("broken", "-c 1/0", "fenrir", ())
    with sockets.serving(broken) as server, pytest.raises(RuntimeError, match="did not start"):
        server.first_answer(socket_apps.CASES[0])


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is missing")
def test_all_cases_are_measured_in_one_run_of_the_servers(capfd: pytest.CaptureFixture[str]) -> None:
    broken = sockets.Served("broken", "-c 1/0", "fenrir", ())
    (run,) = [one for one in sockets.CONTESTANTS if one.name == "fenrir run"]
    found = sockets.compare(socket_apps.CASES[:2], [broken, run], rounds=1, seconds=1)
    measured = {case: {name: len(seen.rates) for name, seen in of_case.items()} for case, of_case in found.items()}
    assert measured == {"text": {"fenrir run": 1}, "json": {"fenrir run": 1}}
    assert "broken: text: not measured: the server did not start" in capfd.readouterr().err


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is missing")
def test_an_unknown_case_of_the_servers_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="no case 'txt'"):
        sockets.show(["txt"])


def test_a_peer_without_its_environment_is_told(tmp_path: Path) -> None:
    figures, version, why_not = elsewhere.ask("fenrir-framework", str(tmp_path), CORE[:1], BRIEF)
    assert (figures, version) == ([], "")
    assert "not installed" in why_not


def environment_of(tmp_path: Path, script: str) -> str:
    """Make a directory that passes for the peer's environment; its interpreter runs `script`."""
    if os.name == "nt":
        pytest.skip("needs an interpreter that is a script")
    python = environment.python_of(str(tmp_path))
    python.parent.mkdir()
    python.write_text(f"#!{sys.executable}\n{script}\n")
    python.chmod(0o755)
    (tmp_path / ".installed-fenrir-framework").touch()
    return str(tmp_path)


def asked(tmp_path: Path, script: str) -> Tuple[Any, str, str]:
    return elsewhere.ask("fenrir-framework", environment_of(tmp_path, script), CORE[:1], BRIEF)


def test_a_peer_whose_process_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    figures, _, why_not = asked(tmp_path, "raise SystemExit('no such module')")
    assert (figures, why_not) == ([], "its process failed: no such module")


def test_a_peers_figures_come_from_its_process(tmp_path: Path) -> None:
    script = (
        """print('noise')\nprint('{"version": "4", "figures": [{"case": "text", "contestant": "it", "ratio": 2.0}]}')"""
    )
    figures, version, why_not = asked(tmp_path, script)
    assert (figures[0].contestant, figures[0].ratio, version, why_not) == ("it", 2.0, "4", "")


def test_an_unknown_peer_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="no peer 'nobody'"):
        main(["--peers", "nobody"])


@pytest.mark.parametrize("plugin", environment.PLUGINS)
def test_what_a_measured_plugin_requires_of_fenrir_is_installed_from_this_tree(plugin: str) -> None:
    project = Path(environment.__file__).parent.parent / "plugins" / f"fenrir_{plugin}" / "pyproject.toml"
    # the extras of its tests come after, in tables of their own
    dependencies = project.read_text(encoding="utf-8").partition("\ndependencies = [")[2].partition("\n]")[0]
    required = set(re.findall(r'"fenrir-(\w+)', dependencies))
    assert required
    assert required <= {"core", *environment.PLUGINS}
