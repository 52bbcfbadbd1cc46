"""Starlette's responses: `Response(content, status_code, headers, media_type, background)`."""

from __future__ import annotations

import json
from typing import Any, AsyncIterable, AsyncIterator, Iterable, Mapping, Optional, Union, cast

import fenrir_core
from fenrir_core.authoring import Receive, Scope, Send

from .concurrency import iterate_in_threadpool
from .file_responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable
from .response_names import Background, Response
from .streams import send_until_disconnect

__all__ = [
    "AsyncContentStream", "Content", "ContentStream", "FileResponse", "HTMLResponse", "JSONResponse",
    "MalformedRangeHeader", "PlainTextResponse", "RangeNotSatisfiable", "RedirectResponse", "Response",
    "StreamingResponse", "SyncContentStream",
]  # fmt: skip


#: What a stream is made of.
Content = Union[str, bytes, memoryview]
SyncContentStream = Iterable[Content]
AsyncContentStream = AsyncIterable[Content]
ContentStream = Union[AsyncContentStream, SyncContentStream]


class HTMLResponse(Response):
    """An HTML response."""

    media_type = "text/html"


class PlainTextResponse(Response):
    """A plain text response."""

    media_type = "text/plain"


class JSONResponse(Response):
    """A JSON response; for content that JSON can't hold see `encoders.jsonable_encoder`."""

    media_type = "application/json"

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Background = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)

    def render(self, content: Any) -> bytes:
        """Return compact JSON; NaN and infinity raise ValueError, lone surrogates are escaped."""
        try:
            return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


class RedirectResponse(Response, fenrir_core.RedirectResponse):  # type: ignore[misc]  # `set_cookie` has Starlette's names
    """A redirect to another URL, 307 by default."""

    def __init__(
        self,
        url: Any,
        status_code: int = 307,
        headers: Optional[Mapping[str, str]] = None,
        background: Background = None,
    ) -> None:
        fenrir_core.RedirectResponse.__init__(self, str(url), status_code, headers, background)


class StreamingResponse(Response, fenrir_core.StreamingResponse):  # type: ignore[misc]  # `set_cookie` has Starlette's names
    """A response that is sent chunk by chunk; see `fenrir_core.StreamingResponse`."""

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Background = None,
    ) -> None:
        kind = media_type or self.media_type
        fenrir_core.StreamingResponse.__init__(self, content, status_code, headers, kind, background)

    @property
    def body_iterator(self) -> AsyncIterator[Any]:
        """The chunks; a synchronous iterable is read in threads."""
        if not hasattr(self.content, "__aiter__"):
            self.content = iterate_in_threadpool(self.content)
        return cast(AsyncIterator[Any], self.content)

    @body_iterator.setter
    def body_iterator(self, chunks: Any) -> None:
        self.content = chunks

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Return when the client has disconnected."""
        while (await receive())["type"] != "http.disconnect":
            pass

    async def stream_response(self, send: Send) -> None:
        """Send all of the response."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.head(None)})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": self.encode(chunk), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; it is ended when the client disconnects.

        Raises:
            ClientDisconnect: The server refused to send more.
        """
        await send_until_disconnect(self.stream_response, scope, receive, send)
