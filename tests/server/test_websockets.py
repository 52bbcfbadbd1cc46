"""WebSockets over real servers, with a real client."""

from __future__ import annotations

from typing import Any, cast

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol


def open_socket(server: Any, path: str, **options: Any) -> Any:
    return connect(server.ws_url + path, open_timeout=10, close_timeout=5, **options)


def refused_with(server: Any, path: str) -> Any:
    with pytest.raises(InvalidStatus) as caught, open_socket(server, path):
        pass
    return caught.value.response


def denials(kind: str, status: int) -> Any:
    """Return the statuses that a refused handshake may have: old versions of one server know only 403."""
    return {status, 403} if kind == "granian" else {status}


def closed_with(server: Any, path: str) -> Any:
    with open_socket(server, path) as socket, pytest.raises(ConnectionClosed) as caught:
        socket.recv(timeout=10)
    assert caught.value.rcvd is not None
    return caught.value.rcvd


def test_messages_of_both_kinds_come_back(server: Any) -> None:
    with open_socket(server, "/ws/echo") as socket:
        socket.send("é")
        socket.send(b"\x00\x01")
        assert [socket.recv(timeout=10), socket.recv(timeout=10)] == ["É", b"\x01\x00"]
    server.wait_for_event("ws left")


def test_the_handshake_carries_subprotocol_and_headers(server: Any, kind: str) -> None:
    offered = [cast(Subprotocol, "v1"), cast(Subprotocol, "v2")]
    with open_socket(server, "/ws/echo", subprotocols=offered) as socket:
        assert socket.subprotocol == "v2"
        if kind != "granian":  # it drops them
            assert socket.response.headers["x-tag"] == "handshake"


def test_a_large_message_comes_back(server: Any) -> None:
    with open_socket(server, "/ws/echo") as socket:
        socket.send("x" * 300_000)
        assert socket.recv(timeout=10) == "X" * 300_000


def test_a_rejection_is_the_apps_response_where_the_server_can_give_it(server: Any, kind: str) -> None:
    response = refused_with(server, "/ws/reject")
    assert response.status_code in denials(kind, 429)
    if response.status_code == 429:
        assert response.headers["retry-after"] == "5"


def test_a_websocket_that_is_not_there_is_not_found(server: Any, kind: str) -> None:
    assert refused_with(server, "/ws/none").status_code in denials(kind, 404)


def test_an_error_before_accepting_is_its_status(server: Any, kind: str) -> None:
    assert refused_with(server, "/ws/fail-early").status_code in denials(kind, 404)


def test_a_refusal_with_a_code_reaches_the_client(server: Any) -> None:
    close = closed_with(server, "/ws/refuse")
    assert (close.code, close.reason) == (4401, "log in first")


def test_an_error_of_the_handler_closes_with_1011_and_tells_nothing(server: Any) -> None:
    close = closed_with(server, "/ws/fail")
    assert close.code == 1011
    assert "hunter2" not in close.reason
