"""Measurement over a socket: the same server with the hand-written app and with Fenrir, in turns, with wrk."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from .cases import CORE, Answer, Case

_ROOT = Path(__file__).resolve().parent.parent
_HAND = {"text": "benchmarks.handwritten:text", "json": "benchmarks.handwritten:json_"}
_START_SECONDS = 20.0
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_BAD = re.compile(r"Non-2xx|Socket errors")

#: The command of each server on a port: one worker, no access log.
SERVERS: Dict[str, Tuple[str, ...]] = {
    "uvicorn": ("uvicorn", "{app}", "--port", "{port}", "--no-access-log", "--log-level", "warning"),
    "hypercorn": ("hypercorn", "{app}", "--bind", "127.0.0.1:{port}", "--log-level", "WARNING"),
    "granian": ("granian", "--interface", "asgi", "--port", "{port}", "--no-ws", "--log-level", "warning", "{app}"),
}


@contextmanager
def serving(server: str, app: str, case: Case) -> Iterator[int]:
    """Run a server for the block; yields its port when the case's response is right."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-W", "ignore", "-m", *(part.format(app=app, port=port) for part in SERVERS[server])]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        case.check(_first_answer(process, port, case))
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _first_answer(process: subprocess.Popen[bytes], port: int, case: Case) -> Answer:
    until = time.monotonic() + _START_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request(case.method, case.path)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.05)
        finally:
            connection.close()


def _ask(port: int, case: Case, seconds: float) -> float:
    url = f"http://127.0.0.1:{port}{case.path}"
    command = ["wrk", "-t1", "-c16", f"-d{seconds:g}s", url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = _RATE.search(done.stdout)
    if found is None or _BAD.search(done.stdout):
        raise RuntimeError(f"wrk saw errors: {done.stdout}")
    return float(found[1])


def compare(server: str, case: Case, rounds: int, seconds: float) -> Tuple[float, float, float]:
    """Return requests per second of the hand-written app, of Fenrir (medians), and the median of the shares."""
    hand: List[float] = []
    ours: List[float] = []
    with serving(server, _HAND[case.name], case) as hand_port, serving(server, "benchmarks.served:app", case) as port:
        for target in (hand_port, port):
            _ask(target, case, 1)
        for number in range(rounds):
            for mine in (number % 2, 1 - number % 2):
                (ours if mine else hand).append(_ask(port if mine else hand_port, case, seconds))
    share = statistics.median(one / other for one, other in zip(ours, hand))
    return statistics.median(hand), statistics.median(ours), share


def show(rounds: int = 5, seconds: float = 2) -> int:
    """Print a table of the installed servers; return the exit status."""
    if shutil.which("wrk") is None:
        print("wrk is not installed: it comes with the system's package manager.", file=sys.stderr)
        return 1
    print(f"{os.cpu_count()} cores, 1 worker, 16 connections; requests per second, share of the hand-written app\n")
    print(f"{'server':<12}{'case':<8}{'hand-written':>14}{'fenrir':>12}{'share':>8}")
    for server in SERVERS:
        for case in (case for case in CORE if case.name in _HAND):
            try:
                hand, ours, share = compare(server, case, rounds, seconds)
            except RuntimeError as error:
                print(f"{server:<12}{case.name:<8} {error}")
                continue
            print(f"{server:<12}{case.name:<8}{hand:>14,.0f}{ours:>12,.0f}{share:>8.2f}", flush=True)
    return 0
