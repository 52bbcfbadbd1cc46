"""The command `python -m benchmarks`; `--help` lists its options."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import Dict, List, Optional, Sequence

from . import callgrind, elsewhere, environment, footprint, late, paradigms, report, sockets
from .cases import CORE, Case, chosen
from .contestants import APART, HANDWRITTEN, PEERS, Contestant, load
from .measure import Effort, Figure, measure

_MANY = 1_000
_ALL = (*PEERS, *APART)
_QUICK = Effort(rounds=21, seconds=0.003)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Fenrir side by side.")
    parser.add_argument("--cases", nargs="+", metavar="CASE", help="only cases whose names begin with this")
    parser.add_argument(
        "--peers",
        nargs="*",
        metavar="PEER",
        help=f"measure peers too, in a virtual environment of their own; all of them, or some of {', '.join(_ALL)}",
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter batches: a rough look")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--venv", default=environment.DEFAULT, metavar="DIRECTORY", help="where the peers are installed"
    )
    parser.add_argument("--here", action="store_true", help="use this interpreter's own packages for the peers")
    parser.add_argument("--paradigms", action="store_true", help="instead: the features of each paradigm")
    parser.add_argument(
        "--sockets",
        action="store_true",
        help="instead: `fenrir run` beside the servers' own commands and other frameworks, measured with wrk",
    )
    parser.add_argument("--footprint", action="store_true", help="instead: imports, start-up and memory")
    parser.add_argument("--late", action="store_true", help="instead: registering in a running app of 1,000 routes")
    parser.add_argument(
        "--callgrind", action="store_true", help="instead: machine instructions per request, counted by valgrind"
    )
    parser.add_argument("--markdown", action="store_true", help="print tables as a page of the documentation has them")
    return parser


async def _measure(
    cases: Sequence[Case], contestants: Sequence[Contestant], hand: Contestant, effort: Effort, everything: bool
) -> List[Figure]:
    figures: List[Figure] = []
    for case in cases:
        print(f"{case.name} …", file=sys.stderr)
        # Some need minutes to build ten thousand routes: beyond Fenrir's own app that is done only on demand by name.
        few = case.routes > _MANY and not everything
        figures += await measure(case, contestants[:1] if few else contestants, effort, hand)
    return figures


def _peers_of(options: argparse.Namespace) -> Optional[List[str]]:
    """Return the names of the peers that are wanted, None if none were asked for."""
    if options.peers is None:
        return None
    peers: List[str] = options.peers or list(_ALL)
    unknown = [name for name in peers if name not in _ALL]
    if unknown:
        raise SystemExit(f"There is no peer {unknown[0]!r}. There are: {', '.join(_ALL)}.")
    return peers


def _table(options: argparse.Namespace, peers: Optional[List[str]]) -> int:
    """Measure the cases, print the tables; return the exit status."""
    logging.disable(logging.WARNING)  # some peers log each request; the terminal is not to be measured
    missing: Dict[str, str] = {}
    together = [name for name in peers or () if name in PEERS]
    if options.paradigms:
        cases, hand, contestants = paradigms.CASES, paradigms.HANDWRITTEN, paradigms.contestants(together)
    else:
        cases, hand = CORE, HANDWRITTEN
        contestants, missing = load(together)
    effort = _QUICK if options.quick else Effort()
    wanted = chosen(cases, options.cases)
    figures = asyncio.run(_measure(wanted, contestants, hand, effort, bool(options.cases)))
    versions: Dict[str, str] = {contestant.name: contestant.version for contestant in contestants}
    for name in (name for name in peers or () if name in APART):
        print(f"{name} …", file=sys.stderr)
        some = [case for case in wanted if case.routes <= _MANY or options.cases]
        found, versions[name], why_not = elsewhere.ask(name, environment.apart(options.venv, name), some, effort)
        figures += found
        if why_not:
            missing[name] = why_not
    report.show(figures, missing, versions, options.markdown)
    if options.json:
        report.write(options.json, figures, missing, versions)
    broken = [figure for figure in figures if figure.contestant == "fenrir" and "WrongAnswer" in figure.why_not]
    return 1 if broken else 0


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Measure and report; return the exit status."""
    options = _parser().parse_args(arguments)
    if options.sockets:
        if not options.here:
            given = list(sys.argv[1:] if arguments is None else arguments)
            return environment.run_there(options.venv, sockets.PEERS, [*given, "--here"], environment.SERVERS)
        return sockets.show(options.cases, options.peers, options.quick, options.markdown, options.json)
    if options.callgrind:
        return callgrind.show(options.cases, options.markdown)
    if options.footprint:
        return footprint.show(options.markdown)
    if options.late:
        return late.show(options.markdown)
    peers = _peers_of(options)
    if peers is None or options.here:
        return _table(options, peers)
    given = list(sys.argv[1:] if arguments is None else arguments)
    return environment.run_there(options.venv, peers, [*given, "--here"])


if __name__ == "__main__":
    sys.exit(main())
