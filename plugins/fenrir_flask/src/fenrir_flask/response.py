"""Flask's response, a subclass of the kernel's."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any, Dict, Iterable, Iterator, Optional, Union

import fenrir_core
from fenrir_core import Connection, StreamingResponse
from fenrir_core.authoring import (
    BODILESS,
    RawResponse,
    checked_head,
    is_json_type,
    parse_digits,
    parse_options,
    type_header,
    with_charset,
)

Expires = Union[datetime, int, float, str, None]


class Status(int):
    """A status code that also reads and compares as ``"404 NOT FOUND"``."""

    def __new__(cls, value: Union[int, str]) -> Status:
        """Create a status from a code, or from text that starts with the code."""
        if isinstance(value, str):
            made = super().__new__(cls, int(value.split(None, 1)[0]))
            made._text = value if " " in value.strip() else ""
            return made
        return super().__new__(cls, int(value))

    _text = ""

    def __str__(self) -> str:
        if self._text:
            return self._text
        try:
            return f"{int(self)} {HTTPStatus(int(self)).phrase.upper()}"
        except ValueError:
            return f"{int(self)} UNKNOWN"

    def __eq__(self, other: object) -> bool:
        return str(self) == other if isinstance(other, str) else int(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__
    __repr__ = int.__repr__

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else str(self)


_OK = Status(200)


class Response(fenrir_core.Response):
    """A response with Flask's names; HTML by default.

    Args:
        response: The body: str, bytes, or an iterable of those, which is streamed.
        status: A code, or text such as ``"404 NOT FOUND"``.
        headers: Extra headers, as a mapping or pairs.
        mimetype: The media type; text gets ``; charset=utf-8``.
        content_type: The full `Content-Type`, instead of `mimetype`.
        direct_passthrough: Accepted for compatibility.

    Raises:
        InvalidHeader: A header contains CR, LF or NUL, or its name is not a token.
    """

    default_mimetype = "text/html"
    default_status = 200
    #: The iterable that is streamed, or None for a body in memory.
    content: Any = None
    direct_passthrough = False

    def __init__(
        self,
        response: Any = None,
        status: Union[int, str, None] = None,
        headers: Any = None,
        mimetype: Optional[str] = None,
        content_type: Optional[str] = None,
        direct_passthrough: bool = False,
    ) -> None:
        is_body = response is None or isinstance(response, (str, bytes, bytearray, memoryview))
        body: Any = b"" if response is None or not is_body else response
        if not is_body:
            self.content = response
        if direct_passthrough:
            self.direct_passthrough = True
        self._status = _OK if status is None and self.default_status == 200 else self._status_of(status)
        if not headers and content_type is None and self.media_type is None:  # PERF: the common case of the lines below
            self.body = body.encode() if isinstance(body, str) else bytes(body)
            self.background = None
            self.raw_headers = [type_header(mimetype or self.default_mimetype)]
            return
        given = self._status
        super().__init__(body if isinstance(body, str) else bytes(body), self.default_status, headers)
        self._status = given
        kind = content_type or with_charset(mimetype or self.default_mimetype)
        if content_type or mimetype or "content-type" not in self.headers:
            self.headers["content-type"] = kind

    def _status_of(self, status: Union[int, str, None]) -> Status:
        return Status(self.default_status if status is None else status)

    # ------------------------------------------------------------ status

    @property
    def status(self) -> Any:
        """The status, a number that prints as ``"200 OK"``; it may be set to a code or text."""
        return self._status

    @status.setter
    def status(self, value: Union[int, str]) -> None:
        self._status = Status(value)

    @property
    def status_code(self) -> int:
        """The status code."""
        return int(self._status)

    @status_code.setter
    def status_code(self, value: int) -> None:
        self._status = Status(value)

    # ------------------------------------------------------------ body

    @property
    def is_streamed(self) -> bool:
        """Whether the body is streamed."""
        return self.content is not None

    @property
    def streams(self) -> bool:  # type: ignore[override]
        """Whether the body is streamed."""
        return self.content is not None

    def get_data(self, as_text: bool = False) -> Any:
        """Return the body as bytes or text; a synchronous stream is consumed.

        Raises:
            RuntimeError: The body is an asynchronous stream.
        """
        if self.content is not None:
            if not hasattr(self.content, "__iter__"):
                raise RuntimeError("The body is an asynchronous stream, which can't be read before it is sent.")
            self.body = b"".join(_encoded(self.content))
            self.content = None
        return self.body.decode("utf-8", "replace") if as_text else self.body

    def set_data(self, value: Union[str, bytes]) -> None:
        """Replace the body."""
        self.body = value.encode() if isinstance(value, str) else bytes(value)
        self.content = None
        self.headers.pop("content-length", None)

    @property
    def data(self) -> Any:
        """The body as bytes; see `get_data`."""
        return self.get_data()

    @data.setter
    def data(self, value: Union[str, bytes]) -> None:
        self.set_data(value)

    @property
    def text(self) -> str:
        """The body as text."""
        return str(self.get_data(as_text=True))

    @property
    def response(self) -> Any:
        """The chunks of the body."""
        return [self.body] if self.content is None else self.content

    @response.setter
    def response(self, value: Any) -> None:
        if isinstance(value, (str, bytes)):
            self.set_data(value)
        else:
            self.content = value
            self.headers.pop("content-length", None)

    @property
    def is_json(self) -> bool:
        """Whether the media type is JSON."""
        kind = self.mimetype or ""
        return is_json_type(kind)

    @property
    def json(self) -> Any:
        """The parsed JSON body; see `get_json`."""
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False) -> Any:
        """Return the parsed JSON body; None if the media type is not JSON, unless `force`."""
        if not (force or self.is_json):
            return None
        try:
            return json.loads(self.get_data())
        except ValueError:
            if silent:
                return None
            raise

    # ------------------------------------------------------------ headers

    @property
    def mimetype(self) -> Optional[str]:
        """The media type without parameters; setting a text type adds the charset."""
        kind = self.headers.get("content-type")
        return kind.partition(";")[0].strip() if kind else None

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.headers["content-type"] = with_charset(value)

    @property
    def mimetype_params(self) -> Dict[str, str]:
        """The parameters of the media type."""
        return parse_options(self.headers.get("content-type") or "")[1]

    @property
    def content_type(self) -> Optional[str]:
        """The `Content-Type` header."""
        return self.headers.get("content-type")

    @content_type.setter
    def content_type(self, value: str) -> None:
        self.headers["content-type"] = value

    @property
    def content_length(self) -> Optional[int]:
        """The length of the body in bytes, or None for a stream."""
        sent = self.headers.get("content-length")
        return parse_digits(sent) if sent else (None if self.streams else len(self.body))

    @property
    def location(self) -> Optional[str]:
        """The `Location` header: the URL that the client is redirected to."""
        return self.headers.get("location")

    @location.setter
    def location(self, value: str) -> None:
        self.headers["location"] = value

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: Union[int, timedelta, None] = None,
        expires: Expires = None,
        path: Optional[str] = "/",
        domain: Optional[str] = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: Optional[str] = None,
        partitioned: bool = False,
    ) -> None:
        """Add a `Set-Cookie` header.

        Args:
            key: The name of the cookie.
            value: Its value.
            max_age: Seconds, or a duration.
            expires: A datetime, seconds since 1970, or an HTTP date.
            path, domain, secure, httponly, samesite, partitioned: As for `fenrir_core.authoring.format_cookie`.
        """
        if isinstance(expires, (int, float)):
            expires = datetime.fromtimestamp(expires, timezone.utc)
        super().set_cookie(
            key,
            value,
            max_age=int(max_age.total_seconds()) if isinstance(max_age, timedelta) else max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    def delete_cookie(  # type: ignore[override]
        self, key: str, path: str = "/", domain: Optional[str] = None, **flags: Any
    ) -> None:
        """Delete a cookie of the client; path and domain must be those it was set with."""
        self.set_cookie(key, "", max_age=0, expires=0, path=path, domain=domain, **flags)

    # ------------------------------------------------------------ sending

    @classmethod
    def force_type(cls, response: Any, environ: Any = None) -> Response:
        """Return a facade, with Flask's names, of a response of the kernel or another paradigm."""
        del environ
        return response if isinstance(response, Response) else Adopted(response)

    def render_raw(self) -> Optional[RawResponse]:
        """Return status, headers and body as they are sent; None for streams and subclasses with their own `send`."""
        kind, status = type(self), int(self._status)
        is_usual = kind.send is kind._sends_whole and self.content is None
        if not is_usual or self.background is not None or status in BODILESS:
            return None
        return status, checked_head(self.raw_headers, len(self.body)), self.body

    async def send(self, connection: Connection) -> None:
        """Send the response."""
        if self.content is None:
            await super().send(connection)
            return
        stream = StreamingResponse(self.content, int(self._status))
        stream.raw_headers = self.raw_headers
        await stream.send(connection)

    _sends_whole = send


class Adopted(Response):
    """A response of the kernel or another paradigm with Flask's names; changes apply to the original.

    Args:
        original: The other response.
    """

    def __init__(self, original: fenrir_core.Response) -> None:
        self.original = original
        self.raw_headers = original.raw_headers
        self.background = original.background
        self.direct_passthrough = False
        self.body = original.body
        self._status = Status(original.status)
        self.content = getattr(original, "content", None) if original.streams else None

    async def send(self, connection: Connection) -> None:
        """Send the original, with the changes."""
        if self.original.streams and self.content is None and self.body:  # the stream was consumed or replaced
            await Response.send(self, connection)
            return
        self.original.status = int(self._status)
        self.original.body = self.body
        await self.original.send(connection)


def _encoded(pieces: Iterable[Any]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else bytes(piece)
