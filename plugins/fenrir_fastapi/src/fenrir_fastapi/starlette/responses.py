"""Responses under Starlette's names: `Response(content, status_code, headers, media_type, background)`."""

from __future__ import annotations

import importlib
import json
import warnings
from typing import Any, Mapping, Optional

import fenrir_core
from fenrir_core import App, Connection, MutableHeaders, current
from fenrir_core.authoring import FormLimits, Receive, Scope, Send, with_charset

from ..exceptions import FastAPIDeprecationWarning

__all__ = [
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "UJSONResponse",
]


def _optional(name: str) -> Optional[Any]:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_orjson, _ujson = _optional("orjson"), _optional("ujson")


class _Target:
    """Stand in for the route of a response that is sent outside of any."""

    route: Any = None
    max_body: Optional[int] = None
    form_limits = FormLimits()

    def __init__(self, app: Any) -> None:
        self.app = app if hasattr(app, "life") else App(paradigms=(), autoload=False)


async def _deny(response: Any, send: Send) -> None:
    start = {"type": "websocket.http.response.start", "status": response.status}
    await send({**start, "headers": response.head(len(response.body))})
    await send({"type": "websocket.http.response.body", "body": response.body})


class _Named:
    """Give a kernel response Starlette's attribute names."""

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
        """Send the response: every response is an ASGI app too."""
        if scope["type"] == "websocket":
            await _deny(self, send)
            return
        outer = current.get(None)
        target: Any = outer.compiled_route if outer is not None else _Target(scope.get("app"))
        connection = Connection(scope, receive, send, {}, target)
        await self.send(connection)
        if self.background is not None:
            await self.background()


class Response(_Named, fenrir_core.Response):
    """Answer with `content`, which `render` turns into bytes.

    Args:
        content: bytes, str, or whatever the subclass's `render` takes.
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
        """Turn the content into bytes."""
        if content is None:
            return b""
        return (
            content
            if isinstance(content, bytes)
            else bytes(content)
            if isinstance(content, memoryview)
            else str(content).encode(self.charset)
        )

    def init_headers(self, headers: Optional[Mapping[str, str]] = None) -> None:
        """Start over with these headers, for subclasses that set their own body."""
        self.raw_headers = MutableHeaders(dict(headers or {})).raw
        if self.media_type is not None:
            self.headers.setdefault("content-type", with_charset(self.media_type))


class HTMLResponse(Response):
    """Answer with HTML."""

    media_type = "text/html"


class PlainTextResponse(Response):
    """Answer with plain text."""

    media_type = "text/plain"


class JSONResponse(Response):
    """Answer with JSON. The content must be what JSON can hold; see `encoders.jsonable_encoder`."""

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
        """Encode compactly; NaN and infinity are refused (ValueError)."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class ORJSONResponse(JSONResponse):
    """Answer with JSON by way of orjson (deprecated: a response model is faster)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _warn("ORJSONResponse")
        super().__init__(*args, **kwargs)

    def render(self, content: Any) -> bytes:
        """Encode; keys need not be text."""
        orjson: Any = _orjson
        assert orjson is not None, "orjson must be installed to use ORJSONResponse"
        body: bytes = orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
        return body


class UJSONResponse(JSONResponse):
    """Answer with JSON by way of ujson (deprecated: a response model is faster)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _warn("UJSONResponse")
        super().__init__(*args, **kwargs)

    def render(self, content: Any) -> bytes:
        """Encode."""
        ujson: Any = _ujson
        assert ujson is not None, "ujson must be installed to use UJSONResponse"
        return str(ujson.dumps(content, ensure_ascii=False)).encode()


def _warn(name: str) -> None:
    text = f"{name} is deprecated: without it, answers with a response model or return type are encoded faster."
    warnings.warn(text, FastAPIDeprecationWarning, stacklevel=3)


class RedirectResponse(_Named, fenrir_core.RedirectResponse):
    """Send the client to another URL, 307 by default."""

    def __init__(
        self,
        url: Any,
        status_code: int = 307,
        headers: Optional[Mapping[str, str]] = None,
        background: Any = None,
    ) -> None:
        super().__init__(str(url), status_code, headers, background)


class StreamingResponse(_Named, fenrir_core.StreamingResponse):
    """Answer piece by piece; see `fenrir_core.StreamingResponse`."""

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Any = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)


class EventSourceResponse(_Named, fenrir_core.EventSourceResponse):
    """Answer with server-sent events.

    As the `response_class` of a generator endpoint each item becomes an event: `sse.ServerSentEvent`
    as it says, anything else as JSON data. Contribution `content` directly, text and bytes are sent as they
    are, anything else becomes an event.
    """

    heartbeat_chunk = b": ping\n\n"

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Any = None,
    ) -> None:
        super().__init__(content, status_code, headers, background=background)

    def encode(self, item: Any) -> bytes:
        """Turn one item into bytes."""
        if isinstance(item, (bytes, str)):
            return item if isinstance(item, bytes) else item.encode()
        own = getattr(item, "encode", None)
        return own() if own is not None else super().encode(item)


class FileResponse(_Named, fenrir_core.FileResponse):
    """Answer with a file; see `fenrir_core.FileResponse`."""

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
