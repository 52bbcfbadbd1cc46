"""The request body as a stream that is read piece by piece."""

from __future__ import annotations

from typing import AsyncIterator, Optional

from fenrir_core import Request as KernelRequest


class BodyStream:
    """The request body as it arrives: an asynchronous file that can be iterated."""

    def __init__(self, request: KernelRequest) -> None:
        self._request = request
        self._chunks: Optional[AsyncIterator[bytes]] = None
        self._rest = b""
        self._position = 0
        self.eof = False

    async def _next(self) -> bytes:
        if self._chunks is None:
            self._chunks = self._request.stream()
        try:
            return await self._chunks.__anext__()
        except StopAsyncIteration:
            self.eof = True
            return b""

    async def read(self, size: Optional[int] = None) -> bytes:
        """Read up to `size` bytes, or everything for None or -1; return ``b""`` at the end."""
        everything = size is None or size < 0
        pieces, have = [self._rest], len(self._rest)
        self._rest = b""
        while not self.eof and (everything or have < (size or 0)):
            chunk = await self._next()
            pieces.append(chunk)
            have += len(chunk)
        data = b"".join(pieces)
        if not everything:
            data, self._rest = data[:size], data[size or 0 :]
        self._position += len(data)
        return data

    async def readall(self) -> bytes:
        """Read the rest of the body."""
        return await self.read()

    async def exhaust(self) -> None:
        """Read the rest of the body and discard it."""
        while not self.eof:
            self._position += len(await self._next())

    def tell(self) -> int:
        """Return the number of bytes read so far."""
        return self._position

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._rest:
            rest, self._rest = self._rest, b""
            self._position += len(rest)
            yield rest
        while not self.eof:
            chunk = await self._next()
            if chunk:
                self._position += len(chunk)
                yield chunk
