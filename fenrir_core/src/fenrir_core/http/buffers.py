"""The bytes of request bodies that a process holds in memory, of all its apps, and their ceiling.

Counted is what a request keeps of a body that comes in several messages; one message is what the server has read
ahead, at most about 64 kB. It counts until the request is gone, as long as it takes memory.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Deque, Optional

from .._thread_pool import RETRY_AFTER
from .._types import Scope
from ..exceptions import HTTPError


class _Process:
    """The count of the process. Requests are freed in any thread and at any time, even while they are counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = 0
        #: What was freed since the last count; appending takes no lock.
        self.freed: Deque[int] = deque()

    def take(self, size: int) -> int:
        """Count more bytes; return how many are held then."""
        with self._lock:
            held = self._held + size
            while self.freed:
                held -= self.freed.popleft()
            self._held = held
            return held


_process = _Process()


class Held:
    """What one request holds of its body.

    Args:
        limit: The most bytes that all requests of the process may hold; None for any.
        scope: The request's.
    """

    __slots__ = ("_limit", "_scope", "_size")

    def __init__(self, limit: Optional[int], scope: Scope) -> None:
        self._limit, self._scope, self._size = limit, scope, 0

    def grow_to(self, size: int) -> None:
        """Count so many bytes in all for this request.

        Raises:
            HTTPError: The process holds too many then (503 with `Retry-After`).
        """
        more = size - self._size
        if more:
            self._size = size
            held = _process.take(more)
            if more > 0 and self._limit is not None and held > self._limit:
                headers = {"retry-after": RETRY_AFTER}
                if str(self._scope.get("http_version", "")).startswith("1"):
                    headers["connection"] = "close"  # what the client still sends is not read
                raise HTTPError(503, "The server is too busy.", headers)

    def __del__(self) -> None:
        _process.freed.append(self._size)
