"""Sanic's response classes."""

from __future__ import annotations

from functools import lru_cache
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Iterator, Mapping, Optional, Tuple, Union

from fenrir_core import Connection, Response, current
from fenrir_core.authoring import BODILESS, RawHeaders, RawResponse, checked_head, encode_header
from fenrir_core.authoring import dumps as default_dumps

from ..compat import Header, header_of
from ..cookies.response import Cookie, CookieJar
from ..exceptions import SanicException, ServerError
from ..helpers import Default, _default, has_message_body, json_dumps
from ..values import AnyCallable

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..cookies.response import CookieOptions

Headers = Optional[Mapping[str, object]]


class BaseHTTPResponse(Response):
    """The part that all responses share: status, headers, cookies."""

    _connection: Optional[Connection] = None
    _is_over = False
    _jar: Optional[CookieJar] = None
    asgi = True
    body: bytes = b""
    status: int = 200
    _dumps = staticmethod(json_dumps)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("headers", "content_type", "cookies"):
            # COMPAT: Sanic's responses have slots of these names, and subclasses repeat them
            if isinstance(cls.__dict__.get(name), MemberDescriptorType):
                delattr(cls, name)

    def __init__(self, body: Any = None, status: int = 200, headers: Headers = None) -> None:
        super().__init__(b"", status)
        self.body = self._encode_body(body)
        if headers:
            self.headers.extend(headers)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.status} {self.content_type}>"

    @staticmethod
    def _encode_body(data: Any) -> bytes:
        if data is None:
            return b""
        return data.encode() if hasattr(data, "encode") else data  # type: ignore[no-any-return]

    @property
    def content_type(self) -> Optional[str]:
        """The media type, or None."""
        return self.headers.get("content-type")

    @content_type.setter
    def content_type(self, kind: Optional[str]) -> None:
        if kind is None:
            self.headers.popall("content-type", None)
        else:
            self.headers["content-type"] = kind

    @property
    def headers(self) -> Header:
        """The headers, to read and to change; values of any type are written as text."""
        return header_of(self.raw_headers)

    @headers.setter
    def headers(self, headers: Headers) -> None:
        kind = self.content_type
        self.raw_headers = Header(headers or {}).raw
        if kind is not None:
            self.headers.setdefault("content-type", kind)

    @property
    def cookies(self) -> CookieJar:
        """The cookies that the response sets."""
        if self._jar is None or self._jar.headers.raw is not self.raw_headers:
            self._jar = CookieJar(self.headers)
        return self._jar

    @property
    def processed_headers(self) -> Iterator[Tuple[bytes, bytes]]:
        """The headers as they are sent."""
        return iter(checked_head(self.raw_headers, None))

    def head(self, length: Optional[int]) -> RawHeaders:
        """Return the headers as they are sent; without a body there is no content type."""
        found = super().head(length)
        return found if has_message_body(int(self.status)) else [pair for pair in found if pair[0] != b"content-type"]

    @property
    def stream(self) -> Any:
        """The connection that it is written to, after `request.respond()`; else None."""
        return self._connection

    def add_cookie(self, key: str, value: str, **options: Unpack[CookieOptions]) -> Cookie:
        """Set a cookie, `Secure` by default; the options are those of `Cookie`."""
        return self.cookies.add_cookie(key, value, **options)

    def delete_cookie(
        self,
        key: str,
        *,
        path: str = "/",
        domain: Optional[str] = None,
        host_prefix: bool = False,
        secure_prefix: bool = False,
    ) -> None:
        """Delete a cookie in the client; path and domain must be those it was set with."""
        self.cookies.delete_cookie(key, path=path, domain=domain, host_prefix=host_prefix, secure_prefix=secure_prefix)

    # ------------------------------------------------------------ in pieces

    def bind(self, connection: Connection) -> None:
        """Write to `connection` from now on, for `request.respond()`."""
        self._connection = connection

    def send(self, data: Any = None, end_stream: Optional[bool] = None) -> Any:
        """Send the response; after `request.respond()`, send a piece of its body.

        Args:
            data: The piece, str or bytes; or the kernel's connection, for the whole response.
            end_stream: Whether the piece is the last one; without a piece it is.

        Raises:
            SanicException: It is not a response of `request.respond()`.
            ServerError: The last piece has been sent.
        """
        if isinstance(data, Connection):
            return Response.send(self, data) if self._connection is None else self.finish()
        return self._write(data or b"", end_stream or (data is None and end_stream is None))

    async def _write(self, data: Union[str, bytes], end_stream: bool) -> None:
        if self._connection is None:
            raise SanicException("No stream is connected to the response object instance.")
        if self._is_over:
            if end_stream and not data:
                return
            raise ServerError("Response stream was ended, no more response data is allowed to be sent.")
        if not self._connection.started:
            whole = end_stream and "transfer-encoding" not in self.headers
            piece = data.encode() if isinstance(data, str) else data
            await self.start(self._connection, len(piece) if whole else None)
        piece = data.encode() if isinstance(data, str) else data
        self._is_over = end_stream
        if self._connection.scope["method"] == "HEAD" or self.status in BODILESS:
            piece = b""
        if piece or end_stream:
            await self._connection.send({"type": "http.response.body", "body": piece, "more_body": not end_stream})

    async def eof(self) -> None:
        """End a response that is written in pieces."""
        await self._write(b"", True)

    async def finish(self) -> None:
        """End a response that is written in pieces; its body is sent first if nothing was."""
        if not self._is_over:
            started = self._connection is not None and self._connection.started
            await self._write(b"" if started else self.body, True)


