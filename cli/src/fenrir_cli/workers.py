"""A serving process, as its supervisor sees it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Dict, List, Optional

from .console import warn
from .options import ServeOptions
from .stopping import MARGIN

#: Seconds that a message between the two may take.
LAST_WORD = 5.0
#: Seconds beyond the time in which a worker ends itself, before it is killed.
PATIENCE = 5.0


class Worker:
    """One serving process.

    Attributes:
        ended: A future of the exit code, done when the process has ended.
        summary: What it reported when it was ready; None before.
        failure: Why it can't serve, as JSON (see `pages.failure`); None if it did not report that.
    """

    def __init__(self, process: subprocess.Popen[bytes], leash: socket.socket) -> None:
        self.process, self._leash = process, leash
        self.summary: Optional[Dict[str, Any]] = None
        self.failure: Optional[str] = None
        self._ready_at: Optional[float] = None
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._said = asyncio.ensure_future(self._listen())
        threading.Thread(target=self._wait, args=(asyncio.get_running_loop(),), daemon=True).start()

    @classmethod
    def start(cls, options: ServeOptions, listener: socket.socket) -> Worker:
        """Start a process that serves on `listener`; it ends when the supervisor ends."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        handles = (listener.fileno(), theirs.fileno())
        environment = dict(os.environ)
        if options.dev:
            environment.setdefault("FENRIR_DEBUG", "1")
        command = [sys.executable, "-m", "fenrir_cli.worker", options.to_json(), *map(str, handles)]
        with theirs:
            process = subprocess.Popen(command, pass_fds=handles, cwd=options.directory, env=environment)
        return cls(process, ours)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        code = self.process.wait()
        try:
            loop.call_soon_threadsafe(self._set_ended, code)
        except RuntimeError:  # the supervisor has ended already
            pass

    def _set_ended(self, code: int) -> None:
        if not self.ended.done():
            self.ended.set_result(code)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        text = b""
        while not text.endswith(b"\n"):
            try:
                part = await loop.sock_recv(self._leash, 65536)
            except OSError:
                return
            if not part:
                return
            text += part
        said = json.loads(text)
        if "failure" in said:
            self.failure = said["failure"]
        else:
            self.summary, self._ready_at = said, time.monotonic()

    @property
    def age(self) -> float:
        """The seconds since it was ready; 0 before."""
        return 0.0 if self._ready_at is None else time.monotonic() - self._ready_at

    async def ready(self) -> bool:
        """Wait until it serves or has ended; return whether it serves."""
        # its end closes the leash too, unless a child process has kept it open
        waited: List[asyncio.Future[Any]] = [self._said, self.ended]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if self.summary is None:
            await asyncio.wait([self.ended])
            await asyncio.wait([self._said], timeout=LAST_WORD)
        return self.summary is not None

    async def tell(self, word: Any) -> None:
        """Send it a message; it is no error if it has ended."""
        with suppress(OSError, asyncio.TimeoutError):
            message = json.dumps(word).encode() + b"\n"
            await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(self._leash, message), LAST_WORD)

    async def stop(self, options: ServeOptions) -> int:
        """Ask it to end, kill it if it does not end in its time; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        seconds = options.graceful + options.shutdown + MARGIN + PATIENCE
        done, _ = await asyncio.wait([self.ended], timeout=seconds)
        if not done:
            warn(f"Worker {self.process.pid} did not stop in time and was killed.")
            self.process.kill()
        code = await self.ended
        self._said.cancel()
        self._leash.close()
        return code
