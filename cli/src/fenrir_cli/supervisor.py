"""Supervision of serving processes: several, or with `--dev` one with the newest code.

The supervisor owns the listening socket and imports no app. Connections that arrive while no
worker accepts wait in the socket's queue: none is refused during a reload.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import socket
import sys
import time
from typing import List, Optional

from .admission import HANDSHAKE_SECONDS, admit_no_more
from .console import say, warn
from .crew import Crew
from .errors import FAILED, CliError
from .holding import Holder
from .keeping import keep
from .listen import listening
from .options import ServeOptions
from .target import parse_target
from .workers import Worker


def supervise(options: ServeOptions) -> None:
    """Listen, and keep workers serving until SIGTERM or SIGINT; a second signal ends all at once.

    Raises:
        CliError: The port is in use, or there is nothing to serve.
        SystemExit: With 1 when no worker could start or goes on serving, or the stop has cut something off.
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
        code = await (_reload(crew, source) if options.dev else keep(crew))
    finally:
        if options.fd is None and admit_no_more(listener.fileno()):
            await asyncio.sleep(HANDSHAKE_SECONDS)
        listener.close()  # what no worker has taken is refused at once
        codes = await crew.stop_all()
    return code or (FAILED if any(codes) else 0)


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
