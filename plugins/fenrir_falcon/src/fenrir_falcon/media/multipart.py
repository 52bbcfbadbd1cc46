"""The media handler of multipart forms, whose parts are read one after the other.

Source: RFC 7578; RFC 2046, section 5.1.
"""

from __future__ import annotations

import re
from typing import Any, AsyncIterator, Dict, Iterator, NoReturn, Optional
from urllib.parse import unquote_to_bytes

from ..async_reader import BufferedReader as AsyncReader
from ..constants import MEDIA_JSON, MEDIA_URLENCODED
from ..exceptions import DelimiterError, HTTPInvalidHeader, MultipartParseError
from ..util.mediatypes import parse_header
from ..util.misc import secure_filename
from ..util.reader import BufferedReader
from .base import AsyncReadableIO, BaseHandler, ReadableIO
from .json import JSONHandler
from .table import HandlerTable
from .urlencoded import URLEncodedFormHandler

__all__ = ["MultipartForm", "MultipartFormHandler", "MultipartParseError", "MultipartParseOptions"]

_CRLF = b"\r\n"
_UNSET: Any = object()
_EXTENDED = re.compile(r"([\w!#$%&+\-^`{}~]*)'[^']*'(.*)")


class MultipartParseOptions:
    """How multipart forms are read.

    Attributes:
        default_charset: The charset of text without one.
        max_body_part_buffer_size: The most bytes of a part that is read as a whole.
        max_body_part_count: The most parts; 0 for no limit.
        max_body_part_headers_size: The most bytes of a part's headers.
        max_secure_filename_length: The most characters of `secure_filename`; None for no limit.
        media_handlers: The media handlers of parts.
    """

    def __init__(self) -> None:
        self.default_charset = "utf-8"
        self.max_body_part_buffer_size = 1024 * 1024
        self.max_body_part_count = 64
        self.max_body_part_headers_size = 8192
        self.max_secure_filename_length: Optional[int] = None
        self.media_handlers: Any = HandlerTable({MEDIA_JSON: JSONHandler(), MEDIA_URLENCODED: URLEncodedFormHandler()})


class _PartHeaders:
    """What the headers of a part say."""

    def __init__(self, stream: Any, headers: Dict[bytes, bytes], parse_options: MultipartParseOptions) -> None:
        #: The part's content.
        self.stream = stream
        self._headers, self._options = headers, parse_options
        self._data: Optional[bytes] = None
        self._media: Any = _UNSET
        disposition = headers.get(b"content-disposition", b"")
        self._disposition = parse_header(disposition.decode(parse_options.default_charset, "replace"))[1]

    @property
    def content_type(self) -> str:
        """The media type, by default ``text/plain``."""
        return self._headers.get(b"content-type", b"text/plain").decode("ascii", "replace")

    @property
    def name(self) -> Optional[str]:
        """The name of the form's field."""
        return self._disposition.get("name")

    @property
    def filename(self) -> Optional[str]:
        """The file's name as the client sent it, or None; see `secure_filename`."""
        extended = self._disposition.get("filename*")
        match = _EXTENDED.fullmatch(extended) if extended is not None else None
        if match is None:
            return self._disposition.get("filename")
        try:
            return unquote_to_bytes(match.group(2)).decode(match.group(1))
        except (ValueError, LookupError) as error:
            raise MultipartParseError(description="invalid text or charset: " + match.group(1)) from error

    @property
    def secure_filename(self) -> str:
        """The file's name without characters that are special to a file system.

        Raises:
            MultipartParseError: There is none.
        """
        try:
            return secure_filename(self.filename or "", self._options.max_secure_filename_length)
        except ValueError as error:
            raise MultipartParseError(description=str(error)) from error

    def _limited(self, data: bytes) -> bytes:
        if len(data) > self._options.max_body_part_buffer_size:
            raise MultipartParseError(description="body part is too large")
        self._data = data
        return data

    def _is_text(self) -> bool:
        return parse_header(self.content_type)[0] == "text/plain"

    def _decode(self, data: bytes) -> str:
        charset = parse_header(self.content_type)[1].get("charset", self._options.default_charset)
        try:
            return data.decode(charset)
        except (ValueError, LookupError) as error:
            raise MultipartParseError(description=f"invalid text or charset: {charset}") from error

    def _handler(self) -> Any:
        return self._options.media_handlers.find(self.content_type, "text/plain")


class BodyPart(_PartHeaders):
    """A part of a form that synchronous code reads.

    Args:
        stream: The part's content.
        headers: The part's headers, names in lower case.
        parse_options: How it is read.
    """

    def get_data(self) -> bytes:
        """Return the content.

        Raises:
            MultipartParseError: It is longer than the limit.
        """
        if self._data is None:
            return self._limited(self.stream.read(self._options.max_body_part_buffer_size + 1))
        return self._data

    def get_text(self) -> Optional[str]:
        """Return the content as text, or None if its type is not ``text/plain``.

        Raises:
            MultipartParseError: It is longer than the limit, or not text of its charset.
        """
        return self._decode(self.get_data()) if self._is_text() else None

    def get_media(self) -> Any:
        """Return the content, deserialized by its media type."""
        if self._media is _UNSET:
            self._media = self._handler().deserialize(self.stream, self.content_type, None)
        return self._media

    data = property(get_data, doc="The content.")
    text = property(get_text, doc="The content as text.")
    media = property(get_media, doc="The content, deserialized.")


