"""Reports of the figures: plain tables or Markdown, and JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Dict, List, Sequence

from .measure import Figure, by_contestant
from .pure import COUNTERPARTS

Lines = List[List[str]]
_HAND, _OURS = "hand-written", "fenrir"


def machine() -> Dict[str, str]:
    """Return a description of the machine as far as it matters; no name, no path."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "processor": model,
        "cores": f"{os.cpu_count()} cores",
        "load": f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown",
        "date": time.strftime("%Y-%m-%d"),
    }


def cells(figures: Sequence[Figure], micros: bool = True) -> Lines:
    """Return one line per contestant and one cell per case: ratio to the hand-written app, best µs.

    Args:
        figures: The measured figures.
        micros: Whether cells have the microseconds next to the ratio.
    """
    cases = _cases(figures)
    lines = [["", *cases]]
    for name, row in by_contestant(figures).items():
        lines.append([name, *(_cell(row[case], micros) if case in row else "" for case in cases)])
    return lines


def relative(figures: Sequence[Figure]) -> Lines:
    """Return each peer's cost in multiples of Fenrir's, per case, and the minimum and geometric mean of all cases.

    Both are ratios to the hand-written app of the same run. A peer that Fenrir has a paradigm of is also
    compared with that paradigm's app class.
    """
    table = by_contestant(figures)
    cases = _cases(figures)
    lines = [["", *cases, "least", "mean"]]
    for name, row in table.items():
        if name == _HAND or name == _OURS or name.startswith("fenrir_"):
            continue
        for reference in (_OURS, COUNTERPARTS.get(name, "")):
            ours = table.get(reference, {})
            found = {case: _times(row[case], ours[case]) for case in cases if case in row and case in ours}
            known = [times for times in found.values() if times]
            if not known:
                continue
            mean = statistics.geometric_mean(known)
            texts = [_short(found[case]) if found.get(case) else "" for case in cases]
            lines.append([f"{name} / {reference}", *texts, _short(min(known)), _short(mean)])
    return lines


def _cases(figures: Sequence[Figure]) -> List[str]:
    return list(dict.fromkeys(figure.case for figure in figures))


def _times(peer: Figure, ours: Figure) -> float:
    return peer.ratio / ours.ratio if peer.ratio and ours.ratio else 0.0


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}" if number >= 5 else f"{number:.2f}"


def _cell(figure: Figure, micros: bool) -> str:
    if figure.ratio is None or figure.micros is None:
        return "-"
    if figure.contestant == _HAND:
        return f"{figure.micros:.2f} µs"
    return f"{figure.ratio:.2f}x {figure.micros:.2f} µs" if micros else _short(figure.ratio)


def draw(lines: Lines, markdown: bool = False) -> str:
    """Return a table: the first line is its head, all columns but the first are numbers."""
    if markdown:
        head, *rest = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([head, f"| --- |{' ---: |' * (len(lines[0]) - 1)}", *rest])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    drawn = []
    for line in lines:
        first = line[0].ljust(widths[0])
        drawn.append("  ".join([first, *(text.rjust(width) for text, width in zip(line[1:], widths[1:]))]).rstrip())
    drawn.insert(1, "-" * max(len(line) for line in drawn))
    return "\n".join(drawn)


def reasons(figures: Sequence[Figure], missing: Dict[str, str]) -> List[str]:
    """Return the reasons for gaps, one line each."""
    lines = [f"{name}: not measured: {why}" for name, why in missing.items()]
    found: Dict[str, List[str]] = {}
    for figure in figures:
        if figure.why_not:
            found.setdefault(f"{figure.contestant}: {figure.why_not}", []).append(figure.case)
    return lines + [f"{why} ({', '.join(cases)})" for why, cases in found.items()]


def show(figures: Sequence[Figure], missing: Dict[str, str], versions: Dict[str, str], markdown: bool = False) -> None:
    """Print the machine, the versions, the tables and the reasons of their gaps."""
    print(", ".join(machine().values()))
    print(", ".join(f"{name} {version}" for name, version in versions.items() if version))
    print("Ratio: median of paired ratios to the hand-written ASGI app. Time: best batch, µs of processor time per")
    print("request (of wall-clock time if a WSGI app runs in a thread).\n")
    print(draw(cells(figures, micros=not markdown), markdown))
    compared = relative(figures)
    if len(compared) > 1:
        print("\nCost in multiples of Fenrir's, in the same run.\n")
        print(draw(compared, markdown))
    for line in reasons(figures, missing):
        print(line, file=sys.stderr)


def write(path: str, figures: Sequence[Figure], missing: Dict[str, str], versions: Dict[str, str]) -> None:
    """Write all figures as JSON."""
    content = {
        "machine": machine(),
        "versions": versions,
        "figures": [asdict(figure) for figure in figures],
        "missing": missing,
    }
    Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
