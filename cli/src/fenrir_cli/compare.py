"""Comparison of results of `fenrir bench`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from .bench import BenchResult
from .errors import MISUSED, CliError


@dataclass(frozen=True)
class Change:
    """The change of one figure of a request.

    Args:
        request: Method and path.
        figure: ``per_second``, ``mean``, ``p50``, ``p90`` or ``p99``.
        before, now: The values.
        percent: By how much it is better; negative is worse. More requests per second and less time are better.
    """

    request: str
    figure: str
    before: float
    now: float
    percent: float


#: The figures that are compared, each with whether more is better.
FIGURES = (("per_second", True), ("mean", False), ("p50", False), ("p90", False), ("p99", False))


def read_results(path: str) -> List[Dict[str, Any]]:
    """Read the results that `fenrir bench --json` wrote.

    Raises:
        CliError: The file can't be read, or was not written by it.
    """
    try:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)["results"]
        return [{**result, "per_second": float(result["per_second"])} for result in results]
    except OSError as error:
        raise CliError(f"Can't read {path}: {error.strerror}.", exit_code=MISUSED) from None
    except (ValueError, TypeError, KeyError):
        raise CliError(f"{path} was not written by fenrir bench --json.", exit_code=MISUSED) from None


def changes(before: Sequence[Dict[str, Any]], now: Sequence[BenchResult]) -> Tuple[Change, ...]:
    """Compare results by method and path; what only one side has is left out."""
    stored = {(item.get("method"), item.get("path")): item for item in before}
    found = []
    for result in now:
        old = stored.get((result.method, result.path))
        for figure, more_is_better in FIGURES if old is not None else ():
            was, value = float((old or {}).get(figure, 0.0)), float(getattr(result, figure))
            if was > 0 and value > 0:
                gain = value / was - 1 if more_is_better else was / value - 1
                found.append(Change(f"{result.method} {result.path}", figure, was, value, gain * 100))
    return tuple(found)
