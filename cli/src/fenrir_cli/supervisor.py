"""Supervision of serving processes: several, or with `--dev` one with the newest code.

The supervisor owns the listening socket and imports no app. Connections that arrive while no
worker accepts wait in the socket's queue: none is refused during a reload.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
import sys
import time
from typing import Any, Dict, List, Optional, Set

from .banner import banner
from .console import say, warn
from .errors import FAILED, CliError
from .holding import Holder
from .listen import listening, url_of
from .options import ServeOptions
from .servers import label_of
from .target import parse_target
from .workers import Worker

#: Seconds before a worker that ended by itself is started again: doubled after each failure, up to the second.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


def supervise(options: ServeOptions) -> None:
    """Listen, and keep workers serving until SIGTERM or SIGINT; a second SIGINT ends all at once.

    Raises:
        CliError: The port is in use, or there is nothing to serve.
        SystemExit: With 1 when no worker could start.
    """
    if os.name != "posix":
        raise CliError("--dev and --workers hand a socket from process to process, which this system does not do.")
    target = parse_target(options.app, options.directory)
    with listening(options) as listener:
        code = asyncio.run(_supervise(options, listener, target.directory))
    if code:
        sys.exit(code)


async def _supervise(options: ServeOptions, listener: socket.socket, source: str) -> int:
    crew = Crew(options, listener)
    crew.catch_signals()
    try:
        return await (_reload(crew, source) if options.dev else _keep(crew))
    finally:
        listener.close()  # a connection that waits for no worker is refused at once
        await crew.stop_all()


class Crew:
    """The workers of one supervisor.

    Attributes:
        options, listener: The options and the socket that they serve with.
        stopping: A future that is done when the supervisor is asked to end.
    """

    def __init__(self, options: ServeOptions, listener: socket.socket) -> None:
        self.options, self.listener = options, listener
        self.workers: Set[Worker] = set()
        self.stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._interrupts = 0

    def catch_signals(self) -> None:
        """Ask the supervisor to end on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: int) -> None:
        self._interrupts += number == signal.SIGINT
        if self._interrupts > 1:
            for worker in self.workers:
                worker.process.kill()
            os._exit(130)
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

    async def stop_all(self) -> None:
        """Stop every worker, gracefully."""
        await asyncio.gather(*(self.stop(worker) for worker in list(self.workers)))

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


# ---------------------------------------------------------------- several workers


async def _keep(crew: Crew) -> int:
    workers = [crew.start() for _ in range(crew.options.workers)]
    for worker in workers:
        if not await crew.starts(worker):
            return 0 if crew.stopping.done() else FAILED
    crew.announce(workers[0].summary or {})
    while not crew.stopping.done():
        await crew.first(*(worker.ended for worker in crew.workers))
        for worker in [worker for worker in crew.workers if worker.ended.done()]:
            if not crew.stopping.done():
                await _replace(crew, worker)
    return 0


async def _replace(crew: Crew, worker: Worker) -> None:
    """Start a worker in place of one that ended, repeatedly until one serves."""
    pause = FIRST_PAUSE
    while True:
        crew.workers.discard(worker)
        warn(f"Worker {worker.process.pid} ended with code {worker.ended.result()}; starting another in {pause:g} s.")
        await crew.first(asyncio.ensure_future(asyncio.sleep(pause)))
        if crew.stopping.done():
            return
        worker = crew.start()
        if await crew.starts(worker) or crew.stopping.done():
            return
        pause = min(pause * 2, LONGEST_PAUSE)


# ---------------------------------------------------------------- reload on change


async def _reload(crew: Crew, source: str) -> int:
    from .watcher import changes

    changed: asyncio.Queue[List[str]] = asyncio.Queue()
    here = crew.options.directory

    async def watch() -> None:
        watched = [here] if (source + os.sep).startswith(here + os.sep) else [here, source]
        async for paths in changes(watched, crew.options.reload_include, crew.options.reload_exclude):
            await changed.put(paths)

    watching = asyncio.ensure_future(watch())
    holder = Holder(crew.listener, crew.options)
    try:
        await _Reloading(crew, holder).follow(changed, watching)
    finally:
        watching.cancel()
        await holder.leave()
    return 0


class _Reloading:
    """A loop that serves, and after each change replaces the worker as soon as a new one is ready."""

    def __init__(self, crew: Crew, holder: Holder) -> None:
        self._crew, self._holder = crew, holder
        self._serving: Optional[Worker] = None
        self._is_announced = False

    async def follow(self, changed: asyncio.Queue[List[str]], watching: asyncio.Future[None]) -> None:
        """Run until the end is asked for."""
        crew = self._crew
        while not crew.stopping.done():
            began = time.monotonic()
            newcomer = crew.start()
            change = asyncio.ensure_future(changed.get())
            ready = asyncio.ensure_future(newcomer.ready())
            await crew.first(ready, change)
            if ready.done() and ready.result():
                await self._put_in_place(newcomer, began)
            elif ready.done():
                crew.workers.discard(newcomer)
                await self._show(newcomer)
            else:  # a change came first: the starting worker is out of date
                ready.cancel()
                await crew.stop(newcomer)
            if self._serving is not None and not change.done():
                await self._until_change_or_end(self._serving, change)
            await crew.first(change, watching)
            if watching.done():
                await watching  # raises the error that ended it
            if change.done():
                _drop_bytecode(change.result())
                say(f"Changed: {', '.join(change.result()[:5])}. Reloading.")
                await self._holder.leave()
            change.cancel()

    async def _put_in_place(self, newcomer: Worker, began: float) -> None:
        if self._serving is not None:
            await self._crew.stop(self._serving)
        self._serving = newcomer
        if self._is_announced:
            say(f"Reloaded in {time.monotonic() - began:.1f} s.")
        else:
            self._crew.announce(newcomer.summary or {})
            self._is_announced = True

    async def _show(self, newcomer: Worker) -> None:
        """Show browsers why a worker can't serve: through the worker that does, or by the supervisor itself."""
        if self._serving is not None and not self._serving.ended.done():
            if newcomer.failure is not None:
                await self._serving.tell({"failure": newcomer.failure})
            warn("The last version that worked is still served; waiting for a change.")
        else:
            await self._hold(newcomer)

    async def _hold(self, worker: Worker) -> None:
        await self._holder.hold(worker.failure, worker.ended.result())
        warn("Nothing is served; waiting for a change.")

    async def _until_change_or_end(self, serving: Worker, change: asyncio.Future[List[str]]) -> None:
        await self._crew.first(change, serving.ended)
        if serving.ended.done() and not self._crew.stopping.done():
            warn(f"The app's process ended with code {serving.ended.result()}.")
            self._crew.workers.discard(serving)
            self._serving = None
            await self._hold(serving)


def _drop_bytecode(paths: List[str]) -> None:
    """Remove the compiled form of changed files.

    Python takes it for up to date if size and modification time in seconds are the same as before.
    """
    for path in paths:
        if path.endswith(".py"):
            try:
                os.unlink(importlib.util.cache_from_source(os.path.abspath(path)))
            except OSError:
                pass
