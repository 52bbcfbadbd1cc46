"""Rate limits in the memory of one process: a token bucket a key, and no more of them than are allowed.

A bucket holds one number, as in Redis: when all that was taken so far is available again (the generic cell rate
algorithm, which allows what a token bucket allows, without a timer that fills it).

Source: ITU-T I.371, annex A (virtual scheduling).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import Callable, List, Optional, Sequence, Tuple


class MemoryBackend:
    """A backend that counts in this process; another process has counts of its own.

    Args:
        size: The most buckets that are kept. The one that was used least recently is forgotten for a new one.
        clock: Returns seconds; a clock that nobody can set back.
    """

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._clock = size, clock
        #: When each bucket is full again, in microseconds of the clock; the one used last is the last one.
        self._due: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    async def take(self, keys: Sequence[str], arguments: Sequence[int]) -> Optional[List[int]]:
        """Take one request from each bucket, or from none; see `Backend.take`."""
        return self.take_now(keys, arguments)

    def take_now(self, keys: Sequence[str], arguments: Sequence[int]) -> List[int]:
        """Do what `take` does, without a coroutine."""
        now = self._clock() * 1_000_000
        rates = list(zip(keys, arguments[::2], arguments[1::2]))
        times = [self._time(key, period, now) for key, period, _ in rates]
        allowed = all(_has_one(due - now, period, count) for due, (_, period, count) in zip(times, rates))
        answer = [int(allowed)]
        for due, (key, period, count) in zip(times, rates):
            wait = 0
            if allowed:
                due += period / count
                self._keep(key, due, now)
            elif not _has_one(due - now, period, count):
                wait = max(math.ceil(due + period / count - period - now), 1)
            answer += [max(math.floor(count - (due - now) * count / period + 0.001), 0), wait, math.ceil(due - now)]
        return answer

    def _time(self, key: str, period: int, now: float) -> float:
        return min(max(self._due.get(key, now), now), now + period)

    def _keep(self, key: str, due: float, now: float) -> None:
        kept = self._due
        kept[key] = due
        kept.move_to_end(key)
        for _ in range(2):  # those that are full again are as good as new: two go for each that comes
            first, full_at = next(iter(kept.items()))
            if full_at > now and len(kept) <= self._size:
                break
            del kept[first]


def _has_one(ahead: float, period: int, count: int) -> bool:
    return ahead * count / period + 1 <= count + 0.001


class MemoryStore:
    """The buckets of an app: `app.store(MemoryStore)`."""

    def __init__(self) -> None:
        self.made: Optional[Tuple[int, MemoryBackend]] = None

    def backend(self, size: int) -> MemoryBackend:
        """Return the backend, which a later build of the app keeps."""
        if self.made is None or self.made[0] != size:
            self.made = size, MemoryBackend(size)
        return self.made[1]
