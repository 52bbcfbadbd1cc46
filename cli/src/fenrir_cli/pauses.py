"""The time that a body may pause, the same for all servers."""

from __future__ import annotations

import asyncio

from fenrir_core.authoring import Message, Receive, Send, uncancel

from .edge import refuse

#: Methods of requests whose body nothing waits for.
BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class BoundedPauses:
    """The pauses in the body of one request, which end it when they are too long.

    Args:
        receive, send: Those of the server.
        seconds: How long a pause may be.
    """

    def __init__(self, receive: Receive, send: Send, seconds: float) -> None:
        self._receive, self._send, self._seconds = receive, send, seconds
        self._is_complete = self._is_over = self._is_started = self._is_refused = False

    async def receive(self) -> Message:
        """Receive a message; a disconnect where it does not come in time."""
        if self._is_complete:
            return await self._receive()
        if not self._is_over:
            task = asyncio.current_task()
            assert task is not None
            timer = asyncio.get_running_loop().call_later(self._seconds, self._end, task)
            try:
                message = await self._receive()
                self._is_complete = not message.get("more_body", False)
                return message
            except asyncio.CancelledError:
                if not self._has_ended():
                    raise
                uncancel(task)
            finally:
                timer.cancel()
        return {"type": "http.disconnect"}

    def _has_ended(self) -> bool:
        return self._is_over

    def _end(self, task: asyncio.Task[object]) -> None:
        self._is_over = True
        task.cancel()

    async def send(self, message: Message) -> None:
        """Send a message; the response to a request that was ended is a 408, and nothing else."""
        if self._is_over and not self._is_started:
            self._is_started = self._is_refused = True
            await refuse(self._send, 408)
        if not self._is_refused:
            self._is_started = True
            await self._send(message)
