"""The test client for plain functions."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, List

import pytest

from fenrir_core import EventSourceResponse, Response, StreamingResponse, WebSocket
from fenrir_core.exceptions import StartupFailed
from fenrir_core.testing import SyncClient, make_app


def test_the_synchronous_client_starts_at_its_first_use_and_stops_at_the_end() -> None:
    seen: List[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        seen.append("start")
        yield
        seen.append("stop")

    app = make_app(lifespan=lifespan)
    client = SyncClient(app)

    @app.get("/")
    async def index() -> str:
        return "hello"

    assert seen == []
    assert client.get("/").text == "hello"
    assert seen == ["start"]
    client.close()
    client.close()
    assert seen == ["start", "stop"]
    with SyncClient(app) as again:
        assert again.get("/").status == 200
    assert seen == ["start", "stop"] * 2


def test_the_synchronous_client_streams_reads_events_and_talks() -> None:
    app = make_app()
    closed: List[str] = []

    async def count() -> AsyncIterator[bytes]:
        try:
            number = 0
            while True:
                number += 1
                yield b"%d" % number
        finally:
            closed.append("stream")

    @app.get("/count")
    async def stream() -> Response:
        return StreamingResponse(count())

    @app.get("/feed")
    async def feed() -> Response:
        return EventSourceResponse(iter(["a", "b"]))

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text((await websocket.receive_text()).upper())

    with SyncClient(app) as client:
        with client.stream("GET", "/count") as chunks:
            assert (chunks.status, [chunk for chunk, _ in zip(chunks, range(2))]) == (200, [b"1", b"2"])
            chunks.disconnect()
        assert closed == ["stream"]
        with client.events("/feed") as events:
            assert [event.data for event in events] == ["a", "b"]
        with client.websocket("/talk") as session:
            session.send("hello")
            assert session.receive() == "HELLO"
            session.close()
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)("/count").status == 405
        assert client.head("/feed").body == b""
        assert client.options("/count").status == 200


def test_a_failed_start_leaves_no_thread_of_the_synchronous_client() -> None:
    app = make_app()
    app.get("/{a}/{a}")(lambda a: a)
    before = threading.active_count()
    with pytest.raises(StartupFailed):
        SyncClient(app).get("/")
    assert threading.active_count() == before
