"""Several workers: one that ends is replaced, all are on SIGHUP."""

from __future__ import annotations

import asyncio
import time
from typing import Any, List, Set

from .console import say, warn
from .crew import Crew
from .errors import FAILED
from .workers import Worker

#: Seconds before a worker that ended by itself is started again: doubled after each failure, up to the second.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
#: A worker that ends before it has served so many seconds has failed.
EARLY_SECONDS = 5.0
#: So many failures in a row, at least, while no worker serves, are the end.
MOST_FAILURES = 5


async def keep(crew: Crew) -> int:
    """Keep the workers serving until the end is asked for.

    Returns:
        The exit code: `FAILED` where none could start, or none goes on serving.
    """
    first = [crew.start() for _ in range(crew.options.workers)]
    for worker in first:
        if not await crew.starts(worker):
            return 0 if crew.stopping.done() else FAILED
    crew.announce(first[0].summary or {})
    return await _Keeper(crew).run()


class _Keeper:
    """A loop that replaces workers."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._most = max(MOST_FAILURES, 2 * crew.options.workers)
        #: The workers in a row that failed.
        self._failures = 0
        #: The pauses before workers that take the place of others.
        self._pauses: Set[asyncio.Future[Any]] = set()

    async def run(self) -> int:
        crew = self._crew
        while not crew.stopping.done():
            asked = asyncio.ensure_future(crew.renewing.wait())
            await crew.first(asked, *self._pauses, *(worker.ended for worker in crew.workers))
            asked.cancel()
            if crew.stopping.done():
                break
            for worker in [worker for worker in crew.workers if worker.ended.done()]:
                self._note_end(worker)
            if self._failures >= self._most and not any(worker.age > EARLY_SECONDS for worker in crew.workers):
                warn(f"{self._failures} workers in a row ended and none goes on serving: the server ends.")
                return FAILED
            if crew.renewing.is_set():
                crew.renewing.clear()
                await self._renew()
            self._fill_up()
        for pause in self._pauses:
            pause.cancel()
        return 0

    def _note_end(self, worker: Worker) -> None:
        self._crew.workers.discard(worker)
        self._failures = 0 if worker.age > EARLY_SECONDS else self._failures + 1
        warn(
            f"Worker {worker.process.pid} ended with code {worker.ended.result()}; "
            f"starting another in {self._pause():g} s."
        )

    def _pause(self) -> float:
        return min(FIRST_PAUSE * 2.0 ** max(0, self._failures - 1), LONGEST_PAUSE)

    def _fill_up(self) -> None:
        """Start what is missing: at once after a pause, else begin the pause."""
        crew = self._crew
        over = {pause for pause in self._pauses if pause.done()}
        self._pauses -= over
        for _ in over:
            crew.start()
        for _ in range(crew.options.workers - len(crew.workers) - len(self._pauses)):
            self._pauses.add(asyncio.ensure_future(asyncio.sleep(self._pause())))

    async def _renew(self) -> None:
        """Start a new worker for each; when all are ready stop the old ones, else keep them."""
        crew = self._crew
        for pause in self._pauses:
            pause.cancel()
        self._pauses.clear()
        began, old = time.monotonic(), list(crew.workers)
        say(f"SIGHUP: starting {crew.options.workers} new workers.")
        new = [crew.start() for _ in range(crew.options.workers)]
        are_ready: List[bool] = [await crew.starts(worker) for worker in new]
        if crew.stopping.done():
            return
        if all(are_ready):
            self._failures = 0
            await crew.stop_all(old)
            say(f"Reloaded in {time.monotonic() - began:.1f} s.")
        else:
            warn("The reload failed: a new worker did not start, for the reason above. The old ones go on serving.")
            await crew.stop_all(new)
