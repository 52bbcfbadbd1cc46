"""Measurement of imports, start-up and memory."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

from . import report
from .cases import CORE, Case
from .contestants import HANDWRITTEN, Contestant, load
from .drive import ASGIDriver, EchoDriver
from .websockets import CASE as ECHO
from .websockets import fenrir as echo

_ROOT = Path(__file__).resolve().parent.parent
_PROCESSES = 15
_REQUESTS, _WARM_UP, _AT_ONCE = 200_000, 20_000, 1_000
#: The code that is timed, by row, after `import asyncio`, which every server does anyway.
IMPORTS: Dict[str, str] = {
    "import fenrir": "import fenrir",
    "from fenrir import Fenrir": "from fenrir import Fenrir",
    "Fenrir(paradigms=[])": "from fenrir import Fenrir; Fenrir(paradigms=[])",
    "Fenrir() with all that are installed": "from fenrir import Fenrir; Fenrir()",
}
_ONE_IMPORT = """
import asyncio, time
began, spent = time.perf_counter(), time.process_time()
{code}
print(time.perf_counter() - began, time.process_time() - spent)
"""
_BUILD = """
import time
from benchmarks.cases import Case
from benchmarks.fenrir_app import make
app = make(Case("", "GET", "", None, routes=1000))
began, spent = time.perf_counter(), time.process_time()
app.build()
print(time.perf_counter() - began, time.process_time() - spent)
"""
#: Wall-clock seconds, and processor seconds, which other processes disturb less.
Seconds = Tuple[float, float]


def output(*arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", *arguments]
    # Some machines disable bytecode, unlike installed apps: then every process would compile again.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=_ROOT, env=env, check=True, capture_output=True, text=True)
    return done.stdout


def imports(processes: int = _PROCESSES) -> Dict[str, Seconds]:
    """Return seconds by row of `IMPORTS`: the medians of fresh processes, alternating, on a warm cache.

    The first process of each row is not counted: it writes bytecode and brings files into the system's cache.
    """
    found: Dict[str, List[Seconds]] = {name: [] for name in IMPORTS}
    for number in range(processes + 1):
        for name, code in IMPORTS.items():
            seconds = _seconds("-c", _ONE_IMPORT.format(code=code))
            if number:
                found[name].append(seconds)
    return {name: _medians(values) for name, values in found.items()}


def build(processes: int = 7) -> Seconds:
    """Return the seconds that building an app of 1,000 parametrised routes takes, medians of fresh processes."""
    return _medians([_seconds("-c", _BUILD) for _ in range(processes)])


def _seconds(*arguments: str) -> Seconds:
    clock, processor = (float(text) for text in output(*arguments).split())
    return clock, processor


def _medians(values: List[Seconds]) -> Seconds:
    return statistics.median(clock for clock, _ in values), statistics.median(spent for _, spent in values)


def resident() -> int:
    """Return the bytes of this process that are in memory; 0 if the system does not report it."""
    try:
        fields = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
    except (OSError, IndexError):
        return 0
    return int(fields[0]) * 1024


async def growth(driver: Any, requests: int = _REQUESTS, warm_up: int = _WARM_UP) -> Tuple[int, int]:
    """Return the growth in Python's blocks and resident bytes from the warm-up to `requests` requests later.

    Blocks are counted by the allocator, without tracing; resident memory includes extensions.
    """
    async with driver:
        await _serve(driver, warm_up)
        gc.collect()
        blocks, size = sys.getallocatedblocks(), resident()
        await _serve(driver, requests)
        gc.collect()
        return sys.getallocatedblocks() - blocks, resident() - size


async def _serve(driver: Any, requests: int) -> None:
    for _ in range(requests // _AT_ONCE):
        await driver.batch(_AT_ONCE)


def grown(case: Case, contestant: str) -> Tuple[int, int]:
    """Return the growth over a case in a new process."""
    blocks, size = json.loads(output("-m", __name__, case.name, contestant))
    return blocks, size


def main(case_name: str, contestant: str) -> None:
    """Run in the process of `grown`."""
    if case_name == ECHO.name:
        driver: ASGIDriver = EchoDriver(echo(), ECHO)
    else:
        (case,) = (case for case in CORE if case.name == case_name)
        made: Contestant = HANDWRITTEN if contestant == HANDWRITTEN.name else load()[0][0]
        driver = made.driver(case)
    print(json.dumps(asyncio.run(growth(driver))))


def show(markdown: bool = False) -> int:
    """Print everything; return the exit status."""
    print(", ".join(report.machine().values()), "\n")
    lines = [[f"over import asyncio, median of {_PROCESSES} processes", "ms", "of the processor"]]
    rows = {**imports(), "build of 1,000 routes": build()}
    lines += [[name, f"{clock * 1e3:.1f}", f"{spent * 1e3:.1f}"] for name, (clock, spent) in rows.items()]
    print(report.draw(lines, markdown), "\n", flush=True)
    lines = [[f"growth over {_REQUESTS:,} requests", "Python's blocks", "resident KiB"]]
    blocks, size = grown(CORE[0], HANDWRITTEN.name)
    lines.append(["text, hand-written (for comparison)", f"{blocks:,}", f"{size / 1024:,.0f}"])
    for case in (*(case for case in CORE if not case.routes), ECHO):
        print(f"{case.name} …", file=sys.stderr)
        blocks, size = grown(case, "fenrir")
        lines.append([case.name, f"{blocks:,}", f"{size / 1024:,.0f}"])
    print(report.draw(lines, markdown))
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
