"""The adapter for objects of the real Sanic, which need not be installed."""

from __future__ import annotations

from typing import Any, List, Tuple

from fenrir_core import ASGIResponse, Connection, Response
from fenrir_core.authoring import Adapter, Receive, Scope, Send, encode_header

from . import exceptions


def from_error(connection: Connection, error: Any) -> exceptions.SanicException:
    """Return our exception of the same name, or the nearest one above it."""
    names = [kind.__name__ for kind in type(error).__mro__]
    kind = next(getattr(exceptions, name) for name in names if name in vars(exceptions))
    made: exceptions.SanicException = kind.__new__(kind)
    # not by the subclass's own constructor: what it makes of its arguments is in the headers already
    exceptions.SanicException.__init__(
        made,
        error.message or str(error),
        error.status_code,
        quiet=error.quiet,
        context=error.context,
        extra=error.extra,
        headers=error.headers,
    )
    return made


def _headers(value: Any) -> List[Tuple[bytes, bytes]]:
    """Return the checked raw headers of a response, with its content type."""
    pairs = [(name, str(text)) for name, text in value.headers.items()]
    if value.content_type and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("content-type", value.content_type))
    return [encode_header(name, text) for name, text in pairs]


def from_response(connection: Connection, value: Any) -> Response:
    """Return our response with the body of one in memory."""
    response = Response(value.body or b"", value.status)
    response.raw_headers.extend(_headers(value))
    return response


def from_stream(connection: Connection, value: Any) -> Response:
    """Return the response of a `ResponseStream`, such as a file's."""
    return ASGIResponse(_Stream(value))


class _Stream:
    """An ASGI application that sends what the function of a `ResponseStream` writes.

    Args:
        value: The `ResponseStream`.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        await send({"type": "http.response.start", "status": self.value.status, "headers": _headers(self.value)})
        self.value.response = _Body(send)
        await self.value.streaming_fn(self.value)
        await send({"type": "http.response.body", "body": b""})


class _Body:
    def __init__(self, send: Send) -> None:
        self._send = send

    async def send(self, data: Any = None, end_stream: bool = False) -> None:
        body = data.encode() if isinstance(data, str) else data or b""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def eof(self) -> None:
        """Do nothing: the body ends when the function returns."""


sanic = Adapter(
    errors={"sanic.exceptions.SanicException": from_error},
    responses={
        "sanic.response.types.BaseHTTPResponse": from_response,
        "sanic.response.types.ResponseStream": from_stream,
    },
    apps=("sanic.app.Sanic",),
)