class HTTPResponse(BaseHTTPResponse):
    """A response with a whole body, or one that is written in pieces after `request.respond()`.

    Args:
        body: str, bytes, or None for an empty one.
        status: The status code.
        headers: Extra headers.
        content_type: The media type, with its charset if it has one.
    """

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        headers: Headers = None,
        content_type: Optional[str] = None,
    ) -> None:
        if headers or self.media_type is not None:
            super().__init__(body, status, headers)
        else:  # PERF: the part of the kernel's constructor that applies here, written out
            self.body = body.encode() if isinstance(body, str) else self._encode_body(body)
            self.status = status if type(status) is int else int(status)
            self.background = None
            self.raw_headers = []
        if content_type is not None and not (headers and "content-type" in self.headers):
            self.raw_headers.append(type_header(content_type))

    def render_raw(self) -> Optional[RawResponse]:
        """Return status, headers and body as `send` writes them; None where it does more than that."""
        if type(self).send is not BaseHTTPResponse.send or self._connection is not None:
            return None
        if self.background is not None or self.status in BODILESS:
            return None
        return int(self.status), checked_head(self.raw_headers, len(self.body)), self.body

    async def __aenter__(self) -> AnyCallable:
        return self.send

    async def __aexit__(self, *error: object) -> None:
        await self.eof()


