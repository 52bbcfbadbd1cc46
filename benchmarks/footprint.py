"""Measure what is not time per request: imports, start-up, memory, instructions."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any, Dict, List

from .cases import CORE, Case
from .drive import ASGIDriver
from .fenrir_app import make

_ROOT = Path(__file__).resolve().parent.parent
_REFERENCES = re.compile(r"Collected : ([0-9]+)")
_IMPORTS = {
    "import asyncio": "import asyncio",
    "import fenrir": "import asyncio, fenrir; fenrir.Fenrir",
    "Fenrir() with no paradigm": "import fenrir; fenrir.Fenrir(paradigms=[])",
    "Fenrir() with all that are installed": "import fenrir; fenrir.Fenrir()",
}
_BUILD = """
import sys, time
from benchmarks.cases import Case
from benchmarks.fenrir_app import make
app = make(Case("", "GET", "", None, routes=1000))
began = time.perf_counter()
app.build()
print(time.perf_counter() - began)
"""


def _seconds(code: str, repeat: int = 7) -> float:
    best = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=_ROOT, check=True, stderr=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - began)
    return best


def imports() -> Dict[str, float]:
    """Give seconds over a bare interpreter's start, the best of some fresh processes each."""
    bare = _seconds("pass")
    return {name: _seconds(code) - bare for name, code in _IMPORTS.items()}


def build() -> float:
    """Give the seconds that building an app of 1,000 parametrised routes takes, in a fresh process."""
    command = [sys.executable, "-W", "ignore", "-c", _BUILD]
    done = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return float(done.stdout)


async def growth(case: Case, requests: int) -> int:
    """Give the bytes that Python holds more after `requests` requests than after the warm-up."""
    async with ASGIDriver(make(case), case) as driver:
        await _serve(driver, 2_000)
        tracemalloc.start()
        try:
            await _serve(driver, 1_000)
            gc.collect()
            before, _ = tracemalloc.get_traced_memory()
            await _serve(driver, requests)
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return after - before


async def _serve(driver: ASGIDriver, requests: int) -> None:
    for _ in range(requests // 1_000):
        await driver.batch(1_000)


def instructions(case: Case, requests: int = 4_000) -> float:
    """Give the machine instructions of one request, server's side excluded, counted by callgrind.

    Two runs of different length: the difference leaves start-up out. The scopes of the second run's additional
    requests are in it, which is the same for every app.
    """
    # A run without callgrind first: it writes the bytecode of what was edited, which would be counted as start-up.
    command = [sys.executable, "-W", "ignore", "-c", _serve_code(case, 1)]
    subprocess.run(command, cwd=_ROOT, check=True, stderr=subprocess.DEVNULL)
    few, many = _instructions(case, 100), _instructions(case, 100 + requests)
    return (many - few) / requests


def _serve_code(case: Case, requests: int) -> str:
    return f"from benchmarks.footprint import serve_some; serve_some({case.name!r}, {requests})"


def _instructions(case: Case, requests: int) -> int:
    with tempfile.TemporaryDirectory() as directory:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out", sys.executable]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(
            [*command, "-W", "ignore", "-c", _serve_code(case, requests)],
            cwd=_ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
    found = _REFERENCES.search(done.stderr)
    if done.returncode or found is None:
        raise RuntimeError(done.stderr[-500:])
    return int(found[1])


def serve_some(name: str, requests: int) -> None:
    """Serve a case so many times: what callgrind watches."""
    (case,) = (case for case in CORE if case.name == name)

    async def serve() -> Any:
        async with ASGIDriver(make(case), case) as driver:
            await driver.batch(requests)

    asyncio.run(serve())


def show(with_callgrind: bool) -> int:
    """Print everything; give the exit status."""
    for name, seconds in imports().items():
        print(f"{name + ' (ms)':<44}{seconds * 1e3:>10.0f}")
    print(f"{'build of 1,000 routes (ms)':<44}{build() * 1e3:>10.0f}")
    small: List[Case] = [case for case in CORE if not case.routes]
    for case in small:
        count = 20_000
        grown = asyncio.run(growth(case, count))
        print(f"{f'growth over {count:,} requests, {case.name} (bytes)':<44}{grown:>10,}", flush=True)
    if with_callgrind:
        if shutil.which("valgrind") is None:
            print("valgrind is not installed: it comes with the system's package manager.", file=sys.stderr)
            return 1
        for case in small:
            print(f"{f'instructions a request, {case.name}':<44}{instructions(case):>10,.0f}", flush=True)
    return 0
