"""Several worker processes that share one Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterator, Tuple

import pytest

PATIENCE = 40.0
APP = """\
import os

from fenrir import Fenrir
from fenrir_redis import Session

app = Fenrir(redis_sessions=True)


@app.get("/pid")
async def pid():
    return str(os.getpid())


@app.get("/limited", rate_limit="25/hour")
async def limited():
    return str(os.getpid())


@app.get("/count")
async def count(session: Session):
    session["pids"] = session.get("pids", []) + [os.getpid()]
    return session["pids"]
"""
Get = Callable[..., Tuple[int, str, Any]]


@pytest.fixture
def get(redis_server: Any, free_port: int, tmp_path: Path) -> Iterator[Get]:
    """Start two workers and return a function that requests a path on a new connection."""
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    command = [sys.executable, "-m", "fenrir_cli", "run", "app:app", "--server", "uvicorn", "--workers", "2"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    log = tmp_path / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(free_port)],
            cwd=str(tmp_path),
            env={**environment, "FENRIR_REDIS_URL": redis_server.url},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def ask(path: str, **headers: str) -> Tuple[int, str, Any]:
        asked = urllib.request.Request(f"http://127.0.0.1:{free_port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode(), refused.headers

    def both_answer() -> bool:
        try:
            with ThreadPoolExecutor(8) as pool:
                return len({body for _, body, _ in pool.map(ask, ["/pid"] * 24)}) == 2
        except OSError:
            return False

    try:
        end = time.monotonic() + PATIENCE
        while not both_answer():
            assert process.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield ask
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def test_two_worker_processes_share_limits_and_sessions(get: Get) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = [status for status, _, _ in pool.map(get, ["/limited"] * 40)]
    assert (statuses.count(200), statuses.count(429)) == (25, 15)

    _, _, headers = get("/count")
    cookie = headers["set-cookie"].split(";")[0]
    bodies = [get("/count", cookie=cookie)[1] for _ in range(20)]
    assert [len(body.split(",")) for body in bodies] == list(range(2, 22))
