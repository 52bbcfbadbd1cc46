"""Applications of real ASGI frameworks under `app.mount`: paths, URLs, lifespan and state, streams, WebSockets."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from tests.asgi import Exchange, Server, Socket, run
from tests.hybrid.real_mounts import MAKERS

from fenrir import Fenrir

#: The frameworks' own, which are none of ours.
pytestmark = pytest.mark.filterwarnings("default")


def mounted(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        legacy, log = MAKERS[name][0]()
    app = Fenrir()
    app.mount("/old", legacy)

    @app.post("/old/hello")
    async def ours() -> str:
        return "ours"

    return app, log


@pytest.fixture(autouse=True)
def server_that_tells_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some applications wait for the end of the client after their response, so the server tells it."""
    monkeypatch.setattr(Exchange, "tells_the_end", True)


@pytest.mark.parametrize("name", MAKERS)
def test_a_real_application_knows_where_it_is_mounted_and_what_its_lifespan_left(name: str) -> None:
    app, log = mounted(name)

    async def scenario() -> Any:
        server = Server(app)
        assert (await server.startup())["type"] == "lifespan.startup.complete"
        answer = await server.ask("GET", "/old/hello", headers={"host": "testserver"})
        moved = await server.ask("POST", "/old/hello")
        await server.shutdown()
        return answer, moved

    answer, moved = run(scenario())
    assert (answer.status, moved.text) == (200, "ours")
    told = json.loads(answer.text)
    assert told["root"] == "/old"
    assert told["url"] in ("http://testserver/old/hello", None)
    assert told.get("state", {"from": "lifespan"}) == {"from": "lifespan"}
    if "lifespan" not in MAKERS[name][1]:
        assert log == ["started", "stopped"]


@pytest.mark.parametrize("name", [name for name in MAKERS if "stream" not in MAKERS[name][1]])
def test_the_stream_of_a_real_application_ends_when_its_client_leaves(name: str) -> None:
    if name == "django":
        pytest.importorskip("django", minversion="5.0", reason="Django heeds the end of a client from 5.0 on")
    app, log = mounted(name)

    async def scenario() -> None:
        server = Server(app)
        await server.startup()
        client = Exchange(app, path="/old/stream", headers={"host": "testserver"}, scope={"state": dict(server.state)})
        client.feed()
        client.start()
        await client.until(lambda: any(message.get("body") for message in client.sent))
        client.leave()
        await client.finish()
        await server.shutdown()

    run(scenario())
    assert "stream closed" in log


@pytest.mark.parametrize("name", [name for name in MAKERS if "talk" not in MAKERS[name][1]])
def test_a_websocket_reaches_a_real_application(name: str) -> None:
    app, _ = mounted(name)

    async def scenario() -> Any:
        server = Server(app)
        await server.startup()
        client = Socket(app, "/old/talk", subprotocols=["chat"], headers={"host": "testserver"})
        client.scope["state"] = dict(server.state)
        client.say("hello")
        await client.finish()
        await server.shutdown()
        return client

    client = run(scenario())
    assert client.sent[0]["subprotocol"] == "chat"
    assert client.heard == ["hello"]
    assert client.close_code == 4000
