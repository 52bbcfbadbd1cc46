"""Start and stop of real servers."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any, List

import httpx
from tests.server.conftest import CLEAN


def test_an_idle_server_waits_under_a_second_at_the_stop_and_the_lifespan_ends(start_server: Any) -> None:
    server = start_server()
    server.wait_until_ready()
    assert server.seconds_waited_at_stop() < 1
    assert server.stop() in CLEAN
    assert "lifespan: started" in server.log and "lifespan: stopped" in server.log


def test_a_start_that_fails_ends_the_server_with_the_name_of_what_failed(start_server: Any) -> None:
    server = start_server(FAIL_TO_START="1")
    assert server.process.wait(20) != 0
    assert "Start-up failed in 'lifespan'" in server.log
    assert "the database is not there" in server.log


def test_a_request_in_flight_is_answered_before_the_stop(start_server: Any) -> None:
    server = start_server()
    server.wait_until_ready()
    answers: List[Any] = []
    thread = threading.Thread(target=lambda: answers.append(httpx.get(server.url + "/slow", trust_env=False).text))
    thread.start()
    server.wait_for_event("slow began")
    assert server.stop() in CLEAN
    thread.join(10)
    assert answers == ["slow"]
    assert "lifespan: stopped" in server.log


def test_an_open_stream_is_told_of_the_stop_and_ends(start_server: Any) -> None:
    server = start_server()
    server.wait_until_ready()
    with httpx.stream("GET", server.url + "/until-stop", trust_env=False, timeout=10) as answer:
        pieces = answer.iter_text()
        assert next(pieces) == "data: open\n\n"
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert "".join(pieces) == "data: the app stops\n\n"
        assert time.monotonic() - began < 1
    assert server.process.wait(15) in CLEAN  # a second signal would end it at once
