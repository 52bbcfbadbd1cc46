"""Measurement of peers that can't be imported beside Fenrir: in another environment and process, by the same driver.

The figures are ratios to the same hand-written app, run in that process, so they compare with all others.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from . import contestants, environment, paradigms
from .cases import CORE, Case
from .contestants import APART, Contestant
from .measure import Effort, Figure, measure

_ROOT = Path(__file__).resolve().parent.parent


def ask(name: str, directory: str, cases: Sequence[Case], effort: Effort) -> Tuple[List[Figure], str, str]:
    """Measure the cases in the peer's own environment.

    Args:
        name: One of `APART`.
        directory: The peer's virtual environment.
        cases: Those of `CORE`, or of the paradigms.
        effort: How long to measure.

    Returns:
        The figures, the peer's version, and why there are no figures (or an empty text).
    """
    if not environment.installed(directory, name):
        return [], "", f"not installed in {Path(directory).name}"
    python = environment.python_of(directory)
    names = json.dumps([case.name for case in cases])
    command = [str(python), "-W", "ignore", "-m", __name__, name, names, str(effort.rounds), str(effort.seconds)]
    done = subprocess.run(command, cwd=_ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return [], "", f"its process failed: {lines[-1] if lines else done.returncode}"
    found: Dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [Figure(**figure) for figure in found["figures"]], found["version"], ""


async def _figures(name: str, cases: Sequence[Case], effort: Effort) -> List[Figure]:
    module_name, distribution = APART[name]
    module = importlib.import_module(module_name, __package__)
    peer = Contestant(name, module.make, version=contestants.version_of(distribution))
    figures: List[Figure] = []
    for case in cases:
        hand = contestants.HANDWRITTEN if case in CORE else paradigms.HANDWRITTEN
        figures += (await measure(case, [peer], effort, hand))[1:]
    return figures


def main(arguments: Sequence[str]) -> int:
    """Run in the other environment: print the figures as one line of JSON."""
    logging.disable(logging.CRITICAL)
    name, names, rounds, seconds = arguments
    wanted = json.loads(names)
    cases = [case for case in (*CORE, *paradigms.CASES) if case.name in wanted]
    figures = asyncio.run(_figures(name, cases, Effort(int(rounds), float(seconds))))
    version = contestants.version_of(APART[name][1])
    print(json.dumps({"figures": [asdict(figure) for figure in figures], "version": version}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
