"""Load each server with mixed requests for a while, and watch for errors and for memory that grows.

`make soak` runs it; `SOAK_SECONDS` (60), `SOAK_CONNECTIONS` (500) and `SOAK_SERVERS` (all that are installed) change
it. It ends with 1 if a request got anything but its answer, or a server did not stop cleanly.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Awaitable, Callable, Dict, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
SERVERS = ("hypercorn", "uvicorn", "granian", "asteri")
#: Seconds between two lines of the report; that a client waits for an answer.
STEP, PATIENCE = 5.0, 60.0
#: The first part of the time, in which pools fill; the slope is that of the rest.
WARM_UP = 0.35
UPLOAD = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + b"x" * 200_000 + b"\r\n--b--\r\n"
)
FORM = "multipart/form-data; boundary=b"


class Wrong(Exception):
    """Raised for an answer that is not the expected one."""


class Client:
    """One client with one connection, which it opens again where the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: Optional[asyncio.StreamReader] = None
        self.writer: Optional[asyncio.StreamWriter] = None
        self.cookie = ""

    async def connect(self) -> Tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the open connection."""
        if self.reader is None or self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self.reader, self.writer

    def close(self) -> None:
        """Disconnect at once."""
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def begin(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Tuple[int, Dict[str, str]]:
        """Send a request; return the status and the headers of its answer."""
        lines = [f"{method} {path} HTTP/1.1", "host: soak"]
        lines += [f"content-length: {len(body)}"] if body else []
        lines += [f"content-type: {kind}"] if kind else []
        lines += [f"cookie: {self.cookie}"] if self.cookie else []
        request = "\r\n".join([*lines, "", ""]).encode() + body
        for is_first in (True, False):
            is_kept = self.reader is not None
            reader, writer = await self.connect()
            try:
                writer.write(request)
                await writer.drain()
                head = await reader.readuntil(b"\r\n\r\n")
                break
            except (OSError, asyncio.IncompleteReadError):
                self.close()  # the server may close a kept connection when it likes, and the client tries again
                if not is_first or not is_kept:
                    raise
        first, *given = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in given if ": " in line)
        for line in given:
            if line.lower().startswith("set-cookie: session="):
                self.cookie = line.split(": ", 1)[1].partition(";")[0]
        return int(first.split()[1]), headers

    async def ask(self, expected: int, method: str, path: str, body: bytes = b"", kind: str = "") -> bytes:
        """Send a request and return the body of its answer."""
        status, headers = await self.begin(method, path, body, kind)
        reader, _ = await self.connect()
        answer = b""
        if "content-length" in headers:
            answer = await reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            while True:
                size = int(await reader.readline(), 16)
                answer += (await reader.readexactly(size + 2))[:-2]
                if not size:
                    break
        else:
            answer = await reader.read()
            self.close()
        if headers.get("connection") == "close":
            self.close()
        if status != expected:
            raise Wrong(f"{method} {path}: {status} {answer[:80]!r}")
        return answer

    async def leave(self, path: str) -> None:
        """Begin to read a stream and leave it."""
        status, _ = await self.begin("GET", path)
        if status != 200:
            raise Wrong(f"GET {path}: {status}")
        reader, _ = await self.connect()
        await reader.read(2000)
        self.close()

    async def break_off(self) -> None:
        """Leave in the middle of an upload."""
        self.close()
        _, writer = await self.connect()
        writer.write(b"POST /body HTTP/1.1\r\nhost: soak\r\ncontent-length: 100000\r\n\r\nsome of it")
        await writer.drain()
        self.close()

    async def talk(self) -> None:
        """Exchange messages over a WebSocket."""
        import websockets

        async with websockets.connect(f"ws://127.0.0.1:{self.port}/echo", open_timeout=PATIENCE) as connection:
            for number in range(3):
                await connection.send(str(number))
                if await connection.recv() != str(number):
                    raise Wrong("/echo: another message")


def _kinds(client: Client) -> List[Tuple[int, str, Callable[[], Awaitable[object]]]]:
    """Return the kinds of traffic: how often, the name, and what does it."""
    return [
        (20, "json", lambda: client.ask(200, "GET", f"/json/{random.randrange(99)}?q=a")),
        (8, "thread", lambda: client.ask(200, "GET", "/thread")),
        (4, "upload", lambda: client.ask(200, "POST", "/upload", UPLOAD, FORM)),
        (4, "body", lambda: client.ask(200, "POST", "/body", b"x" * 100_000)),
        (8, "session", lambda: client.ask(200, "GET", "/session")),
        (8, "template", lambda: client.ask(200, "GET", "/template")),
        (4, "error", lambda: client.ask(409, "GET", "/error")),
        (2, "fails", lambda: client.ask(500, "GET", "/fails")),
        (4, "missing", lambda: client.ask(404, "GET", "/missing")),
        (4, "file", lambda: client.ask(200, "GET", "/file")),
        (4, "wsgi", lambda: client.ask(200, "POST", "/wsgi/", b"x" * 50_000)),
        (4, "bottle", lambda: client.ask(200, "GET", "/bottle/hello/ada")),
        (2, "stream left", lambda: client.leave("/stream")),
        (2, "sync stream left", lambda: client.leave("/sync-stream")),
        (2, "events left", lambda: client.leave("/events")),
        (1, "upload left", client.break_off),
        (2, "websocket", client.talk),
    ]


class Soak:
    """The load on one server."""

    def __init__(self, port: int, process: int, seconds: float) -> None:
        self.port, self.process, self.seconds = port, process, seconds
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.samples: List[Tuple[float, float]] = []
        self._end = 0.0

    async def run(self, connections: int) -> None:
        """Load the server for its time."""
        began = time.monotonic()
        self._end = began + self.seconds
        clients = [asyncio.ensure_future(self._client()) for _ in range(connections)]
        while time.monotonic() < self._end:
            await asyncio.sleep(min(STEP, max(0.1, self._end - time.monotonic())))
            self._sample(time.monotonic() - began)
        await asyncio.wait(clients)

    async def _client(self) -> None:
        client = Client(self.port)
        kinds = _kinds(client)
        weights = [weight for weight, _, _ in kinds]
        while time.monotonic() < self._end:
            _, name, act = random.choices(kinds, weights)[0]
            try:
                await asyncio.wait_for(act(), PATIENCE)
            except Exception as error:  # whatever it is, it is counted
                self.errors[f"{name}: {type(error).__name__} {error}"[:120]] += 1
                client.close()
            self.counts[name] += 1
        client.close()

    def _sample(self, at: float) -> None:
        rss, threads, files = _memory(self.process)
        self.samples.append((at, rss))
        print(
            f"  {at:5.0f} s  {sum(self.counts.values()):8} requests  {sum(self.errors.values()):4} errors  "
            f"RSS {rss:6.1f} MiB  {threads:3} threads  {files:4} files",
            flush=True,
        )

    def slope(self) -> float:
        """Return how much the memory grows after the warm-up, in MiB a minute (least squares)."""
        points = [(at / 60, rss) for at, rss in self.samples if at > self.seconds * WARM_UP]
        if len(points) < 2:
            return 0.0
        middle = sum(at for at, _ in points) / len(points)
        mean = sum(rss for _, rss in points) / len(points)
        spread = sum((at - middle) ** 2 for at, _ in points)
        return sum((at - middle) * (rss - mean) for at, rss in points) / spread if spread else 0.0


def _memory(process: int) -> Tuple[float, int, int]:
    """Return the resident MiB, the threads and the open files of a process."""
    place = Path(f"/proc/{process}")
    pages = int((place / "statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        len(list((place / "task").iterdir())),
        len(list((place / "fd").iterdir())),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server ended with {process.returncode}")


def soak(server: str, seconds: float, connections: int) -> bool:
    """Load one server, print what happens, and return whether all was well."""
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "fenrir_cli", "run", "soak_app:app", "--server", server, "--port", str(port)]
        process = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            print(f"{server}: {connections} connections for {seconds:g} s", flush=True)
            load = Soak(port, process.pid, seconds)
            asyncio.run(load.run(connections))
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        log.seek(0)
        text = log.read().decode("utf-8", "replace")
    failures = text.count("Traceback") - text.count("LookupError: as asked")
    print(f"  {', '.join(f'{name} {count}' for name, count in sorted(load.counts.items()))}")
    for error, count in load.errors.most_common(10):
        print(f"  ERROR {count} times: {error}")
    if failures:
        print(f"  ERROR {failures} tracebacks in the log; its end:\n{text[-3000:]}")
    first, last = load.samples[0][1], load.samples[-1][1]
    print(
        f"  {server}: {sum(load.counts.values())} requests, {sum(load.errors.values())} errors, RSS {first:.1f} to "
        f"{last:.1f} MiB, slope {load.slope():+.2f} MiB/min, stopped in {time.monotonic() - began:.1f} s with {code}",
        flush=True,
    )
    return not load.errors and not failures and code == 0


def main() -> None:
    """Load the servers one after the other."""
    seconds = float(os.environ.get("SOAK_SECONDS", "60"))
    connections = int(os.environ.get("SOAK_CONNECTIONS", "500"))
    wanted = os.environ.get("SOAK_SERVERS", "").replace(",", " ").split()
    servers = wanted or [name for name in SERVERS if importlib.util.find_spec(name) is not None]
    results = [soak(server, seconds, connections) for server in servers]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
