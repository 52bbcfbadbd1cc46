"""Print the figures as a plain table, and write them as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Dict, List, Sequence

from .measure import Figure, by_contestant


def machine() -> Dict[str, str]:
    """Describe the machine as far as it matters; no name, no path."""
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
        "cores": str(os.cpu_count()),
        "date": time.strftime("%Y-%m-%d"),
    }


def table(figures: Sequence[Figure]) -> str:
    """Draw one row per contestant and one column per case: ratio to the hand-written app, best µs."""
    cases = list(dict.fromkeys(figure.case for figure in figures))
    lines = [["", *cases]]
    for name, row in by_contestant(figures).items():
        lines.append([name, *(_cell(row[case]) if case in row else "" for case in cases)])
    widths = [max(len(line[column]) for line in lines) for column in range(len(cases) + 1)]
    drawn = []
    for line in lines:
        first = line[0].ljust(widths[0])
        drawn.append("  ".join([first, *(text.rjust(width) for text, width in zip(line[1:], widths[1:]))]).rstrip())
    drawn.insert(1, "-" * max(len(line) for line in drawn))
    return "\n".join(drawn)


def _cell(figure: Figure) -> str:
    if figure.ratio is None or figure.micros is None:
        return "-"
    if figure.contestant == "hand-written":
        return f"{figure.micros:.2f} µs"
    return f"{figure.ratio:.2f}x {figure.micros:.2f} µs"


def reasons(figures: Sequence[Figure], missing: Dict[str, str]) -> List[str]:
    """Say why there are gaps, one line each."""
    lines = [f"{name}: not measured: {why}" for name, why in missing.items()]
    found: Dict[str, List[str]] = {}
    for figure in figures:
        if figure.why_not:
            found.setdefault(f"{figure.contestant}: {figure.why_not}", []).append(figure.case)
    return lines + [f"{why} ({', '.join(cases)})" for why, cases in found.items()]


def show(figures: Sequence[Figure], missing: Dict[str, str]) -> None:
    """Print the machine, the table and the reasons of its gaps."""
    print(", ".join(machine().values()))
    print("Ratio: median of paired ratios to the hand-written ASGI app. Time: best batch, µs per request.\n")
    print(table(figures))
    for line in reasons(figures, missing):
        print(line, file=sys.stderr)


def write(path: str, figures: Sequence[Figure], missing: Dict[str, str], versions: Dict[str, str]) -> None:
    """Write everything as JSON."""
    content = {
        "machine": machine(),
        "versions": versions,
        "figures": [asdict(figure) for figure in figures],
        "missing": missing,
    }
    Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
