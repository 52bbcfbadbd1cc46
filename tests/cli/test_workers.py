"""Several workers of `fenrir run`: what ends, is replaced, and is reloaded."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any, List, Set

import pytest

pytestmark = pytest.mark.once

APP = """\
import asyncio
import os
import time
from pathlib import Path

from fenrir_core import App

app = App(paradigms=[])


@app.get("/")
async def home():
    return "{version} " + str(os.getpid())


@app.get("/slow")
async def slow():
    Path("asked").write_text("")
    await asyncio.sleep(0.7)
    return "slow"


@app.get("/waits")
async def waits():
    Path("asked").write_text("")
    await asyncio.sleep(3600)


@app.get("/blocks")
async def blocks():
    Path("asked").write_text("")
    time.sleep(3600)
"""
#: Its start-up is complete, and a moment later the process ends.
SHORT_LIVED = """\
import asyncio
import os
from contextlib import asynccontextmanager

from fenrir_core import App


@asynccontextmanager
async def life(app):
    asyncio.get_running_loop().call_later(0.05, os._exit, 3)
    yield


app = App(paradigms=[], lifespan=life)
"""


@pytest.fixture
def crew(project: Any, serve: Any) -> Any:
    project.write("app.py", APP.replace("{version}", "first"))
    return serve("app:app", "--workers", "2", "--graceful-timeout", "20")


def pids(server: Any, version: str) -> Set[str]:
    """Return the processes that answer, once both do and have this version."""
    seen: List[str] = []

    def both() -> bool:
        seen.append(server.get())
        return len(set(seen[-12:])) == 2 and all(answer.startswith(version) for answer in seen[-12:])

    server.until(both, f"answers of two workers of the version {version!r}")
    return {answer.split()[1] for answer in seen[-12:]}


def test_sighup_puts_new_workers_in_place_and_loses_no_request(project: Any, crew: Any) -> None:
    old = pids(crew, "first")
    project.write("app.py", APP.replace("{version}", "second"))
    answers: List[str] = []
    client = threading.Thread(target=lambda: answers.append(crew.get("/slow")))
    client.start()
    crew.until((project.directory / "asked").exists, "the request")
    crew.process.send_signal(signal.SIGHUP)
    crew.until_printed("Reloaded in ")
    client.join(30)
    assert answers == ["slow"]
    assert not pids(crew, "second") & old
    assert crew.stop() == 0


def test_workers_stay_where_the_new_ones_fail_and_the_reason_is_logged(project: Any, crew: Any) -> None:
    old = pids(crew, "first")
    project.write("app.py", "1 / 0\n")
    crew.process.send_signal(signal.SIGHUP)
    crew.until_printed("The reload failed")
    assert "ZeroDivisionError" in crew.output
    assert pids(crew, "first") == old
    assert crew.stop() == 0


def test_a_worker_that_is_killed_under_load_is_replaced_while_the_others_serve(crew: Any) -> None:
    old = pids(crew, "first")
    dead = min(old)
    ended = threading.Event()
    answers: List[str] = []

    def ask() -> None:
        while not ended.is_set():
            try:
                answers.append(crew.get())
            except OSError:  # the answer that the killed process owed
                pass

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
    for client in clients:
        client.start()
    os.kill(int(dead), signal.SIGKILL)
    crew.until_printed(f"Worker {dead} ended with code -9")
    crew.until(lambda: {answer.split()[1] for answer in answers[-100:]} - old, "an answer of the new worker")
    ended.set()
    for client in clients:
        client.join(30)
    assert dead not in pids(crew, "first")
    assert crew.stop() == 0


def test_workers_that_keep_ending_end_the_command_with_a_message(project: Any, serve: Any) -> None:
    project.write("app.py", SHORT_LIVED)
    server = serve("app:app", "--workers", "3", until="Worker")
    assert server.process.wait(60) == 1
    assert "workers in a row ended and none goes on serving: the server ends." in server.output


def test_workers_end_with_their_supervisor_also_where_a_handler_blocks(project: Any, serve: Any) -> None:
    project.write("app.py", APP.replace("{version}", "first"))
    server = serve("app:app", "--workers", "2", "--graceful-timeout", "0.5", "--shutdown-timeout", "0.5")
    workers = pids(server, "first")
    threading.Thread(target=lambda: pytest.raises(OSError, server.get, "/blocks"), daemon=True).start()
    server.until((project.directory / "asked").exists, "the request")
    server.process.kill()
    server.process.wait()
    server.until(lambda: not any(os.path.exists(f"/proc/{pid}/cmdline") for pid in workers), "the end of the workers")


def test_a_stop_that_cuts_a_request_off_ends_the_supervisor_with_1(project: Any, serve: Any) -> None:
    project.write("app.py", APP.replace("{version}", "first"))
    server = serve("app:app", "--workers", "2", "--graceful-timeout", "0.5", "--shutdown-timeout", "0.5")
    threading.Thread(target=lambda: pytest.raises(OSError, server.get, "/waits"), daemon=True).start()
    server.until((project.directory / "asked").exists, "the request")
    assert server.stop() == 1


def test_a_second_signal_ends_the_workers_at_once(project: Any, crew: Any) -> None:
    threading.Thread(target=lambda: pytest.raises(OSError, crew.get, "/waits"), daemon=True).start()
    crew.until((project.directory / "asked").exists, "the request")
    crew.process.send_signal(signal.SIGTERM)
    crew.until(lambda: not _accepts(crew), "the end of listening")
    assert crew.stop() == 143


def _accepts(server: Any) -> bool:
    import socket

    host, port = server.url.rpartition("/")[2].split(":")
    try:
        socket.create_connection((host, int(port)), timeout=30).close()
    except OSError:
        return False
    return True


def test_the_number_of_workers_is_the_options_then_fenrirs_then_the_platforms(project: Any) -> None:
    def is_read(*options: str, **variables: str) -> bool:
        done = project.run("run", "missing:app", "--port", "0", *options, **variables)
        return "Invalid value for '--workers': 0" in done.stderr

    assert is_read(WEB_CONCURRENCY="0")
    assert is_read(WEB_CONCURRENCY="1", FENRIR_WORKERS="0")
    assert not is_read(WEB_CONCURRENCY="0", FENRIR_WORKERS="1")
    assert not is_read("--workers", "1", WEB_CONCURRENCY="0", FENRIR_WORKERS="0")


def test_the_port_is_the_options_then_fenrirs_then_the_platforms(project: Any, busy_port: int, free_port: int) -> None:
    def refused(*options: str, **variables: str) -> str:
        return str(project.run("run", "app:app", *options, **variables).stderr)

    busy, free = str(busy_port), str(free_port)
    told = f"Port {busy} on 127.0.0.1 is in use"
    assert told in refused(PORT=busy)
    assert told in refused(FENRIR_PORT=busy, PORT=free)
    assert told in refused("--port", busy, FENRIR_PORT=free, PORT=free)
    assert "'eighty' is not a valid" in refused(PORT="eighty")
