"""Switches: their form, shares of clients, files and Redis that change while the app runs, signed tokens."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict

import pytest
from tests.asgi import PATIENCE, Server, Socket, run
from tests.plugins.takeover.legacy_apps import ask, sides, taken, until

from fenrir_core import BuildError, Response, WebSocket
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


# ------------------------------------------------------------ what a client is known by

#: Half of the clients; enough of them that both sides have some.
HALF = {"/items/{id}": {"new": 50}}
CLIENTS = range(40)
PROXY = {"takeover_client": "header X-User", "takeover_proxies": "10.0.0.0/8, 203.0.113.9"}


def proxied(user: int, address: str = "203.0.113.9") -> Any:
    return (*ITEM, {"headers": {"x-user": str(user)}, "scope": {"client": (address, 1)}})


def test_a_trusted_proxy_says_who_a_client_is() -> None:
    app = taken(switches=HALF, **PROXY)
    found = sides(app, *[proxied(user) for user in CLIENTS])
    assert set(found) == {"new", "legacy"}
    assert sides(app, *[proxied(user, "10.1.2.3") for user in CLIENTS]) == found


def test_a_header_of_anybody_else_says_nothing() -> None:
    app = taken(switches=HALF, **PROXY)
    assert len(set(sides(app, *[proxied(user, "192.0.2.1") for user in CLIENTS]))) == 1


def cookies(answer: Any) -> Dict[str, str]:
    cookie = answer.headers.get("set-cookie", "").partition(";")[0]
    return {"cookie": cookie} if cookie else {}


@pytest.mark.parametrize("guards", [True, False])
def test_a_client_keeps_its_side_by_a_signed_cookie_whatever_its_address(guards: bool) -> None:
    app = taken(switches=HALF, guards=guards, takeover_client="cookie", takeover_secret=SECRET)
    first = ask(app, *[ITEM for _ in CLIENTS])
    found = [json.loads(answer.body)["side"] for answer in first]
    assert set(found) == {"new", "legacy"}
    assert all("HttpOnly" in answer.headers["set-cookie"] for answer in first)
    assert {len(answer.headers.getlist("set-cookie")) for answer in first} == {1}
    elsewhere = {"scope": {"client": ("192.0.2.1", 1)}}
    again = ask(app, *[(*ITEM, {"headers": cookies(answer), **elsewhere}) for answer in first])
    assert [json.loads(answer.body)["side"] for answer in again] == found
    assert not any("set-cookie" in answer.headers for answer in again)


def test_a_cookie_that_was_not_signed_names_nobody() -> None:
    app = taken(switches=HALF, takeover_client="cookie", takeover_secret=SECRET)
    (answer,) = ask(app, (*ITEM, {"headers": {"cookie": "takeover_client=me.0000"}}))
    assert cookies(answer)


def test_no_cookie_is_set_where_no_share_is_moved() -> None:
    app = taken(switches={"/items/{id}": "legacy"}, takeover_client="cookie", takeover_secret=SECRET)
    assert not any(cookies(answer) for answer in ask(app, ITEM, ("POST", "/orders"), ("GET", "/x")))


def test_a_trusted_proxy_chooses_a_side() -> None:
    app = taken(takeover_proxies=["203.0.113.9"])
    there = {"headers": {"x-takeover": "legacy"}}
    found = sides(app, (*ITEM, there), (*ITEM, {**there, "scope": {"client": ("192.0.2.1", 1)}}))
    assert found == ["legacy", "new"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"takeover_client": "cookie"}, "needs takeover_secret"),
        ({"takeover_client": "header X-User"}, "needs takeover_proxies"),
        ({"takeover_client": "header"}, "header X-Name"),
        ({"takeover_proxies": "everybody"}, "takeover_proxies"),
    ],
)
def test_settings_that_would_let_a_client_choose_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        taken(**settings).build()


# ------------------------------------------------------------ WebSockets


async def asgi_talk(scope: Any, receive: Any, send: Any) -> None:
    """Say which side it is, and close, as an ASGI application of WebSockets."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": f"legacy {scope['path']}"})
    await send({"type": "websocket.close", "code": 4000})


def talk(app: Any, path: str = "/rooms/7", **options: Any) -> Any:
    return talk_often(app, 1, path, **options)[0]


def talk_often(app: Any, times: int, path: str = "/rooms/7", **options: Any) -> Any:
    async def ours(room: str, websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"new {room}")
        await websocket.close(4001)

    app.websocket("/rooms/{room}")(ours)

    async def scenario() -> Any:
        sockets = [Socket(app, path, **options) for _ in range(times)]
        for socket in sockets:
            await socket.finish()
        return sockets

    return run(scenario())


@pytest.mark.parametrize("guards", [True, False])
@pytest.mark.parametrize("key", ["/rooms/{id}", "WEBSOCKET /rooms/{id}", "WEBSOCKET *"])
def test_a_websocket_is_switched_by_its_route(key: str, guards: bool) -> None:
    old = talk(taken(asgi_talk, interface="asgi", guards=guards, switches={key: "legacy"}))
    assert (old.heard, old.close_code) == (["legacy /rooms/7"], 4000)
    new = talk(taken(asgi_talk, interface="asgi", guards=guards, switches={key: {"new": 100}}))
    assert (new.heard, new.close_code) == (["new 7"], 4001)


def test_a_token_chooses_the_side_of_a_websocket() -> None:
    app = taken(asgi_talk, interface="asgi", takeover_secret=SECRET)
    assert talk(app, headers={"x-takeover": sign("legacy", SECRET)}).heard == ["legacy /rooms/7"]


def test_a_websocket_that_the_legacy_application_leaves_open_is_closed_and_not_served_by_ours() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()

    socket = talk(taken(silent, interface="asgi", switches={"*": "legacy"}))
    assert (socket.heard, socket.close_code == 4001) == ([], False)


def test_a_websocket_without_the_cookie_of_its_client_stays_on_one_side() -> None:
    settings: Any = {"takeover_client": "cookie", "takeover_secret": SECRET}
    app = taken(asgi_talk, interface="asgi", switches={"*": {"new": 50}}, **settings)
    assert len({tuple(socket.heard) for socket in talk_often(app, 20)}) == 1


@pytest.mark.parametrize("guards", [True, False])
def test_a_websocket_stays_ours_where_the_legacy_application_is_wsgi(guards: bool) -> None:
    assert talk(taken(guards=guards, switches={"*": "legacy"})).heard == ["new 7"]


def test_a_guard_precedes_the_switch_of_a_websocket() -> None:
    app = taken(asgi_talk, interface="asgi", switches={"*": "legacy"})

    @app.on_request
    async def refuse(request: Any) -> Any:
        return Response("no", 403)

    socket = talk(app)
    assert (socket.heard, socket.close_code == 4000) == ([], False)
