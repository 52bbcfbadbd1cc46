"""Compressed responses.

Source: RFC 9110, section 8.4.1; RFC 1952.
"""

from __future__ import annotations

import gzip
import io
from typing import Any, Optional

from fenrir_core import Headers, MutableHeaders
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

__all__ = ["GZipMiddleware"]

#: Media types whose chunks must reach the client at once.
_UNCOMPRESSED = ("text/event-stream",)


class GZipMiddleware:
    """Middleware that compresses responses for clients that accept gzip.

    Args:
        minimum_size: Bytes below which a body is sent uncompressed.
        compresslevel: 1 (fast) to 9 (small).
    """

    def __init__(self, app: ASGIApp, minimum_size: int = 500, compresslevel: int = 9) -> None:
        self.app, self.minimum_size, self.level = app, minimum_size, compresslevel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] == "http":
            accepts = "gzip" in (Headers(raw=scope["headers"]).get("accept-encoding") or "")
            sender = _Compressor(send, self.minimum_size if accepts else None, self.level)
            await self.app(scope, receive, sender.send)
        else:
            await self.app(scope, receive, send)


class _Compressor:
    """The sender of one response, which compresses it where that makes sense."""

    def __init__(self, send: Send, minimum: Optional[int], level: int) -> None:
        self._send, self.minimum, self.level = send, minimum, level
        self.start: Optional[Message] = None
        self.buffer = io.BytesIO()
        self.file: Optional[gzip.GzipFile] = None
        self.skips = False

    async def send(self, message: Message) -> None:
        """Handle a message of the app."""
        if message["type"] == "http.response.start":
            headers = Headers(raw=message.get("headers", []))
            kind = (headers.get("content-type") or "").partition(";")[0].strip()
            # a part of a body is a part of the representation as it was announced, so it is sent as it is
            is_part = message["status"] == 206
            self.skips = is_part or "content-encoding" in headers or kind in _UNCOMPRESSED
            self.start = message
        elif message["type"] != "http.response.body" or self.skips:
            await self._begin()
            await self._send(message)
        else:
            await self._body(message)

    async def _body(self, message: Message) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        if self.start is not None:
            headers = MutableHeaders(raw=list(self.start.get("headers", [])))
            is_small = not more and self.minimum is not None and len(body) < self.minimum
            if not is_small:
                headers.add_vary("Accept-Encoding")
            if self.minimum is None or is_small:
                self.skips = True
                self.start = {**self.start, "headers": headers.raw}
                await self._begin()
                await self._send(message)
                return
            headers["content-encoding"] = "gzip"
            self.file = gzip.GzipFile(mode="wb", fileobj=self.buffer, compresslevel=self.level)
            body = self._compress(body, more)
            if more:
                headers.pop("content-length", None)
            else:
                headers["content-length"] = str(len(body))
            self.start = {**self.start, "headers": headers.raw}
            await self._begin()
        else:
            body = self._compress(body, more)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _compress(self, body: bytes, more: bool) -> bytes:
        file: Any = self.file
        file.write(body)
        if more:
            file.flush()
        else:
            file.close()
        found = self.buffer.getvalue()
        self.buffer.seek(0)
        self.buffer.truncate()
        return found

    async def _begin(self) -> None:
        start, self.start = self.start, None
        if start is not None:
            await self._send(start)
