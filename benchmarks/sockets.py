"""Measurement over a socket: `fenrir run`, the servers' own commands and other frameworks, in turns, with wrk."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from .cases import Answer, Case, chosen
from .report import draw, machine
from .socket_apps import CASES

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 30.0
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_P99 = re.compile(r"^\s+99%\s+([0-9.]+)(us|ms|s)\s*$", re.M)
_BAD = re.compile(r"Non-2xx|Socket errors")
_MILLIS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
CONNECTIONS = 32

#: The servers' own commands: one worker, no access log.
OWN: Dict[str, str] = {
    "uvicorn": "-m uvicorn {app} --port {port} --no-access-log --log-level warning",
    "hypercorn": "-m hypercorn {app} --workers 0 --bind 127.0.0.1:{port} --log-level WARNING",
    "granian": "-m granian --interface asgi --port {port} --log-level warning {app}",
    "asteri": "{bin}/asteri -k asgi -b 127.0.0.1:{port} --log-level error {app}",
}
_APP, _RUN = "benchmarks.served:app", "-m fenrir_cli run {app} --port {port}"
_SANIC = "{bin}/sanic {app} --port {port} --single-process --no-access-logs --no-motd"
#: The frameworks beside Fenrir that are in the environment of all benchmarks.
PEERS = ("blacksheep", "fastapi", "litestar", "sanic")


@dataclass(frozen=True)
class Served:
    """An app behind a server.

    Args:
        name: Its row.
        command: What Python runs; `{app}`, `{port}` and `{bin}` (of this interpreter) are filled in.
        app: The app's name, see `socket_apps.make`.
        needs: The modules that must be installed.
        own: The row whose requests per second it is compared with.
    """

    name: str
    command: str
    app: str
    needs: Tuple[str, ...]
    own: str = ""

    def has(self, case: Case) -> bool:
        """Return whether its app has a route of the case."""
        return self.app in ("fenrir", "hand") or case in CASES[:2]


def _contestants() -> Iterator[Served]:
    for server, own in OWN.items():
        alone = f"{server}'s command"
        yield Served(f"by hand, {alone}", own, "hand", (server,))
        yield Served(f"fenrir, {alone}", own, "fenrir", (server,))
        run = f"{_RUN} --server {server}"
        yield Served(f"fenrir run --server {server}", run, "fenrir", (server, "fenrir_cli"), f"fenrir, {alone}")
        logged = f"{run} --access-log"
        yield Served(f"  with --access-log, {server}", logged, "fenrir", (server, "fenrir_cli"), f"fenrir, {alone}")
    yield Served("fenrir run", _RUN, "fenrir", ("fenrir_cli",), "fenrir, uvicorn's command")
    for peer in PEERS[:3]:
        yield Served(f"{peer}, uvicorn's command", OWN["uvicorn"], peer, (peer, "uvicorn"))
    yield Served("sanic, its own server", _SANIC, "sanic", ("sanic",))
    yield Served("robyn, its own server", "-m benchmarks.peers.robyn {port}", "robyn", ("robyn",))


#: What is measured, where it is installed.
CONTESTANTS: Tuple[Served, ...] = tuple(_contestants())


@dataclass
class Seen:
    """What was measured of one row: a figure for each round."""

    rates: List[float]
    p99s: List[float]
    cpus: List[float]


class Running:
    """A server process that runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process, self.port = process, port

    def first_answer(self, case: Case) -> Answer:
        """Return the response to a case's request, once the server sends one.

        Raises:
            RuntimeError: It does not start.
        """
        until = time.monotonic() + _START_SECONDS
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request(case.method, case.path)
                response = connection.getresponse()
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, headers, response.read())
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the server did not start") from None
                time.sleep(0.05)
            finally:
                connection.close()

    def end(self) -> None:
        """Tell it to end; `serving` waits for that."""
        self._process.terminate()

    def cpu(self) -> float:
        """Return the processor time in seconds that it and its children have used; 0 where that is unknown."""
        waiting, ticks = [self._process.pid], 0
        while waiting:
            place = Path(f"/proc/{waiting.pop()}")
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
                for task in (place / "task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
            except OSError:
                continue
        return ticks / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.0


@contextmanager
def serving(served: Served) -> Iterator[Running]:
    """Run a server for the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    places = {"app": _APP, "port": port, "bin": str(Path(sys.executable).parent)}
    words = [word.format(**places) for word in served.command.split()]
    command = [sys.executable, *([] if words[0] == "-m" else ()), *words]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONWARNINGS": "ignore", "BENCHMARK_APP": served.app}
    process = subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Running(process, port)
    finally:
        process.terminate()  # again where `compare` has told them all
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ask(server: Running, case: Case, seconds: float) -> Tuple[float, float, float]:
    """Return requests per second, the 99th percentile in ms, and the server's µs of processor time per request."""
    url = f"http://127.0.0.1:{server.port}{case.path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency", url]
    before, began = server.cpu(), time.monotonic()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    used, took = server.cpu() - before, time.monotonic() - began
    rate, p99 = _RATE.search(done.stdout), _P99.search(done.stdout)
    if rate is None or p99 is None or _BAD.search(done.stdout):
        raise RuntimeError(f"wrk saw errors: {done.stdout.strip().splitlines()[-1]}")
    return float(rate[1]), float(p99[1]) * _MILLIS[p99[2]], used / (float(rate[1]) * took) * 1e6


