"""Fixtures with real servers, each in a process, which are stopped as an operator would."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = "tests.server.app:app"
#: The exit codes of a clean stop: uvicorn raises the signal again at the end.
CLEAN = {0, -signal.SIGTERM}


def commands(port: int, app: str = APP) -> Dict[str, List[str]]:
    """Return how each server is started."""
    at = ["--host", "127.0.0.1", "--port", str(port)]
    return {
        "hypercorn": ["hypercorn", app, "--bind", f"127.0.0.1:{port}", "--workers", "0"],
        "uvicorn": ["uvicorn", app, *at, "--lifespan", "on", "--timeout-graceful-shutdown", "5"],
        "granian": ["granian", app, *at, "--interface", "asgi", "--loop", "asyncio"],
        # without its adapter it supports too little of ASGI: no lifespan, no stream, no repeated header
        "asteri": ["fenrir_cli", "run", app, *at, "--server", "asteri"],
    }


class RunningServer:
    """A running server and its log."""

    def __init__(self, kind: str, log: Path, app: str = APP, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.kind, self.log_file = kind, log
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command(app)],
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def command(self, app: str) -> List[str]:
        """Return how it is started."""
        return commands(self.port, app)[self.kind]

    @property
    def url(self) -> str:
        """The server's base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """The server's base URL for WebSockets."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the server has written."""
        return self.log_file.read_text("utf-8", "replace")

    def wait_until_ready(self, seconds: float = 20) -> None:
        """Wait until it responds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"{self.kind} ended with {self.process.returncode}:\n{self.log}")
            try:
                httpx.get(self.url + "/text", trust_env=False)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"{self.kind} does not answer:\n{self.log}")

    def wait_for_event(self, event: str, seconds: float = 1.0) -> None:
        """Wait until the app has noted an event."""
        deadline = time.monotonic() + seconds
        seen: Any = ()
        while time.monotonic() < deadline:
            seen = httpx.get(self.url + "/events", trust_env=False).json()
            if event in seen:
                return
            time.sleep(0.02)
        raise AssertionError(f"{event!r} did not happen within {seconds} s; {seen!r} did")

    def stop(self) -> int:
        """Ask it to stop; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.kind} does not stop:\n{self.log}") from None

    def seconds_waited_at_stop(self) -> float:
        """Stop it; return the seconds in which its main thread neither ran nor was kept from running.

        A busy machine makes a stop longer, but not this. Where the system does not tell, it is the whole time.
        """
        before, began = self._scheduled(), time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        while not self._has_ended() and time.monotonic() < began + 15:
            time.sleep(0.002)
        return time.monotonic() - began - (self._scheduled() - before)

    def _has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self.process.poll() is not None
        # it is not reaped, which would end what is known of it
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _scheduled(self) -> float:
        """Return the seconds in which the main thread has run or was ready to (Linux, Documentation/scheduler)."""
        try:
            run, queued = Path(f"/proc/{self.process.pid}/schedstat").read_text("ascii").split()[:2]
        except OSError:
            return 0.0
        return (int(run) + int(queued)) / 1e9


def missing(kind: str) -> str:
    """Return why a server can't be tested here, or an empty text."""
    if importlib.util.find_spec(kind) is None:
        return f"{kind} is not installed"
    if kind == "granian" and sys.version_info < (3, 9):
        return "these tests are for granian 2, which needs Python 3.9"
    return ""


def kinds() -> List[Any]:
    """Return the servers, those that can't be tested here as skipped."""
    return [
        pytest.param(kind, marks=pytest.mark.skipif(bool(missing(kind)), reason=missing(kind))) for kind in commands(0)
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of this directory with every server, those of other frameworks' applications with three."""
    if {"server", "sites", "start_server", "sockets"}.intersection(metafunc.fixturenames):
        found = [item for item in kinds() if "sites" not in metafunc.fixturenames or item.values[0] != "asteri"]
        metafunc.parametrize("kind", found, scope="session")


@pytest.fixture(scope="session")
def server(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Return a running server that all tests share."""
    running = RunningServer(kind, tmp_path_factory.mktemp(kind) / "log")
    try:
        running.wait_until_ready()
        yield running
    finally:
        code = running.stop()
    assert code in CLEAN, running.log


@pytest.fixture
def start_server(kind: str, tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Return a function that starts a server for one test."""
    started: List[RunningServer] = []

    def start(app: str = APP, **environment: str) -> RunningServer:
        started.append(RunningServer(kind, tmp_path / f"log{len(started)}", app, **environment))
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """Return an HTTP client of the shared server."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=10) as http:
        yield http
