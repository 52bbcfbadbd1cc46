"""Starlette's responses: `Response(content, status_code, headers, media_type, background)`."""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional

import fenrir_core
from fenrir_core import App, Connection, MutableHeaders, current
from fenrir_core.authoring import Receive, Scope, Send, with_charset

from .detached import DetachedRoute, stand_in

__all__ = [
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
]


def _detached_route(app: Any) -> DetachedRoute:
    """Return the route of a response that is sent outside of any; its app is the scope's or the stand-in."""
    return DetachedRoute(app if isinstance(app, App) else stand_in())


async def _deny(response: Any, send: Send) -> None:
    start = {"type": "websocket.http.response.start", "status": response.status}
    await send({**start, "headers": response.head(len(response.body))})
    await send({"type": "websocket.http.response.body", "body": response.body})


class ResponseNames:
    """Starlette's attribute names for a response of the kernel."""

    status: int
    background: Any
    send: Any

    @property
    def status_code(self) -> int:
        """The status."""
        return self.status

    @status_code.setter
    def status_code(self, value: int) -> None:
        self.status = int(value)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response: every response is an ASGI app."""
        if scope["type"] == "websocket":
            await _deny(self, send)
            return
        outer = current.get(None)
        compiled_route: Any = _detached_route(scope.get("app")) if outer is None else outer.compiled_route
        connection = Connection(scope, receive, send, {}, compiled_route)
        await self.send(connection)
        if self.background is not None:
            await self.background()


class Response(ResponseNames, fenrir_core.Response):
    """A response whose body is `content`, encoded by `render`.

    Args:
        content: bytes, str, or what the subclass's `render` takes.
        status_code: The status.
        headers: Extra headers.
        media_type: The content type; the class's own by default.
        background: A `BackgroundTask(s)`, or any async callable without arguments.
    """

    media_type: Optional[str] = None
    charset = "utf-8"

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Any = None,
    ) -> None:
        if media_type is not None:
            self.media_type = media_type
        super().__init__(self.render(content), status_code, headers, self.media_type, background)

    def render(self, content: Any) -> bytes:
        """Return the content as bytes."""
        if content is None:
            return b""
        if isinstance(content, (bytes, memoryview)):
            return bytes(content)
        return str(content).encode(self.charset)

    def init_headers(self, headers: Optional[Mapping[str, str]] = None) -> None:
        """Replace the headers, for subclasses that set their own body."""
        self.raw_headers = MutableHeaders(dict(headers or {})).raw
        if self.media_type is not None:
            self.headers.setdefault("content-type", with_charset(self.media_type))


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
        background: Any = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)

    def render(self, content: Any) -> bytes:
        """Return compact JSON; NaN and infinity raise ValueError."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class RedirectResponse(ResponseNames, fenrir_core.RedirectResponse):
    """A redirect to another URL, 307 by default."""

    def __init__(
        self,
        url: Any,
        status_code: int = 307,
        headers: Optional[Mapping[str, str]] = None,
        background: Any = None,
    ) -> None:
        super().__init__(str(url), status_code, headers, background)


class StreamingResponse(ResponseNames, fenrir_core.StreamingResponse):
    """A response that is sent chunk by chunk; see `fenrir_core.StreamingResponse`."""

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Any = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)


class FileResponse(ResponseNames, fenrir_core.FileResponse):
    """A file as the response; see `fenrir_core.FileResponse`."""

    def __init__(
        self,
        path: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Any = None,
        filename: Optional[str] = None,
        content_disposition_type: str = "attachment",
        stat_result: Any = None,
    ) -> None:
        super().__init__(
            path,
            filename=filename,
            media_type=media_type,
            status=status_code,
            headers=headers,
            as_attachment=filename is not None and content_disposition_type == "attachment",
            background=background,
        )
