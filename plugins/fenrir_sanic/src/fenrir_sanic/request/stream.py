"""Request bodies that are read in chunks, and the state of the response beside them."""

from __future__ import annotations

from typing import Any, AsyncIterator, Optional


class BodyStream:
    """A request body that is read in chunks.

    Args:
        request: The request.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        self._chunks: AsyncIterator[bytes] = request._kernel().stream()

    async def read(self) -> Optional[bytes]:
        """Return the next chunk; None at the end."""
        try:
            return await self._chunks.__anext__()
        except StopAsyncIteration:
            return None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks

    @property
    def response(self) -> Any:
        """The response that `request.respond` has begun; else None."""
        return self.request.begun

    async def send(self, data: Any, end_stream: bool = False) -> None:
        """Send a piece of the response that `request.respond` has begun."""
        if self.request.begun is not None:
            await self.request.begun.send(data, end_stream)
