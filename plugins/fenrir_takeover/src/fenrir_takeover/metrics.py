"""Hits, errors and latency by path template, on both sides; and the reports that are made of them."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterable, List, Tuple

from fenrir_core import Observation, Observer

from .files import write_json
from .legacy import SERVED
from .switches import LEGACY, NEW

#: Upper ends of the classes in which latencies are counted, in milliseconds.
BOUNDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
#: How many templates and methods are told apart; those of further ones are counted together.
MOST = 2000
Key = Tuple[str, str, str]


@dataclass
class Counter:
    """The requests of one method and template that one side served.

    Args:
        hits: How many there were.
        errors: How many had a status of 500 or more, or ended early by an error.
        milliseconds: How long all took together.
        slowest: How long the slowest took, in milliseconds.
        classes: How many took no longer than each of `BOUNDS`, and longer than the one before; the last for more.
    """

    hits: int = 0
    errors: int = 0
    milliseconds: float = 0.0
    slowest: float = 0.0
    classes: List[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def add(self, milliseconds: float, is_error: bool) -> None:
        """Count a request."""
        self.hits += 1
        self.errors += is_error
        self.milliseconds += milliseconds
        self.slowest = max(self.slowest, milliseconds)
        self.classes[next((i for i, bound in enumerate(BOUNDS) if milliseconds <= bound), len(BOUNDS))] += 1

    def join(self, other: Counter) -> None:
        """Add what another worker counted."""
        self.hits += other.hits
        self.errors += other.errors
        self.milliseconds += other.milliseconds
        self.slowest = max(self.slowest, other.slowest)
        self.classes = [mine + its for mine, its in zip(self.classes, other.classes)]

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the requests did not exceed, in milliseconds."""
        left = self.hits * share
        for count, bound in zip(self.classes, BOUNDS):
            left -= count
            if left <= 0:
                return min(bound, self.slowest)
        return self.slowest


class Metrics:
    """What one process has counted."""

    def __init__(self) -> None:
        self.counters: Dict[Key, Counter] = {}
        self.differences: Dict[str, List[int]] = {}
        self._lock = threading.Lock()

    def observer(self) -> Observer:
        """Return the observer that counts."""
        return Observer("takeover", on_end=self._end)

    def _end(self, observation: Observation) -> None:
        template, side = observation.state.get(SERVED), LEGACY
        if template is None:
            template, side = observation.template, NEW
        method = observation.scope.get("method")
        if template is None or method is None:
            return
        is_error = observation.status >= 500 or (observation.error is not None and not observation.is_complete)
        self.count((side, method, template), observation.duration * 1000, is_error)

    def count(self, key: Key, milliseconds: float, is_error: bool) -> None:
        """Count a request of a side, method and template."""
        with self._lock:
            if key not in self.counters and len(self.counters) >= MOST:
                key = (key[0], "*", "*")
            self.counters.setdefault(key, Counter()).add(milliseconds, is_error)

    def compared(self, route: str, differs: bool) -> None:
        """Count a comparison of shadow mode."""
        with self._lock:
            found = self.differences.setdefault(route, [0, 0])
            found[0] += 1
            found[1] += differs

    def snapshot(self) -> Dict[str, Any]:
        """Return all that was counted, as JSON can hold it."""
        with self._lock:
            rows = [
                {"side": side, "method": method, "template": template, **vars(counter), "classes": [*counter.classes]}
                for (side, method, template), counter in self.counters.items()
            ]
            shadows = {route: list(counts) for route, counts in self.differences.items()}
        return {"requests": rows, "shadows": shadows}


def write(snapshot: Dict[str, Any], directory: Path, name: str) -> None:
    """Write a snapshot to a file of a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / name, snapshot)


def read(directory: Path) -> List[Dict[str, Any]]:
    """Return the snapshots of a directory, one of each process."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.json"))]


def report(snapshots: Iterable[Dict[str, Any]]) -> Dict[str, Any]:
    """Return what all processes have counted: for each method and template what either side served.

    Returns:
        ``routes``: a list with `method`, `template`, `new_percent` and, for ``new`` and ``legacy``, `hits`, `errors`,
        `mean_ms`, `p95_ms` and `slowest_ms`; those with most hits first. ``shadows``: by route how many responses were
        compared, and how many of them differed.
    """
    sides: Dict[Tuple[str, str], Dict[str, Counter]] = {}
    shadows: Dict[str, Dict[str, int]] = {}
    for snapshot in snapshots:
        for row in snapshot["requests"]:
            counter = Counter(row["hits"], row["errors"], row["milliseconds"], row["slowest"], list(row["classes"]))
            both = sides.setdefault((row["method"], row["template"]), {NEW: Counter(), LEGACY: Counter()})
            both[row["side"]].join(counter)
        for route, (compared, differed) in snapshot.get("shadows", {}).items():
            found = shadows.setdefault(route, {"compared": 0, "differed": 0})
            found["compared"] += compared
            found["differed"] += differed
    routes: List[Dict[str, Any]] = [
        {
            "method": method,
            "template": template,
            "new_percent": round(100 * both[NEW].hits / max(both[NEW].hits + both[LEGACY].hits, 1), 1),
            **{side: _figures(counter) for side, counter in both.items()},
        }
        for (method, template), both in sides.items()
    ]
    routes.sort(key=lambda row: (-(row["new"]["hits"] + row["legacy"]["hits"]), row["template"], row["method"]))
    return {"routes": routes, "shadows": shadows}


def _figures(counter: Counter) -> Dict[str, Any]:
    return {
        "hits": counter.hits,
        "errors": counter.errors,
        "mean_ms": round(counter.milliseconds / counter.hits, 2) if counter.hits else None,
        "p95_ms": round(counter.percentile(0.95), 2) if counter.hits else None,
        "slowest_ms": round(counter.slowest, 2) if counter.hits else None,
    }