def compare(
    cases: Sequence[Case], contestants: Sequence[Served], rounds: int, seconds: float
) -> Dict[str, Dict[str, Seen]]:
    """Measure all contestants in turns, in another order each round; those that fail are reported and left out.

    All servers run from the beginning to the end, and each round has all cases, one after the other, so that
    whatever else the machine does meets all of them alike.

    Args:
        cases: What is asked for.
        contestants: The servers.
        rounds, seconds: How often each case of each server is measured, and for how long; see `wrk -d`.

    Returns:
        For the name of each case, what was measured of each contestant.
    """
    found: Dict[str, Dict[str, Seen]] = {case.name: {} for case in cases}
    running: Dict[str, Running] = {}
    with ExitStack() as started:
        for served in contestants:
            running[served.name] = started.enter_context(serving(served))
            for case in (case for case in cases if served.has(case)):
                with _reported(f"{served.name}: {case.name}: not measured"):
                    case.check(running[served.name].first_answer(case))
                    if not any(served.name in seen for seen in found.values()):
                        _ask(running[served.name], case, 1)
                    found[case.name][served.name] = Seen([], [], [])
        for _ in range(rounds):
            for case in random.sample(list(cases), len(cases)):
                seen = found[case.name]
                for name in random.sample(list(seen), len(seen)):
                    rate = p99 = cpu = float("nan")
                    with _reported(f"{name}: {case.name}"):
                        rate, p99, cpu = _ask(running[name], case, seconds)
                    seen[name].rates.append(rate)
                    seen[name].p99s.append(p99)
                    seen[name].cpus.append(cpu)
        for server in running.values():
            server.end()
    return found


@contextmanager
def _reported(what: str) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, AssertionError, OSError, http.client.HTTPException) as error:
        print(f"{what}: {error}", file=sys.stderr)


def _share(rates: Sequence[float], others: Sequence[float]) -> str:
    return f"{statistics.median(one / other for one, other in zip(rates, others)):.2f}"


def lines_of(found: Dict[str, Seen], contestants: Sequence[Served]) -> List[List[str]]:
    """Return the table of a case: the medians of all rounds; shares are medians of the rounds' own shares."""
    lines = [["", "requests/s", "p99, ms", "CPU µs/request", "share of the own command"]]
    for served in contestants:
        seen = found.get(served.name)
        if seen is None:
            continue
        rate, p99, cpu = (statistics.median(values) for values in (seen.rates, seen.p99s, seen.cpus))
        share = _share(seen.rates, found[served.own].rates) if served.own in found else ""
        lines.append([served.name, f"{rate:,.0f}", f"{p99:.1f}", f"{cpu:.0f}" if cpu else "", share])
    return lines


def show(
    names: Optional[List[str]] = None,
    only: Optional[Sequence[str]] = None,
    is_quick: bool = False,
    markdown: bool = False,
    path: Optional[str] = None,
) -> int:
    """Print a table for each case; return the exit status.

    Args:
        names: Beginnings of cases' names; by default JSON alone.
        only: Parts of contestants' names; by default all that are installed.
        is_quick: Whether two rounds are enough.
        markdown: Whether the tables are made for a page.
        path: A file for the figures as JSON.
    """
    if shutil.which("wrk") is None:
        print("wrk is not installed: it comes with the system's package manager.", file=sys.stderr)
        return 1
    cases = chosen(CASES, names or ["json"])
    installed = [one for one in CONTESTANTS if all(importlib.util.find_spec(need) for need in one.needs)]
    for missing in (one for one in CONTESTANTS if one not in installed):
        print(f"{missing.name}: not measured: not installed", file=sys.stderr)
    wanted = [one for one in installed if not only or any(part in one.name for part in only)]
    # all cases of all contestants in less than ten minutes
    rounds, seconds = (2, 1) if is_quick else (5, 2) if len(cases) == 1 else (4, 1)
    print(", ".join(machine().values()))
    print(f"1 worker, {CONNECTIONS} connections of wrk, {rounds} rounds of {seconds} s in turns, medians.")
    found = compare(cases, wanted, rounds, seconds)
    for case in cases:
        print(f"\n{case.name}\n\n{draw(lines_of(found[case.name], wanted), markdown)}", flush=True)
    if path:
        figures = {case: {name: vars(seen) for name, seen in of_case.items()} for case, of_case in found.items()}
        Path(path).write_text(json.dumps({"machine": machine(), "figures": figures}, indent=2) + "\n", encoding="utf-8")
    return 0
