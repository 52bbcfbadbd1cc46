"""Streams over real servers: pieces as they come, visible breaks, clients that disconnect."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest


def test_pieces_arrive_as_they_are_made(client: httpx.Client) -> None:
    began = time.monotonic()
    with client.stream("GET", "/endless/silent") as answer:
        assert next(answer.iter_raw()) == b"piece"
    assert time.monotonic() - began < 5


def test_a_stream_that_ends_well_is_whole(client: httpx.Client) -> None:
    assert client.get("/stream/well").text == "one two"


def test_an_error_before_the_first_piece_is_a_real_status(client: httpx.Client) -> None:
    answer = client.get("/stream/early")
    assert (answer.status_code, answer.json()) == (404, {"detail": "no such stream"})


def test_a_later_error_breaks_the_answer_off_visibly(client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/stream/late")
    assert client.get("/text").text == "some text"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("stream", ["busy", "silent", "sync", "sse"])
def test_a_client_that_leaves_closes_the_generator_within_a_second(
    client: httpx.Client, server: Any, method: str, stream: str
) -> None:
    with client.stream(method, f"/endless/{stream}") as answer:
        assert answer.status_code == 200
        next(answer.iter_raw())
    server.wait_for_event(f"closed /endless/{stream} {method}")


def test_events_are_an_event_stream(client: httpx.Client) -> None:
    with client.stream("GET", "/endless/sse") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert next(answer.iter_raw()) == b"data: piece\n\n"