class JSONResponse(HTTPResponse):
    """A response with a JSON body, whose value can be changed until it is sent.

    Args:
        body: The value.
        status, headers, content_type: As of `HTTPResponse`.
        dumps: A function that encodes it, in place of the app's.
        **kwargs: For `dumps`.
    """

    _encoder: Optional[AnyCallable] = None
    _kwargs: Mapping[str, Any] = {}
    #: The body that was made of the value.
    _made: bytes = b""
    #: Makes the body of JSON, where the client prefers another media type of the app.
    _convert: Optional[Callable[[bytes], bytes]] = None

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        headers: Headers = None,
        content_type: str = "application/json",
        dumps: Optional[AnyCallable] = None,
        **kwargs: Any,
    ) -> None:
        self._raw_body = body
        self._encoder, self._kwargs = dumps, kwargs
        super().__init__(None, status, headers, content_type)
        self.body = self._made = self._encode(body)

    def _encode(self, value: Any) -> bytes:
        dumps = self._encoder or app_encoder() or (json_dumps if self._kwargs else default_dumps)
        text = dumps(value, **self._kwargs)
        body = text.encode() if isinstance(text, str) else bytes(text)
        return body if self._convert is None else self._convert(body)

    @property
    def negotiable(self) -> bool:  # type: ignore[override]  # the kernel asks for it and never sets it
        """Whether the client may prefer another media type: neither `body` nor `dumps` was set."""
        return self._encoder is None and self.body is self._made

    def write_as(self, convert: Callable[[bytes], bytes]) -> None:
        """Write the value, this and any later one, as `convert` makes it of JSON."""
        self._convert = convert
        self.body = self._made = convert(self._made)

    @property
    def raw_body(self) -> Any:
        """The value; setting it encodes it again.

        Raises:
            SanicException: `body` was set since.
        """
        if self.body is not self._made:
            raise SanicException("Cannot use raw_body after body has been manually set.")
        return self._raw_body

    @raw_body.setter
    def raw_body(self, value: Any) -> None:
        self.set_body(value)

    def set_body(self, body: Any, dumps: Optional[AnyCallable] = None, **dumps_kwargs: Any) -> None:
        """Replace the value.

        Args:
            body: The new value.
            dumps, **dumps_kwargs: As of the constructor; what was set there by default.
        """
        kept = self._encoder, self._kwargs
        if dumps is not None:
            self._encoder, self._kwargs = dumps, dumps_kwargs
        self._raw_body = body
        self.body = self._made = self._encode(body)
        self._encoder, self._kwargs = kept

    def append(self, value: Any) -> None:
        """Append to the value, a list."""
        self._of(list, "Cannot append to a non-list object.").append(value)
        self.set_body(self._raw_body)

    def extend(self, value: Any) -> None:
        """Extend the value, a list."""
        self._of(list, "Cannot extend a non-list object.").extend(value)
        self.set_body(self._raw_body)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Update the value, a dict."""
        self._of(dict, "Cannot update a non-dict object.").update(*args, **kwargs)
        self.set_body(self._raw_body)

    def pop(self, key: Any, default: Any = _default) -> Any:
        """Remove an item from the value, a dict or list, and return it.

        Raises:
            TypeError: A list is given a default.
        """
        found = self._of((list, dict), "Cannot pop from a non-list and non-dict object.")
        if isinstance(default, Default):
            value = found.pop(key)
        elif isinstance(found, list):
            raise TypeError("pop doesn't accept a default argument for lists")
        else:
            value = found.pop(key, default)
        self.set_body(self._raw_body)
        return value

    def _of(self, kind: Any, message: str) -> Any:
        found = self.raw_body
        if not isinstance(found, kind):
            raise SanicException(message)
        return found


def app_encoder() -> Optional[AnyCallable]:
    """Return the function of the current app that encodes JSON; None if it has none, or no app runs."""
    connection = current.get(None)
    return None if connection is None else connection.app.__dict__.get("dumps")


class ResponseStream(BaseHTTPResponse):
    """A response whose body a coroutine function writes: ``await response.write(data)``.

    Args:
        streaming_fn: The function; called with this response.
        status, headers, content_type: As of `HTTPResponse`.
    """

    streams = True
    request: Any = None
    response: Any = None
    streaming_fn: Optional[Callable[[Any], Awaitable[None]]] = None

    def __init__(
        self,
        streaming_fn: Callable[[Any], Awaitable[None]],
        status: int = 200,
        headers: Headers = None,
        content_type: Optional[str] = None,
    ) -> None:
        super().__init__(None, status, headers)
        if content_type is not None:
            self.headers.setdefault("content-type", content_type)
        self.streaming_fn = streaming_fn

    def __call__(self, request: Any) -> ResponseStream:
        """Bind the response to a request, to be awaited."""
        self.request = request
        return self

    def __await__(self) -> Any:
        return self._respond().__await__()

    async def _respond(self) -> Any:
        if self.request is None:
            raise ServerError("Attempted response to unknown request")
        self.response = await self.request.respond(self.as_response())
        assert self.streaming_fn is not None
        await self.streaming_fn(self)
        return self.response

    def as_response(self) -> HTTPResponse:
        """Return a response with the same status and headers that is written in pieces."""
        found = HTTPResponse(None, self.status)
        found.raw_headers = self.raw_headers
        return found

    async def write(self, message: Union[str, bytes]) -> None:
        """Write a piece of the body.

        Raises:
            ServerError: `streaming_fn` is not running.
        """
        if self.response is None:
            raise ServerError("write() can only be called by the function that the ResponseStream was made with.")
        await self.response.send(message)

    async def eof(self) -> None:
        """End the body."""
        if self.response is not None:
            await self.response.eof()

    def send(self, data: Any = None, end_stream: Optional[bool] = None) -> Any:
        """Send the response: call the function, then end the body."""
        if isinstance(data, Connection):
            return self._send_to(data)
        return self.response.send(data, end_stream)

    async def _send_to(self, connection: Connection) -> None:
        self.response = self.as_response()
        self.response.bind(connection)
        assert self.streaming_fn is not None
        await self.streaming_fn(self)
        await self.response.eof()


@lru_cache(maxsize=64)
def type_header(kind: str) -> Tuple[bytes, bytes]:
    """Return the checked raw header of a content type."""
    return encode_header("content-type", kind)
