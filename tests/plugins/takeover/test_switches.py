"""Switches: their form, shares of clients, files and Redis that change while the app runs, signed tokens."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict

import pytest
from tests.asgi import PATIENCE, Server, run
from tests.plugins.takeover.legacy_apps import ask, sides, taken, until

from fenrir_takeover import Switches, WrongSwitches, sign
from fenrir_takeover.switches import loads

SECRET = "0123456789abcdef"
ITEM = ("GET", "/items/1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[]", "no object"),
        ("{}", "no object"),
        ('{"routes": {}, "rules": {}}', "no object"),
        ('{"routes": {"items": "new"}}', "no path"),
        ('{"routes": {"get /items": "new"}}', "no path"),
        ('{"routes": {"/items": "old"}}', "the value 'old'"),
        ('{"routes": {"/items": {}}}', "the value {}"),
        ('{"routes": {"/items": {"share": 5}}}', "the value"),
        ('{"routes": {"/items": {"new": 101}}}', "no percentage"),
        ('{"routes": {"/items": {"new": NaN}}}', "no percentage"),
        ('{"routes": {"/items": {"shadow": true}}}', "no percentage"),
    ],
)
def test_switches_that_mean_nothing_are_refused(text: str, message: str) -> None:
    with pytest.raises(WrongSwitches, match=message):
        loads(text)


def test_the_most_specific_switch_counts() -> None:
    switches = Switches({"*": "legacy", "/a/{x}": {"new": 5}, "GET /a/{y}": {"new": 10}, "POST *": {"new": 20}})
    cases = {("GET", "/a/<int:id>"): 10, ("PUT", "/a/{id}"): 5, ("POST", "/b"): 20, ("GET", "/b"): 0}
    assert {case: switches.rule(*case).new for case in cases} == cases


def from_clients(count: int) -> Any:
    """Return a request of each of some clients."""
    return [(*ITEM, {"scope": {"client": (f"10.0.0.{number}", 1)}}) for number in range(count)]


def test_a_share_is_of_clients_each_of_whom_stays_on_one_side() -> None:
    app, requests = taken(switches={"/items/{id}": {"new": 30}}), from_clients(200)
    first, again = sides(app, *requests), sides(app, *requests)
    assert first == again
    assert 35 < first.count("new") < 85


def test_a_client_of_a_small_share_keeps_its_side_when_the_share_grows() -> None:
    small, large = (sides(taken(switches={"/items/{id}": {"new": new}}), *from_clients(100)) for new in (30, 60))
    assert ("new", "legacy") not in set(zip(small, large))
    assert small.count("new") < large.count("new")


# ------------------------------------------------------------ while the app runs


def while_running(app: Any, scenario: Callable[[Callable[[str], Awaitable[None]]], Awaitable[None]]) -> None:
    """Run a scenario with `becomes(side)`, which waits until a side serves the item."""

    async def main() -> None:
        server = Server(app)
        await server.startup()

        async def becomes(side: str) -> None:
            async def wait() -> None:
                while json.loads((await server.ask(*ITEM)).body)["side"] != side:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)

            await asyncio.wait_for(wait(), PATIENCE)

        await scenario(becomes)
        await server.shutdown()

    run(main())


def write(path: Path, document: Any) -> None:
    new = path.with_suffix(".new")
    new.write_text(document if isinstance(document, str) else json.dumps({"routes": document}))
    os.replace(new, path)


def test_a_file_switches_while_the_app_runs_and_back_at_once(tmp_path: Path) -> None:
    path = tmp_path / "switches.json"
    write(path, {"GET /items/{id}": "legacy"})
    app = taken(takeover_file=str(path), takeover_interval=0.01)

    async def scenario(becomes: Any) -> None:
        await becomes("legacy")
        write(path, {"GET /items/{id}": "new"})
        await becomes("new")
        write(path, {"GET /items/{id}": {"new": 0}})
        await becomes("legacy")
        write(path, {})
        await becomes("new")

    while_running(app, scenario)


def test_a_broken_file_and_one_that_is_gone_leave_the_last_good_switches(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "switches.json"
    write(path, {"GET /items/{id}": "legacy"})
    app = taken(takeover_file=str(path), takeover_interval=0.01)

    async def scenario(becomes: Any) -> None:
        with caplog.at_level(logging.ERROR, "fenrir.takeover"):
            write(path, '{"routes": {"GET /items')
            await until(lambda: "stay as they were" in caplog.text)
        await becomes("legacy")
        path.unlink()
        await asyncio.sleep(0.05)  # some looks at nothing
        await becomes("legacy")
        write(path, {"GET /items/{id}": "new"})
        await becomes("new")

    while_running(app, scenario)
    assert caplog.text.count("stay as they were") == 1
    assert "stay as they were" in caplog.text
    assert str(path) in caplog.text


def test_a_file_that_is_wrong_at_the_start_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "switches.json"
    path.write_text("{")

    async def scenario() -> Any:
        return await Server(taken(takeover_file=str(path))).startup()

    message = run(scenario())
    assert message["type"] == "lifespan.startup.failed"
    assert "no JSON" in message["message"]


def test_a_file_that_is_not_there_yet_is_read_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "switches.json"

    async def scenario(becomes: Any) -> None:
        await becomes("new")
        write(path, {"*": "legacy"})
        await becomes("legacy")

    while_running(taken(takeover_file=str(path), takeover_interval=0.01), scenario)


def test_a_file_goes_before_the_switches_of_the_code(tmp_path: Path) -> None:
    path = tmp_path / "switches.json"
    write(path, {"/items/{id}": "new"})
    app = taken(switches={"/items/{id}": "legacy", "/orders": "legacy"}, takeover_file=str(path))
    assert sides(app, ITEM, ("POST", "/orders")) == ["new", "legacy"]


def test_a_switch_that_fits_no_route_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "fenrir.takeover"):
        ask(taken(switches={"/itmes/{id}": "legacy"}))
    assert "'/itmes/{}' fits no route" in caplog.text


# ------------------------------------------------------------ signed choices


@pytest.mark.parametrize("carrier", ["x-takeover", "cookie"])
def test_a_signed_token_chooses_the_side_of_one_client(carrier: str) -> None:
    token = sign("legacy", SECRET)
    headers = {carrier: token if carrier != "cookie" else f"takeover={token}"}
    app = taken(takeover_secret=SECRET)
    assert sides(app, ITEM, (*ITEM, {"headers": headers})) == ["new", "legacy"]


def forged() -> Dict[str, str]:
    side, expires, signature = sign("legacy", SECRET).split(".")
    return {
        "plain": "legacy",
        "unsigned": f"legacy.{expires}.",
        "another side": f"{sign('new', SECRET).replace('new', 'legacy')}",
        "another time": f"{side}.{int(expires) + 1}.{signature}",
        "another secret": sign("legacy", SECRET[::-1]),
        "too old": sign("legacy", SECRET, lifetime=-1),
        "beyond ASCII": f"legacy.{expires}.\xe9",
    }


@pytest.mark.parametrize("kind", forged())
def test_a_token_that_is_forged_or_too_old_chooses_nothing(kind: str) -> None:
    app = taken(takeover_secret=SECRET)
    assert sides(app, (*ITEM, {"headers": {"x-takeover": forged()[kind]}})) == ["new"]


def test_without_a_secret_no_token_chooses_anything() -> None:
    assert sides(taken(), (*ITEM, {"headers": {"x-takeover": sign("legacy", SECRET)}})) == ["new"]


def test_a_token_counts_without_guards_too() -> None:
    app = taken(guards=False, takeover_secret=SECRET)
    assert sides(app, (*ITEM, {"headers": {"x-takeover": sign("legacy", SECRET)}})) == ["legacy"]