class AsyncBodyPart(_PartHeaders):
    """A part of a form that asynchronous code reads; see `BodyPart`."""

    async def get_data(self) -> bytes:
        """Return the content."""
        if self._data is None:
            return self._limited(await self.stream.read(self._options.max_body_part_buffer_size + 1))
        return self._data

    async def get_text(self) -> Optional[str]:
        """Return the content as text, or None if its type is not ``text/plain``."""
        return self._decode(await self.get_data()) if self._is_text() else None

    async def get_media(self) -> Any:
        """Return the content, deserialized by its media type."""
        if self._media is _UNSET:
            self._media = await self._handler().deserialize_async(self.stream, self.content_type, None)
        return self._media

    data = property(get_data, doc="An awaitable of the content.")
    text = property(get_text, doc="An awaitable of the content as text.")
    media = property(get_media, doc="An awaitable of the content, deserialized.")


class _Form:
    def __init__(
        self, stream: Any, boundary: bytes, content_length: Optional[int], parse_options: MultipartParseOptions
    ) -> None:
        self._stream, self._length, self._options = stream, content_length, parse_options
        self._dashes = b"--" + boundary

    def _check_count(self, count: int) -> None:
        if count > self._options.max_body_part_count > 0:
            raise MultipartParseError(description="maximum number of form body parts exceeded")


def _parse_headers(block: bytes) -> Dict[bytes, bytes]:
    found = {}
    for line in block.split(_CRLF):
        name, colon, value = line.partition(b":")
        name = name.strip().lower()
        if name == b"content-transfer-encoding" and value.strip().lower() != b"binary":
            text = "the deprecated Content-Transfer-Encoding header field is unsupported"
            raise MultipartParseError(description=text)
        if colon:
            found[name] = value.strip()
    return found


def _malformed(text: str = "unexpected form structure") -> MultipartParseError:
    return MultipartParseError(description=text)


class MultipartForm(_Form):
    """A form that synchronous code iterates: its parts, in order.

    Args:
        stream: The body.
        boundary: What separates the parts, without dashes.
        content_length: The body's length, in bytes.
        parse_options: How it is read.
    """

    def __iter__(self) -> Iterator[BodyPart]:
        stream = self._stream
        if not isinstance(stream, BufferedReader):
            stream = BufferedReader(stream.read, self._length or 0)
        delimiter, count = self._dashes, 0
        while True:
            try:
                stream.pipe_until(delimiter, consume_delimiter=True)
                end = stream.read(2)
            except DelimiterError as error:
                raise _malformed() from error
            if end == b"--":
                stream.exhaust()
                return
            if end != _CRLF:
                raise _malformed()
            delimiter, count = _CRLF + self._dashes, count + 1
            self._check_count(count)
            try:
                block = stream.read_until(_CRLF * 2, self._options.max_body_part_headers_size, consume_delimiter=True)
            except DelimiterError as error:
                raise _malformed("incomplete body part headers") from error
            yield BodyPart(stream.delimit(delimiter), _parse_headers(block), self._options)


class AsyncMultipartForm(_Form):
    """A form that asynchronous code iterates; see `MultipartForm`."""

    def __aiter__(self) -> AsyncIterator[AsyncBodyPart]:
        return self._parts()

    async def _parts(self) -> AsyncIterator[AsyncBodyPart]:
        stream = self._stream if isinstance(self._stream, AsyncReader) else AsyncReader(self._stream)
        delimiter, count = self._dashes, 0
        while True:
            try:
                await stream.pipe_until(delimiter, consume_delimiter=True)
                end = await stream.read(2)
            except DelimiterError as error:
                raise _malformed() from error
            if end == b"--":
                await stream.exhaust()
                return
            if end != _CRLF:
                raise _malformed()
            delimiter, count = _CRLF + self._dashes, count + 1
            self._check_count(count)
            size = self._options.max_body_part_headers_size
            try:
                block = await stream.read_until(_CRLF * 2, size, consume_delimiter=True)
            except DelimiterError as error:
                raise _malformed("incomplete body part headers") from error
            yield AsyncBodyPart(stream.delimit(delimiter), _parse_headers(block), self._options)


class MultipartFormHandler(BaseHandler):
    """The media handler of ``multipart/form-data``.

    Args:
        parse_options: How forms are read.
    """

    def __init__(self, parse_options: Optional[MultipartParseOptions] = None) -> None:
        #: How forms are read.
        self.parse_options = parse_options or MultipartParseOptions()

    def deserialize(
        self, stream: ReadableIO, content_type: Optional[str], content_length: Optional[int]
    ) -> MultipartForm:
        """Return the form of a body, to be iterated."""
        return MultipartForm(stream, _boundary(content_type), content_length, self.parse_options)

    async def deserialize_async(
        self, stream: AsyncReadableIO, content_type: Optional[str], content_length: Optional[int]
    ) -> AsyncMultipartForm:
        """Return the form of a body, to be iterated by ``async for``."""
        return AsyncMultipartForm(stream, _boundary(content_type), content_length, self.parse_options)

    def serialize(self, media: object, content_type: str) -> NoReturn:
        """Refuse to write a form.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("multipart form serialization unsupported")


def _boundary(content_type: Optional[str]) -> bytes:
    boundary = parse_header(content_type or "")[1].get("boundary")
    if not boundary:
        raise HTTPInvalidHeader(f"No boundary specifier found in {content_type!r}", "Content-Type")
    try:
        found = boundary.encode("ascii")
    except UnicodeEncodeError:
        found = b""
    if not 1 <= len(found.rstrip(b" ")) <= 70 or found[-1:] == b" ":
        raise HTTPInvalidHeader("The boundary parameter must consist of 1 to 70 characters", "Content-Type")
    return found
