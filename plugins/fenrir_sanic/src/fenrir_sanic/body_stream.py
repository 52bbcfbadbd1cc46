"""Request bodies that are read in chunks."""

from __future__ import annotations

from typing import AsyncIterator, Optional

from fenrir_core import Request as KernelRequest


class BodyStream:
    """A request body that is read in chunks.

    Args:
        request: The kernel's request.
    """

    def __init__(self, request: KernelRequest) -> None:
        self._chunks = request.stream()

    async def read(self) -> Optional[bytes]:
        """Return the next chunk; None at the end."""
        try:
            return await self._chunks.__anext__()
        except StopAsyncIteration:
            return None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks
