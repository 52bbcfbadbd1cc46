"""The close of a listening socket: a connection is served or refused, never reset."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import Any, Iterator, List

import pytest

from fenrir_cli.admission import HANDSHAKE_SECONDS, admit_no_more

pytestmark = [pytest.mark.once, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can")]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Return a socket that listens."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen(16)
        yield made


def test_a_connection_that_is_complete_is_still_accepted_and_served(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname(), 10) as client:
        assert admit_no_more(listener.fileno())
        client.sendall(b"sent after it")
        taken, _ = listener.accept()
        with taken:
            assert taken.recv(100) == b"sent after it"
            taken.sendall(b"answer")
        assert client.recv(100) == b"answer"


def test_one_that_begins_later_is_refused_when_the_socket_closes_and_not_reset(listener: socket.socket) -> None:
    found: List[Any] = []
    address = listener.getsockname()

    def connect() -> None:
        try:
            with socket.create_connection(address, 30) as client:
                client.sendall(b"x")
                found.append(client.recv(1))
        except OSError as error:
            found.append(type(error))

    assert admit_no_more(listener.fileno())
    client = threading.Thread(target=connect)
    client.start()
    listener.settimeout(4 * HANDSHAKE_SECONDS)
    with pytest.raises(socket.timeout):
        listener.accept()
    listener.close()
    client.join(30)
    assert found == [ConnectionRefusedError]


def test_no_client_finds_a_unix_socket_any_more(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as before:
        listener.bind(path)
        listener.listen(16)
        before.connect(path)
        assert admit_no_more(listener.fileno())
        with socket.socket(socket.AF_UNIX) as later, pytest.raises(FileNotFoundError):
            later.connect(path)
        listener.accept()[0].close()


def test_what_does_not_listen_on_a_path_or_port_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not admit_no_more(ours.fileno())
