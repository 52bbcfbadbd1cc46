"""A mounted WSGI application, behind the validator of PEP 3333, on real servers."""

from __future__ import annotations

import hashlib
import select
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Iterator, Set

import httpx
import pytest
from tests.server.app import PIECE

LINUX_ONLY = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this reads /proc")
MEGABYTE = 1 << 20


def memory(client: httpx.Client) -> int:
    """Return the bytes of memory that the server uses."""
    return int(client.get("/memory").json())


@pytest.mark.parametrize("size", [3, 70_000])
def test_a_body_of_any_number_of_messages_is_read(client: httpx.Client, size: int) -> None:
    body = b"x" * size
    assert client.post("/legacy/hash", content=body).text == f"{size} {hashlib.sha256(body).hexdigest()}"


@LINUX_ONLY
@pytest.mark.once
def test_200_megabytes_go_both_ways_in_flat_memory(client: httpx.Client) -> None:
    pieces, digest = 200 * MEGABYTE // len(PIECE), hashlib.sha256()
    for _ in range(pieces):
        digest.update(PIECE)

    def body() -> Iterator[bytes]:
        for _ in range(pieces):
            yield PIECE

    client.post("/legacy/hash", content=PIECE)
    before = memory(client)
    assert client.post("/legacy/hash", content=body()).text == f"{pieces * len(PIECE)} {digest.hexdigest()}"
    found = hashlib.sha256()
    with client.stream("GET", f"/legacy/pieces/{pieces}") as answer:
        for chunk in answer.iter_raw():
            found.update(chunk)
    assert found.digest() == digest.digest()
    assert memory(client) - before < 16 * MEGABYTE


def slow_reader(stack: ExitStack, server: Any, path: str) -> socket.socket:
    """Ask for a path and take nothing."""
    found = stack.enter_context(socket.socket())
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.settimeout(10)
    found.connect(("127.0.0.1", server.port))
    found.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return found


def test_slow_readers_of_a_mount_leave_the_apps_own_handlers_their_threads(server: Any, client: httpx.Client) -> None:
    with ExitStack() as stack:
        readers = [slow_reader(stack, server, "/legacy/pieces/400") for _ in range(45)]
        answered: Set[Any] = set()
        while len(answered) < 40:  # all threads of the mount
            ready = select.select([reader for reader in readers if reader not in answered], [], [], 10)[0]
            assert ready, f"only {len(answered)} are answered"
            answered.update(ready)
        assert client.get("/own/7").status_code == 200


def test_readers_that_take_nothing_are_left_so_that_others_are_served(server: Any, client: httpx.Client) -> None:
    with ExitStack() as stack:
        for _ in range(2):  # all threads of the mount
            assert slow_reader(stack, server, "/impatient/pieces/400").recv(12) == b"HTTP/1.1 200"
        assert client.post("/impatient/hash", content=b"x").text.startswith("1 ")
