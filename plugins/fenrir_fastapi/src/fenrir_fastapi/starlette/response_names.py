"""What all of Starlette's responses have."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Awaitable, Callable, Mapping, Optional, Union

import fenrir_core
from fenrir_core import Connection
from fenrir_core.authoring import Message, Receive, Scope, Send, encode_header, format_cookie, with_charset

from .header_mappings import MutableHeaders

__all__ = ["Background", "Response", "ResponseNames"]

#: Work that runs after the response was sent.
Background = Optional[Callable[[], Awaitable[Any]]]


class ResponseNames:
    """Starlette's names for a response of the kernel, which is an ASGI app besides."""

    status: int
    body: bytes
    background: Background
    raw_headers: Any
    head: Any
    media_type: Optional[str]
    charset = "utf-8"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__call__" in cls.__dict__:
            cls.send = _send_by_call  # type: ignore[attr-defined]  # the kernel's way of sending

    @property
    def status_code(self) -> int:
        """The status."""
        return self.status

    @status_code.setter
    def status_code(self, value: int) -> None:
        self.status = value if value is None else int(value)

    @property
    def headers(self) -> MutableHeaders:
        """The headers, to read and to change: case-insensitive, checked on every write."""
        return MutableHeaders(raw=self.raw_headers)

    def render(self, content: Any) -> bytes:
        """Return the content as bytes."""
        if content is None:
            return b""
        if isinstance(content, (bytes, bytearray, memoryview)):
            return bytes(content)
        return str(content).encode(self.charset)

    def with_charset(self, media_type: str) -> str:
        """Return a content type, with the charset for text that has none."""
        if self.charset != "utf-8" and media_type.startswith("text/") and "charset=" not in media_type.lower():
            return f"{media_type}; charset={self.charset}"
        return with_charset(media_type)

    def init_headers(self, headers: Optional[Mapping[str, str]] = None) -> None:
        """Replace the headers, for subclasses that set their own body."""
        self.raw_headers = MutableHeaders(dict(headers or {})).raw
        if self.media_type is not None:
            self.headers.setdefault("content-type", self.with_charset(self.media_type))

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: Optional[int] = None,
        expires: Union[datetime, str, int, None] = None,
        path: Optional[str] = "/",
        domain: Optional[str] = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: Optional[str] = "lax",
        partitioned: bool = False,
    ) -> None:
        """Add a `Set-Cookie` header; see `fenrir_core.authoring.format_cookie`."""
        assert samesite is None or samesite.lower() in ("strict", "lax", "none"), (
            "samesite must be either 'strict', 'lax' or 'none'"
        )
        cookie = format_cookie(
            key, value, max_age=max_age, expires=expires, path=path, domain=domain, secure=secure, httponly=httponly,
            samesite=samesite, partitioned=partitioned,
        )  # fmt: skip
        self.raw_headers.append(encode_header("set-cookie", _as_written_by_cookies(cookie, samesite)))

    def delete_cookie(
        self,
        key: str,
        path: str = "/",
        domain: Optional[str] = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: Optional[str] = "lax",
        partitioned: bool = False,
    ) -> None:
        """Delete a cookie in the client; path, domain and `partitioned` must be those it was set with."""
        self.set_cookie(
            key, max_age=0, expires=0, path=path, domain=domain, secure=secure, httponly=httponly, samesite=samesite,
            partitioned=partitioned,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response: every response is an ASGI app; to a WebSocket it is a denial of the handshake."""
        await self.send_all(scope, receive, denial(send) if scope["type"] == "websocket" else send)
        if self.background is not None:
            await self.background()

    async def send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, without what runs after it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.head(len(self.body))})
        await send({"type": "http.response.body", "body": self.body})


class Response(ResponseNames, fenrir_core.Response):  # type: ignore[misc]  # `set_cookie` has Starlette's names
    """A response whose body is `content`, encoded by `render`.

    Args:
        content: bytes, str, or what the subclass's `render` takes.
        status_code: The status.
        headers: Extra headers.
        media_type: The content type; the class's own by default.
        background: A `BackgroundTask(s)`, or any async callable without arguments.
    """

    media_type: Optional[str] = None

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Background = None,
    ) -> None:
        if media_type is not None:
            self.media_type = media_type
        kind = None if self.media_type is None else self.with_charset(self.media_type)
        super().__init__(self.render(content), status_code, headers, kind, background)


def _as_written_by_cookies(cookie: str, samesite: Optional[str]) -> str:
    """Return a cookie as `http.cookies` writes it, as Starlette's are: attributes by name, and `samesite` as given."""
    pair, *attributes = cookie.split("; ")
    renamed = [
        f"expires{part[7:]}"
        if part.startswith("Expires=")
        else f"SameSite={samesite}"
        if part[:9] == "SameSite="
        else part
        for part in attributes
    ]
    return "; ".join([pair, *sorted(renamed, key=str.lower)])


async def _send_by_call(self: Any, connection: Connection) -> None:
    """Send a response of a class with a `__call__` of its own by that; what runs after it is the kernel's."""
    await self.run_start_steps(connection)

    async def watched(message: Message) -> None:
        connection.started = connection.started or message["type"] == "http.response.start"
        await connection.send(message)

    background, self.background = getattr(self, "background", None), None
    try:
        await self(connection.scope, connection.receive, watched)
    finally:
        self.background = background


def denial(send: Send) -> Send:
    """Return a `send` for the messages of a response that denies a WebSocket's handshake."""

    async def send_denial(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_denial
