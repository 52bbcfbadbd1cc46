"""WebSocket handlers end with their client, whatever the handler looks like, and leave nothing behind."""

from __future__ import annotations

import socket
import time
from typing import Any, Callable

import httpx
import pytest
from websockets.sync.client import connect

PATHS = (
    *("/hybrid/echo", "/hybrid/until", "/hybrid/raw", "/hybrid/push", "/hybrid/depends"),
    *("/router/texts", "/router/anything", "/router/echo", "/fastapi/texts", "/fastapi/anything", "/fastapi/raw"),
    *("/falcon/echo", "/falcon/push", "/sanic/echo", "/sanic/push", "/flask/echo", "/bottle/echo", "/kernel/echo"),
    "/asgi/echo",
)


@pytest.fixture(scope="module")
def sockets(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.server.conftest import RunningServer

    running = RunningServer(kind, tmp_path_factory.mktemp(kind) / "log", "tests.server.sockets:app")
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def tasks(server: Any) -> int:
    # a kept connection would be a task of some servers
    answer = httpx.get(server.url + "/tasks", headers={"connection": "close"}, trust_env=False)
    return int(answer.json())


def close(client: Any) -> None:
    client.close()


def vanish(client: Any) -> None:
    client.socket.shutdown(socket.SHUT_RDWR)
    client.socket.close()


@pytest.mark.parametrize("leave", [close, vanish])
@pytest.mark.parametrize("path", PATHS)
def test_a_handler_ends_within_a_second_of_its_client(sockets: Any, path: str, leave: Callable[[Any], None]) -> None:
    before, log = tasks(sockets), len(sockets.log)
    for _ in range(3):
        with connect(sockets.ws_url + path, open_timeout=10, close_timeout=2) as client:
            client.send("tick")
            assert client.recv(timeout=10) == "tick"
            leave(client)
    deadline = time.monotonic() + 1
    while tasks(sockets) > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert tasks(sockets) <= before, sockets.log
    assert "Traceback" not in sockets.log[log:]
