"""Time requests to an app in this process: httpx over ASGI, no socket."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from .lifespan import running


@dataclass(frozen=True)
class BenchOptions:
    """Say what is sent, how often, and how many at a time."""

    method: str
    headers: Tuple[Tuple[str, str], ...]
    body: bytes
    iterations: int
    concurrency: int
    warm_up: int


@dataclass(frozen=True)
class BenchResult:
    """Be the figures of one path; times in milliseconds.

    Args:
        statuses: How many answers had each status.
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

    @property
    def is_success(self) -> bool:
        """Tell whether every answer was a 2xx."""
        return all(status.startswith("2") for status in self.statuses)


def measure(app: Any, paths: Sequence[str], options: BenchOptions) -> Tuple[BenchResult, ...]:
    """Start the app, time each path in turn, stop the app.

    Raises:
        CliError: The app's start-up fails.
    """
    return asyncio.run(_measure(app, paths, options))


async def _measure(app: Any, paths: Sequence[str], options: BenchOptions) -> Tuple[BenchResult, ...]:
    import httpx

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with running(app), httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        return tuple([await _path(client, path, options) for path in paths])


async def _path(client: Any, path: str, options: BenchOptions) -> BenchResult:
    times: List[float] = []
    statuses: List[str] = []

    async def send(count: int) -> None:
        for _ in range(count):
            began = time.perf_counter()
            answer = await client.request(options.method, path, headers=options.headers, content=options.body)
            times.append((time.perf_counter() - began) * 1000)
            statuses.append(str(answer.status_code))

    await send(options.warm_up)
    times.clear()
    statuses.clear()
    share, rest = divmod(options.iterations, options.concurrency)
    began = time.perf_counter()
    await asyncio.gather(*(send(share + (index < rest)) for index in range(options.concurrency)))
    elapsed = time.perf_counter() - began
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
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Give the nearest-rank percentile of sorted values."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
