"""Counts of machine instructions per request, which a busy machine does not change.

One process serves all cases under callgrind, which writes its count and starts again at each call of the C function
`getppid`; nothing else calls it. So a batch is counted alone, without the start of the process. The remaining work of
the driver, making a call and awaiting it, is counted by a batch of an app that does nothing, and subtracted.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import contestants, report
from .cases import CORE, Case, chosen
from .drive import drop

_ROOT = Path(__file__).resolve().parent.parent
_MARK = "getppid"
_TOTAL = re.compile(r"^summary: ([0-9]+)", re.MULTILINE)
_WARM_UP, _COUNT, _BATCHES = 100, 100, 3


def instructions(cases: Sequence[Case]) -> Dict[str, Dict[str, Tuple[float, float]]]:
    """Return per case and contestant the instructions of one request, and how far its batches are apart.

    Raises:
        RuntimeError: Callgrind failed; the message has its last line.
    """
    names = [case.name for case in cases]
    command = [sys.executable, "-W", "ignore", "-m", __name__, *names]
    # A run without callgrind first: it writes bytecode of changed files, and prints the order of the batches.
    order = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    with tempfile.TemporaryDirectory() as directory:
        callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out", f"--dump-before={_MARK}"]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(
            [*callgrind, *command],
            cwd=_ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-500:])
        return by_request(order, _totals(Path(directory), len(order)))


def _totals(directory: Path, batches: int) -> List[int]:
    """Return the counts of the batches: each lies between two marks, so it is every second part."""
    totals = []
    for number in range(batches):
        found = _TOTAL.search((directory / f"out.{2 * number + 2}").read_text())
        if found is None:
            raise RuntimeError(f"callgrind counted nothing in batch {number}")
        totals.append(int(found[1]))
    return totals


def by_request(order: Sequence[str], totals: Sequence[int]) -> Dict[str, Dict[str, Tuple[float, float]]]:
    """Return instructions by case and contestant, minus those of the idle app.

    Args:
        order: Case and contestant of each batch, with a tab between; both empty for the idle app.
        totals: The instructions of each batch.

    Returns:
        The median batch's instructions a request, and how far the batches are apart.
    """
    by_batch: Dict[Tuple[str, str], List[float]] = {}
    for line, total in zip(order, totals):
        case, name = line.split("\t")
        by_batch.setdefault((case, name), []).append(total / _COUNT)
    idle = statistics.median(by_batch.pop(("", "")))
    found: Dict[str, Dict[str, Tuple[float, float]]] = {}
    for (case, name), counts in by_batch.items():
        found.setdefault(case, {})[name] = (statistics.median(counts) - idle, max(counts) - min(counts))
    return found


async def _idle(scope: Any, receive: Any, send: Any) -> None:
    return None


async def serve(names: Sequence[str]) -> None:
    """Run the batches; print a line for each, with the case and the contestant."""
    hybrid = contestants.load()[0][0]
    for case in (case for case in CORE if case.name in names):
        for contestant in (contestants.HANDWRITTEN, hybrid):
            async with contestant.driver(case) as driver:
                case.check(await driver.answer())
                await _batches(driver, case.name, contestant.name)
    driver = contestants.Contestant("", lambda case: _idle).driver(CORE[0])
    await _batches(driver, "", "")


async def _batches(driver: Any, case: str, name: str) -> None:
    await driver.batch(_WARM_UP)
    for _ in range(_BATCHES):
        calls = [(driver.scope(), driver.receive()) for _ in range(_COUNT)]
        app, send = driver.app, drop
        os.getppid()
        for scope, receive in calls:
            await app(scope, receive, send)
        os.getppid()
        print(f"{case}\t{name}")


def show(wanted: Optional[List[str]] = None, markdown: bool = False) -> int:
    """Print the table; return the exit status."""
    if shutil.which("valgrind") is None:
        print("valgrind is not installed: it comes with the system's package manager.", file=sys.stderr)
        return 1
    cases = [case for case in chosen(CORE, wanted) if wanted or case.routes < 1_000]
    lines = [["instructions a request", "hand-written", "fenrir", "ratio", "batches differ by"]]
    for case, row in instructions(cases).items():
        (hand, _), (ours, apart) = row["hand-written"], row["fenrir"]
        lines.append([case, f"{hand:,.0f}", f"{ours:,.0f}", f"{ours / hand:.2f}", f"{apart / ours:.1%}"])
    print(report.draw(lines, markdown))
    return 0


if __name__ == "__main__":
    gc.disable()  # a garbage collection would fall into any of the batches
    asyncio.run(serve(sys.argv[1:]))
