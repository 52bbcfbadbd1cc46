"""Measurement in pairs: batches of a contestant and of the hand-written app alternate, so that noise affects both."""

from __future__ import annotations

import gc
import random
import statistics
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

from .cases import Case, NoApp
from .contestants import HANDWRITTEN, Contestant

_WARM_UP = 50


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Args:
        rounds: How many pairs of batches.
        seconds: How long one batch takes, about.
    """

    rounds: int = 61
    seconds: float = 0.005


@dataclass(frozen=True)
class Figure:
    """The figures of one contestant for one case.

    Args:
        micros: The best batch's microseconds per request.
        ratio: The median, over the pairs of batches, of its time over the hand-written app's.
        low, high: The quartiles of these ratios.
        why_not: Why there are no figures.
    """

    case: str
    contestant: str
    micros: Optional[float] = None
    ratio: Optional[float] = None
    low: Optional[float] = None
    high: Optional[float] = None
    why_not: str = ""


async def measure(
    case: Case, contestants: Sequence[Contestant], effort: Effort, hand: Contestant = HANDWRITTEN
) -> List[Figure]:
    """Measure one case for all contestants; the hand-written app comes first in the result.

    Every response is checked before the timing, and once more afterwards.
    """
    async with hand.driver(case) as base:
        case.check(await base.answer())
        count = await _calibrate(base, effort)
        figures = []
        best = await base.batch(count) / count
        for contestant in contestants:
            try:
                figure, with_it = await _pairs(case, contestant, base, count, effort)
            except NoApp:  # not a failure of the peer
                continue
            except Exception as error:  # a peer that fails, or whose response is wrong, is reported and left out
                figures.append(Figure(case.name, contestant.name, why_not=f"{type(error).__name__}: {error}"))
                continue
            best = min(best, with_it)
            figures.append(figure)
    return [Figure(case.name, HANDWRITTEN.name, best * 1e6, 1.0, 1.0, 1.0), *figures]


async def _pairs(case: Case, contestant: Contestant, base: Any, count: int, effort: Effort) -> Any:
    async with contestant.driver(case) as driver:
        case.check(await driver.answer())
        own_count = await _calibrate(driver, effort)
        order = random.Random(case.name)
        gc.collect()
        gc.freeze()  # objects of the other frameworks would slow down this one's garbage collections
        ours: List[float] = []
        theirs: List[float] = []
        try:
            for _ in range(effort.rounds):
                # In random order, not in turns: another process may be periodic.
                first = order.random() < 0.5
                if first:
                    theirs.append(await base.batch(count) / count)
                ours.append(await driver.batch(own_count) / own_count)
                if not first:
                    theirs.append(await base.batch(count) / count)
        finally:
            gc.unfreeze()
        case.check(await driver.answer())
    ratios = sorted(one / other for one, other in zip(ours, theirs))
    low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    figure = Figure(case.name, contestant.name, min(ours) * 1e6, statistics.median(ratios), low, high)
    return figure, min(theirs)


async def _calibrate(driver: Any, effort: Effort) -> int:
    await driver.batch(_WARM_UP)
    each = await driver.batch(_WARM_UP) / _WARM_UP
    return max(5, min(20_000, int(effort.seconds / each)))


def by_contestant(figures: Sequence[Figure]) -> Dict[str, Dict[str, Figure]]:
    """Return figures by contestant, then case, in their order."""
    table: Dict[str, Dict[str, Figure]] = {}
    for figure in figures:
        table.setdefault(figure.contestant, {})[figure.case] = figure
    return table
