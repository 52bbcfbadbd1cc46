"""Many requests at a time, and clients that disconnect in the middle, on real servers."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from pathlib import Path
from typing import Any, List

import httpx
import pytest
import websockets

LINUX_ONLY = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this reads /proc")


@LINUX_ONLY
def test_a_stop_answers_what_is_in_flight_ends_streams_and_leaves_nothing_behind(start_server: Any, kind: str) -> None:
    running = start_server()
    running.wait_until_ready()

    async def main() -> List[Any]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=15, limits=limits) as http:

            async def stream() -> bool:
                async with http.stream("GET", "/until-stop") as answer:
                    lines = [line async for line in answer.aiter_lines()]
                return "data: the app stops" in lines

            streams = [asyncio.ensure_future(stream()) for _ in range(5)]
            slow = [asyncio.ensure_future(http.get("/slow")) for _ in range(20)]
            began = 0
            while began < 20:
                began = (await http.get("/events")).json().count("slow began")
            running.process.send_signal(signal.SIGTERM)
            answers = await asyncio.gather(*slow)
            assert [answer.text for answer in answers] == ["slow"] * 20
            return await asyncio.gather(*streams)

    began = time.monotonic()
    assert asyncio.run(main()) == [True] * 5
    running.process.wait(15)  # a second signal would end it at once
    assert time.monotonic() - began < 12
    assert "lifespan: stopped" in running.log
    assert _processes_on(running.port) == []


def _processes_on(port: int) -> List[str]:
    """List the command lines that name a port: the server's own and its workers'."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        found += [" ".join(words)] if any(str(port) in word for word in words) else []
    return found


def test_a_client_that_leaves_in_the_middle_of_an_upload_ends_the_handler(server: Any) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(
            b"POST /slow-upload HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n"
            b"content-length: 1000000\r\n\r\nsome of it"
        )
        server.wait_for_event("upload began", 5)
    server.wait_for_event("upload ended", 5)


def test_a_client_that_leaves_a_websocket_without_closing_ends_the_handler(server: Any) -> None:
    async def main() -> None:
        connection = await websockets.connect(server.ws_url + "/ws/echo")
        await connection.send("hello")
        assert await connection.recv() == "HELLO"
        transport = connection.transport
        assert transport is not None
        transport.abort()

    before = httpx.get(server.url + "/events", trust_env=False).json().count("ws left")
    asyncio.run(main())
    deadline = time.monotonic() + 5
    while httpx.get(server.url + "/events", trust_env=False).json().count("ws left") == before:
        assert time.monotonic() < deadline, "the handler goes on"


@LINUX_ONLY
def test_an_endless_stream_at_a_slow_reader_holds_memory_flat(server: Any) -> None:
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", server.port))
        reader.sendall(b"GET /flood HTTP/1.1\r\nhost: x\r\n\r\n")
        reader.recv(1000)
        sizes = []
        for _ in range(20):  # 2 s in which a server without back-pressure would take hundreds of megabytes
            reader.recv(1000)
            sizes.append(httpx.get(server.url + "/memory", trust_env=False).json())
            time.sleep(0.1)
    assert max(sizes) - sizes[2] < 8 * 1024 * 1024, sizes
    server.wait_for_event("closed /flood", 5)


def test_500_websockets_at_a_time_echo_without_loss_and_close_cleanly(server: Any) -> None:
    async def one(number: int) -> Any:
        async with websockets.connect(server.ws_url + "/ws/echo", open_timeout=30) as connection:
            heard = []
            for turn in range(3):
                await connection.send(f"a{number}-{turn}")
                heard.append(await connection.recv())
        return heard, connection.close_code

    async def main() -> List[Any]:
        return await asyncio.gather(*(one(number) for number in range(500)))

    assert asyncio.run(main()) == [([f"A{number}-{turn}" for turn in range(3)], 1000) for number in range(500)]
