"""Parsers of forms with Starlette's limits and errors."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from enum import Enum
from tempfile import SpooledTemporaryFile
from typing import IO, Any, AsyncIterator, List, Optional, Tuple, Union
from urllib.parse import unquote_plus

from .datastructures import FormData, Headers, UploadFile
from .types import Values

try:
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, QuerystringParser, parse_options_header
except ImportError as error:
    raise ImportError("Forms need python-multipart: install it with `pip install python-multipart`.") from error

__all__ = ["FormMessage", "FormParser", "MultiPartException", "MultiPartParser", "MultipartPart"]

#: A field: its name, and text or a file.
Field = Tuple[str, Union[str, UploadFile]]


class FormMessage(Enum):
    """The events of a form, which older releases collected."""

    FIELD_START = 1
    FIELD_NAME = 2
    FIELD_DATA = 3
    FIELD_END = 4
    END = 5


class MultiPartException(Exception):
    """A form that is malformed or beyond a limit.

    Args:
        message: What the client is told.
    """

    def __init__(self, message: str) -> None:
        self.message = message


@dataclass
class MultipartPart:
    """One part of a multipart form, while it is read."""

    content_disposition: Optional[bytes] = None
    field_name: str = ""
    data: bytearray = field(default_factory=bytearray)
    file: Optional[UploadFile] = None
    item_headers: List[Tuple[bytes, bytes]] = field(default_factory=list)


class FormParser:
    """A parser of urlencoded forms.

    Args:
        headers: The request's headers.
        stream: The body.
        max_fields: The most fields.
        max_part_size: The most bytes of a field, its name included.
    """

    def __init__(
        self,
        headers: Headers,
        stream: AsyncIterator[bytes],
        *,
        max_fields: float = 1000,
        max_part_size: int = 1024 * 1024,
    ) -> None:
        self.headers, self.stream = headers, stream
        self.max_fields, self.max_part_size = max_fields, max_part_size
        self._fields: List[Tuple[str, str]] = []
        self._current_fields = 0
        self.on_field_start()

    def on_field_start(self) -> None:
        """Begin a field."""
        self._name, self._value = bytearray(), bytearray()

    def on_field_name(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of the name."""
        self._name += data[start:end]
        self._check_size()

    def on_field_data(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of the value."""
        self._value += data[start:end]
        self._check_size()

    def _check_size(self) -> None:
        if len(self._name) + len(self._value) > self.max_part_size:
            raise MultiPartException(f"Field exceeded maximum size of {int(self.max_part_size / 1024)}KB.")

    def on_field_end(self) -> None:
        """Keep the field."""
        self._current_fields += 1
        if self._current_fields > self.max_fields:
            raise _too_many("fields", self.max_fields)
        name, value = (unquote_plus(part.decode("latin-1")) for part in (self._name, self._value))
        self._fields.append((name, value))

    async def parse(self) -> FormData:
        """Return the form.

        Raises:
            MultiPartException: It is beyond a limit.
        """
        callbacks: Any = _callbacks(self, ("field_start", "field_name", "field_data", "field_end"))
        parser = QuerystringParser(callbacks)
        async for chunk in self.stream:
            parser.write(chunk)
        parser.finalize()
        return FormData(self._fields)


class MultiPartParser:
    """A parser of multipart forms.

    Args:
        headers: The request's headers.
        stream: The body.
        max_files, max_fields: The most files and the most fields.
        max_part_size: The most bytes of a field that is no file.

    Attributes:
        spool_max_size: Bytes of a file that are kept in memory; what is larger is written to a temporary file.
    """

    spool_max_size = 1024 * 1024
    max_part_size = 1024 * 1024

    def __init__(
        self,
        headers: Headers,
        stream: AsyncIterator[bytes],
        *,
        max_files: float = 1000,
        max_fields: float = 1000,
        max_part_size: int = 1024 * 1024,
    ) -> None:
        self.headers, self.stream = headers, stream
        self.max_files, self.max_fields, self.max_part_size = max_files, max_fields, max_part_size
        self.items: List[Field] = []
        self._charset = "utf-8"
        self._files: List[IO[bytes]] = []
        self._field_count = 0
        self._unwritten: List[Tuple[UploadFile, bytes]] = []
        self._complete: List[UploadFile] = []
        self._header_name = self._header_value = b""
        self.on_part_begin()

    def on_part_begin(self) -> None:
        """Begin a part."""
        self._part = MultipartPart()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's name."""
        self._header_name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's value."""
        self._header_value += data[start:end]

    def on_header_end(self) -> None:
        """Keep the header."""
        name = self._header_name.lower()
        if name == b"content-disposition":
            self._part.content_disposition = self._header_value
        self._part.item_headers.append((name, self._header_value))
        self._header_name = self._header_value = b""

    def on_headers_finished(self) -> None:
        """Find out what the part is: a file if it has a file name."""
        _, options = parse_options_header(self._part.content_disposition)
        if b"name" not in options:
            raise MultiPartException('The Content-Disposition header field "name" must be provided.')
        self._part.field_name = self._text(options[b"name"])
        if b"filename" not in options:
            self._field_count += 1
            if self._field_count > self.max_fields:
                raise _too_many("fields", self.max_fields)
            return
        if len(self._files) >= self.max_files:
            raise _too_many("files", self.max_files)
        file: Any = SpooledTemporaryFile(max_size=self.spool_max_size)
        self._files.append(file)
        name, headers = self._text(options[b"filename"]), Headers(raw=self._part.item_headers)
        self._part.file = UploadFile(file, size=0, filename=name, headers=headers)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of the content; a file's is written after the chunk was parsed."""
        if self._part.file is not None:
            self._unwritten.append((self._part.file, data[start:end]))
            return
        if len(self._part.data) + end - start > self.max_part_size:
            raise MultiPartException(f"Part exceeded maximum size of {int(self.max_part_size / 1024)}KB.")
        self._part.data += data[start:end]

    def on_part_end(self) -> None:
        """Keep the part."""
        if self._part.file is None:
            self.items.append((self._part.field_name, self._text(self._part.data)))
        else:
            self._complete.append(self._part.file)
            self.items.append((self._part.field_name, self._part.file))

    def on_end(self) -> None:
        """Do nothing: the form is complete."""

    def _text(self, data: Union[bytes, bytearray]) -> str:
        return _user_safe_decode(data, self._charset)

    async def parse(self) -> FormData:
        """Return the form, its files rewound; if that fails they are closed.

        Raises:
            MultiPartException: It is malformed or beyond a limit.
        """
        _, options = parse_options_header(self.headers["content-type"])
        self._charset = _known_charset(options.get(b"charset", b"utf-8"))
        if b"boundary" not in options:
            raise MultiPartException("Missing boundary in multipart.")
        events = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end")
        callbacks: Any = _callbacks(self, (*events, "headers_finished", "end"))
        try:
            parser = MultipartParser(options[b"boundary"], callbacks)
            async for chunk in self.stream:
                parser.write(chunk)
                await self._write()
            parser.finalize()
        except BaseException as error:  # also when the client disconnects or the request is cancelled
            for file in self._files:
                file.close()
            if isinstance(error, FormParserError):
                raise MultiPartException("Invalid multipart data.") from error
            raise
        return FormData(self.items)

    async def _write(self) -> None:
        unwritten, self._unwritten = self._unwritten, []
        for upload, data in unwritten:
            await upload.write(data)
        complete, self._complete = self._complete, []
        for upload in complete:
            await upload.seek(0)


def _user_safe_decode(src: Union[bytes, bytearray], codec: str) -> str:
    try:
        return src.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return src.decode("latin-1")


def _callbacks(parser: object, names: Tuple[str, ...]) -> Values:
    return {f"on_{name}": getattr(parser, f"on_{name}") for name in names}


def _too_many(what: str, limit: float) -> MultiPartException:
    return MultiPartException(f"Too many {what}. Maximum number of {what} is {limit}.")


def _known_charset(name: bytes) -> str:
    try:
        return codecs.lookup(name.decode("latin-1")).name
    except LookupError:
        return "latin-1"
