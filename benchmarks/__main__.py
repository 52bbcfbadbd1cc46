"""The command: `python -m benchmarks [--cases …] [--peers] [--quick] [--json FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import Dict, List, Optional, Sequence

from . import environment, report
from .cases import Case, chosen
from .contestants import PEERS, Contestant, load
from .measure import Effort, Figure, measure

_MANY = 1_000
_QUICK = Effort(rounds=11, seconds=0.005)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Fenrir side by side.")
    parser.add_argument("--cases", nargs="+", metavar="CASE", help="only cases whose names begin like this")
    parser.add_argument(
        "--peers",
        nargs="*",
        metavar="PEER",
        help=f"measure peers too, in a virtual environment of their own; all of them, or some of {', '.join(PEERS)}",
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter batches: a rough look")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--venv", default=environment.DEFAULT, metavar="DIRECTORY", help="where the peers are installed"
    )
    parser.add_argument("--here", action="store_true", help="use this interpreter's own packages for the peers")
    return parser


async def _measure(
    cases: Sequence[Case], contestants: Sequence[Contestant], effort: Effort, everything: bool
) -> List[Figure]:
    figures: List[Figure] = []
    for case in cases:
        print(f"{case.name} …", file=sys.stderr)
        # Some peers need minutes to build ten thousand routes: that is done only if it is asked for by name.
        few = case.routes > _MANY and not everything
        figures += await measure(case, contestants[:1] if few else contestants, effort)
    return figures


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Measure and report; give the exit status."""
    options = _parser().parse_args(arguments)
    given = list(sys.argv[1:] if arguments is None else arguments)
    peers: Optional[List[str]] = None
    if options.peers is not None:
        peers = options.peers or list(PEERS)
        unknown = [name for name in peers if name not in PEERS]
        if unknown:
            raise SystemExit(f"There is no peer {unknown[0]!r}. There are: {', '.join(PEERS)}.")
        if not options.here:
            return environment.run_there(options.venv, peers, [*given, "--here"])
    logging.disable(logging.WARNING)  # some peers log each request; what is measured is not a terminal
    contestants, missing = load(peers)
    effort = _QUICK if options.quick else Effort()
    figures = asyncio.run(_measure(chosen(options.cases), contestants, effort, bool(options.cases)))
    versions: Dict[str, str] = {contestant.name: contestant.version for contestant in contestants}
    report.show(figures, missing)
    if options.json:
        report.write(options.json, figures, missing, versions)
    broken = [figure for figure in figures if figure.contestant == "fenrir" and "WrongAnswer" in figure.why_not]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
