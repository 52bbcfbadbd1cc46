"""Timing of requests to an app in this process: httpx over ASGI, no socket."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .lifespan import running


@dataclass(frozen=True)
class BenchOptions:
    """What is sent, how often, and how many at a time."""

    method: str
    headers: Tuple[Tuple[str, str], ...]
    body: bytes
    iterations: int
    concurrency: int
    warm_up: int


@dataclass(frozen=True)
class BenchResult:
    """The figures of one path; times in milliseconds.

    Args:
        statuses: How many responses had each status.
        histogram: How many requests took how long: upper bounds in milliseconds and counts, each
            bound a fixed factor above the one before, so that runs can be compared.
    """

    method: str
    path: str
    requests: int
    per_second: float
    mean: float
    p50: float
    p90: float
    p99: float
    max: float
    statuses: Dict[str, int]
    histogram: Tuple[Tuple[float, int], ...]

    @property
    def is_success(self) -> bool:
        """Whether every response was a 2xx."""
        return all(status.startswith("2") for status in self.statuses)


#: Called with the number of finished requests, over all paths.
Progress = Callable[[int], None]
#: Bounds of the histogram per factor of ten: steps of about 58 %.
_STEPS = 5


def measure(
    app: Any, paths: Sequence[str], options: BenchOptions, progress: Optional[Progress] = None
) -> Tuple[BenchResult, ...]:
    """Start the app, time each path in turn, stop the app.

    Args:
        app: An ASGI app.
        paths: With query, as a client would send them.
        options: What is sent.
        progress: Called now and then, between timed requests.

    Raises:
        CliError: The app's start-up fails.
    """
    return asyncio.run(_measure(app, paths, options, progress or (lambda done: None)))


async def _measure(
    app: Any, paths: Sequence[str], options: BenchOptions, progress: Progress
) -> Tuple[BenchResult, ...]:
    import httpx

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with running(app), httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        results: List[BenchResult] = []
        for path in paths:
            before = len(results) * options.iterations
            results.append(await _path(client, path, options, _further(progress, before)))
        return tuple(results)


def _further(progress: Progress, before: int) -> Progress:
    return lambda done: progress(before + done)


async def _path(client: Any, path: str, options: BenchOptions, progress: Progress) -> BenchResult:
    every = max(1, options.iterations // 50)
    times: List[float] = []
    statuses: List[str] = []

    async def send(count: int) -> None:
        for _ in range(count):
            began = time.perf_counter()
            answer = await client.request(options.method, path, headers=options.headers, content=options.body)
            times.append((time.perf_counter() - began) * 1000)
            statuses.append(str(answer.status_code))
            if not len(times) % every:
                shown = time.perf_counter()
                progress(len(times))
                spent[0] += time.perf_counter() - shown

    spent = [0.0]
    await send(options.warm_up)
    spent[0] = 0.0
    times.clear()
    statuses.clear()
    share, rest = divmod(options.iterations, options.concurrency)
    began = time.perf_counter()
    await asyncio.gather(*(send(share + (index < rest)) for index in range(options.concurrency)))
    # the time that the progress bar took is not counted
    elapsed = time.perf_counter() - began - spent[0]
    times.sort()
    return BenchResult(
        options.method,
        path,
        len(times),
        len(times) / elapsed,
        sum(times) / len(times),
        _percentile(times, 50),
        _percentile(times, 90),
        _percentile(times, 99),
        times[-1],
        dict(Counter(statuses).most_common()),
        histogram_of(times),
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile of sorted values."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def histogram_of(times: Sequence[float]) -> Tuple[Tuple[float, int], ...]:
    """Count values by upper bounds that grow by a fixed factor, from the first bound that is needed to the last."""
    places = Counter(math.ceil(math.log10(max(value, 1e-6)) * _STEPS) for value in times)
    return tuple((round(10 ** (place / _STEPS), 6), places[place]) for place in range(min(places), max(places) + 1))
