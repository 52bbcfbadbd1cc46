"""The workers of one supervisor, and the signals that it gets."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import Any, Dict, List, Optional, Sequence, Set

from .banner import banner
from .console import say
from .listen import url_of
from .options import ServeOptions
from .servers import label_of
from .workers import Worker


class Crew:
    """The workers of one supervisor.

    Attributes:
        options, listener: The options and the socket that they serve with.
        stopping: A future that is done when the supervisor is asked to end.
        renewing: An event that is set when it is asked for new workers.
    """

    def __init__(self, options: ServeOptions, listener: socket.socket) -> None:
        self.options, self.listener = options, listener
        self.workers: Set[Worker] = set()
        self.stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.renewing = asyncio.Event()
        self._signals = 0

    def catch_signals(self) -> None:
        """Ask the supervisor to end on SIGTERM and SIGINT, and for new workers on SIGHUP (with `--dev` to end)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)
        if self.options.dev:
            if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under `nohup`
                loop.add_signal_handler(signal.SIGHUP, self._on_signal, signal.SIGHUP)
        else:
            loop.add_signal_handler(signal.SIGHUP, self.renewing.set)

    def _on_signal(self, number: int) -> None:
        self._signals += 1
        if self._signals > 1:
            for worker in self.workers:
                worker.process.kill()
            os._exit(128 + number)
        if not self.stopping.done():
            self.stopping.set_result(None)

    def start(self) -> Worker:
        """Start one more worker."""
        worker = Worker.start(self.options, self.listener)
        self.workers.add(worker)
        return worker

    async def stop(self, worker: Worker) -> int:
        """Stop one worker, gracefully; return its exit code."""
        code = await worker.stop(self.options)
        self.workers.discard(worker)
        return code

    async def stop_all(self, workers: Optional[Sequence[Worker]] = None) -> List[int]:
        """Stop workers, gracefully; by default all. Return their exit codes."""
        stopped = list(self.workers) if workers is None else workers
        return await asyncio.gather(*(self.stop(worker) for worker in stopped))

    async def first(self, *awaited: asyncio.Future[Any]) -> Set[Any]:
        """Wait for one of several, or for the end; return those that are done."""
        done, _ = await asyncio.wait([*awaited, self.stopping], return_when=asyncio.FIRST_COMPLETED)
        return done

    async def starts(self, worker: Worker) -> bool:
        """Wait until a worker serves, has ended, or the end is asked for; return whether it serves."""
        ready = asyncio.ensure_future(worker.ready())
        await self.first(ready)
        if ready.done():
            return ready.result()
        ready.cancel()
        return False

    def announce(self, summary: Dict[str, Any]) -> None:
        """Print where the workers serve and what the app is made of."""
        mode = "reloads on change" if self.options.dev else f"{self.options.workers} workers"
        url = url_of(self.listener, self.options)
        say("\n".join(banner(summary["label"], url, label_of(self.options), mode, summary, self.options.faster)))
