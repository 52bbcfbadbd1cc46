"""Fixtures with a real Redis on a free port of 127.0.0.1, without persistence."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional

import pytest

#: Seconds that the server may take to start or stop.
PATIENCE = 20.0


class Server:
    """A redis-server that can be stopped and started again on the same port."""

    def __init__(self, binary: str, port: int, directory: Path) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        self._port = port
        self._command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory)]
        self._command += ["--save", "", "--appendonly", "no", "--logfile", str(directory / "redis.log")]
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        """Start it and wait until it responds."""
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while self._ping() != b"+PONG\r\n":
            assert self._process.poll() is None and time.monotonic() < end, "redis-server did not start"
            time.sleep(0.02)

    def _ping(self) -> bytes:
        try:
            return self.say("PING")
        except OSError:
            return b""

    def say(self, *words: str) -> bytes:
        """Send a command on a new connection and return the raw reply."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE) as connection:
            parts = b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
            connection.sendall(b"*%d\r\n" % len(words) + parts + b"*1\r\n$4\r\nQUIT\r\n")
            answer = b""
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return answer[: -len(b"+OK\r\n")] if answer.endswith(b"+OK\r\n") else answer
                answer += piece

    def keys(self, pattern: str = "*") -> List[str]:
        """List the names of keys."""
        return [line for line in self.say("KEYS", pattern).decode().split("\r\n")[2::2] if line]

    def calls(self) -> int:
        """Return how many commands Redis has served so far, without those of this helper."""
        lines = self.say("INFO", "commandstats").decode().split("\r\n")
        own = ("cmdstat_info", "cmdstat_quit", "cmdstat_client", "cmdstat_hello", "cmdstat_ping", "cmdstat_keys")
        return sum(
            int(line.split("calls=")[1].split(",")[0])
            for line in lines
            if line.startswith("cmdstat_") and not line.startswith(own)
        )

    def connections(self) -> int:
        """Return the number of other connections."""
        return self.say("CLIENT", "LIST").count(b"addr=") // 2 - 1  # each line has addr= and laddr=

    async def until(self, fact: Callable[[], bool]) -> None:
        """Wait until a condition is true."""
        end = time.monotonic() + PATIENCE
        while not fact():
            assert time.monotonic() < end, "it did not happen"
            await asyncio.sleep(0.005)

    def freeze(self) -> None:
        """Make it hang: connections stay open, nothing is sent."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it continue."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        """Whether it is running."""
        return self._process is not None

    def stop(self) -> None:
        """Stop it, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the server that all these tests share."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("there is no redis-server here (Debian: apt-get install redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(binary, port, tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture
def redis_server(redis_process: Server) -> Iterator[Server]:
    """Return a running, empty Redis."""
    yield redis_process
    redis_process.thaw()
    if not redis_process.is_running:
        redis_process.start()
    redis_process.say("FLUSHALL")
    redis_process.say("CONFIG", "RESETSTAT")


Make = Callable[..., Any]


@pytest.fixture
def make(redis_server: Server) -> Make:
    """Return a function that makes an app with this plugin, the one that has the limits, and the running Redis."""
    import fenrir_redis.plugin
    import fenrir_security.plugin
    from fenrir_core.testing import make_app

    def make(plugins: Any = (), **settings: Any) -> Any:
        settings.setdefault("redis_url", redis_server.url)
        return make_app([fenrir_redis.plugin, fenrir_security.plugin, *plugins], **settings)

    return make
