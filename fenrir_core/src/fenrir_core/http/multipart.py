"""Forms: bounded, streamed to disk beyond 1 MiB, and closed when anything fails.

Source: RFC 7578 (multipart/form-data); URL Standard, section 5 (urlencoded forms).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, AsyncIterator, List, Optional, Tuple, Type, Union

from .._threads import run_in_thread
from .._types import RawHeaders
from ..exceptions import BadRequest, MissingDependency, PayloadTooLarge, TooManyFields
from .buffers import Held
from .headers import Headers, parse_options
from .query import MultiDict, split_query

if TYPE_CHECKING:
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartCallbacks, MultipartParser

_MEMORY = 1024 * 1024
_MAX_BOUNDARY = 70  # RFC 2046, section 5.1.1


class UploadFile:
    """A file that a client sent: in memory up to 1 MiB, beyond that in a temporary file.

    Args:
        filename: The name as the client sent it; it may be empty or contain slashes. Never build a
            path from it without `fenrir_core.http.files.safe_join`.
        headers: The headers of its part.
        file: The binary file with the content; a new spooled one by default.
        size: The length in bytes; None if unknown.
    """

    def __init__(
        self,
        filename: Optional[str] = None,
        headers: Optional[Headers] = None,
        file: Optional[IO[bytes]] = None,
        size: Optional[int] = None,
    ) -> None:
        self.filename = filename
        self.headers = Headers() if headers is None else headers
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=_MEMORY) if file is None else file
        self.size = 0 if file is None else size

    @property
    def content_type(self) -> Optional[str]:
        """The media type that the client claims, or None."""
        return self.headers.get("content-type")

    @property
    def in_memory(self) -> bool:
        """Whether the content is in memory, so that reading it never blocks."""
        return not getattr(self.file, "_rolled", True)

    async def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes from the current position; all of them by default."""
        if self.in_memory:
            return bytes(self.file.read(size))
        return bytes(await run_in_thread(None, self.file.read, size))

    async def write(self, data: bytes) -> None:
        """Write at the current position."""
        if self.size is not None:
            self.size += len(data)
        if self.in_memory and self.file.tell() + len(data) <= _MEMORY:
            self.file.write(data)
        else:
            await run_in_thread(None, self.file.write, data)

    async def seek(self, offset: int) -> None:
        """Move to a position, in bytes from the start."""
        if self.in_memory:
            self.file.seek(offset)
        else:
            await run_in_thread(None, self.file.seek, offset)

    async def close(self) -> None:
        """Close the file and free its memory or disk space; a second call does nothing."""
        if self.in_memory:
            self.file.close()
        else:
            await run_in_thread(None, self.file.close)

    def save(self, path: Union[str, PathLike[str]]) -> None:
        """Write the whole content to `path`; for synchronous code.

        Args:
            path: The file to write; make it with `fenrir_core.http.files.safe_join` if any of it came from outside.
        """
        position = self.file.tell()
        self.file.seek(0)
        with open(path, "wb") as target:
            copyfileobj(self.file, target)
        self.file.seek(position)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.filename!r} {self.size} bytes>"


#: The value of a form's field.
FormValue = Union[str, UploadFile]


@dataclass(frozen=True)
class FormLimits:
    """The limits of a form.

    Args:
        max_fields: The maximum number of text fields; None for any, here and below.
        max_files: The maximum number of files.
        max_field_size: The maximum size of one text field in bytes.
        max_body: The maximum size of the whole form in bytes; None where the request limits its body.
        max_file_size: The maximum size of one file in bytes.
        max_part_headers: The maximum size of the headers of one part in bytes.
        only_multipart: Whether the limits of fields are those of multipart forms alone.
    """

    max_fields: Optional[int] = 1000
    max_files: Optional[int] = 100
    max_field_size: Optional[int] = 1024 * 1024
    max_body: Optional[int] = None
    max_file_size: Optional[int] = None
    max_part_headers: Optional[int] = 16 * 1024
    only_multipart: bool = False


async def parse_form(
    content_type: str, stream: AsyncIterator[bytes], limits: FormLimits, held: Optional[Held] = None
) -> MultiDict[FormValue]:
    """Read a form.

    Args:
        content_type: The whole `Content-Type` header.
        stream: The body.
        limits: What is accepted.
        held: Counts what is in memory.

    Returns:
        Text fields as str (UTF-8, undecodable bytes replaced) and files as `UploadFile`, rewound,
        in order; the caller closes them. Empty, with the stream unread, for another media type.

    Raises:
        BadRequest: The form is malformed or incomplete.
        TooManyFields: There are more fields or files than `limits` allow.
        PayloadTooLarge: A field or the form is too large.
        HTTPError: The process holds too much (503).
        MissingDependency: The form is multipart and the parser is not installed.
    """
    kind, options = parse_options(content_type)
    if kind == "application/x-www-form-urlencoded":
        return urlencoded_form(b"".join([chunk async for chunk in _bounded(stream, limits)]), limits)
    if kind != "multipart/form-data":
        return MultiDict()
    boundary = options.get("boundary", "")
    if not 0 < len(boundary) <= _MAX_BOUNDARY or not boundary.isascii():
        raise BadRequest("The multipart form names no valid boundary in its content type.")
    reader = _MultipartReader(boundary, limits)
    try:
        async for chunk in _bounded(stream, limits):
            is_first = not reader.is_fed
            await reader.feed(chunk)
            if held is not None and not is_first:
                held.grow_to(reader.in_memory)
        return MultiDict(await reader.finish())
    except BaseException:  # also when the client disconnects or the request is cancelled
        reader.close()
        raise


async def _bounded(stream: AsyncIterator[bytes], limits: FormLimits) -> AsyncIterator[bytes]:
    total = 0
    async for chunk in stream:
        total += len(chunk)
        if limits.max_body is not None and total > limits.max_body:
            raise _form_too_large(limits)
        yield chunk


def urlencoded_form(body: bytes, limits: FormLimits) -> MultiDict[FormValue]:
    """Return the fields of an urlencoded form; raises as `parse_form` does."""
    if limits.max_body is not None and len(body) > limits.max_body:
        raise _form_too_large(limits)
    if limits.only_multipart:
        return MultiDict(split_query(body, sys.maxsize))
    pairs = split_query(body, limits.max_fields)
    most = limits.max_field_size
    if most is not None and len(body) > most:
        for name, value in pairs:
            if len(value) > most or (len(value) * 4 > most and len(value.encode("utf-8", "replace")) > most):
                raise _field_too_large(name, limits)
    return MultiDict(pairs)


def _form_too_large(limits: FormLimits) -> PayloadTooLarge:
    return PayloadTooLarge(f"The form is larger than {limits.max_body} bytes.")


def _field_too_large(name: str, limits: FormLimits) -> PayloadTooLarge:
    return PayloadTooLarge(f"The form field {name[:80]!r} is larger than {limits.max_field_size} bytes.")


@lru_cache(maxsize=None)
def _load_parser() -> Tuple[Type[MultipartParser], Type[FormParserError]]:
    """Import the multipart parser at the first multipart form: an app without such forms does not need it."""
    try:
        from python_multipart.exceptions import FormParserError
        from python_multipart.multipart import MultipartParser
    except ImportError as error:
        raise MissingDependency(
            'Reading multipart forms needs python-multipart: pip install "fenrir-core[forms]"'
        ) from error
    return MultipartParser, FormParserError


class _MultipartReader:
    """The parts of one multipart form. The parser's callbacks only collect them; `feed` writes to files."""

    def __init__(self, boundary: str, limits: FormLimits) -> None:
        parser, self._error = _load_parser()
        self._parser = parser(boundary, self._callbacks())
        self._limits = limits
        self._pairs: List[Tuple[str, FormValue]] = []
        self._uploads: List[UploadFile] = []
        self._unwritten: List[Tuple[UploadFile, bytes]] = []
        self._fields = self._text_bytes = 0
        self.is_fed = self._ended = False
        self._on_part_begin()

    def _callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    async def feed(self, chunk: bytes) -> None:
        """Parse a chunk of the body and write its parts to the files."""
        if not chunk:
            return
        self.is_fed = True
        try:
            self._parser.write(chunk)
        except self._error as error:
            raise BadRequest(f"The multipart form is malformed: {error}") from None
        unwritten, self._unwritten = self._unwritten, []
        for upload, data in unwritten:
            await upload.write(data)

    @property
    def in_memory(self) -> int:
        """The bytes of its fields, and of its files that are not on disk."""
        return self._text_bytes + sum(upload.size or 0 for upload in self._uploads if upload.in_memory)

    async def finish(self) -> List[Tuple[str, FormValue]]:
        """Check that the form is complete, rewind its files and return the pairs."""
        if self.is_fed and not self._ended:
            raise BadRequest("The multipart form ends before its closing boundary.")
        for upload in self._uploads:
            await upload.seek(0)
        return self._pairs

    def close(self) -> None:
        """Close every file without a thread: after a failure nothing may be awaited."""
        for upload in self._uploads:
            upload.file.close()

    def _on_part_begin(self) -> None:
        self._raw: RawHeaders = []
        self._name, self._value = bytearray(), bytearray()
        self._header_bytes = self._file_bytes = 0
        self._field = ""
        self._upload: Optional[UploadFile] = None
        self._text = bytearray()

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        most = self._limits.max_part_headers
        if most is not None and self._header_bytes > most:
            raise BadRequest(f"A part of the multipart form has more than {most} bytes of headers.")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._raw.append((bytes(self._name).lower(), bytes(self._value)))
        self._name, self._value = bytearray(), bytearray()

    def _on_headers_finished(self) -> None:
        disposition = next((value for name, value in self._raw if name == b"content-disposition"), b"")
        kind, options = parse_options(disposition.decode("utf-8", "replace"))  # RFC 7578, section 5.1
        if kind != "form-data" or "name" not in options:
            raise BadRequest("A part of the multipart form has no name in its Content-Disposition.")
        self._field = options["name"]
        if "filename" not in options:
            self._fields += 1
            if self._limits.max_fields is not None and self._fields > self._limits.max_fields:
                raise TooManyFields(f"The form has more than {self._limits.max_fields} fields.")
            return
        if self._limits.max_files is not None and len(self._uploads) >= self._limits.max_files:
            raise TooManyFields(f"The form has more than {self._limits.max_files} files.")
        self._upload = UploadFile(options["filename"], Headers(raw=self._raw))
        self._uploads.append(self._upload)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._upload is not None:
            self._file_bytes += end - start
            most = self._limits.max_file_size
            if most is not None and self._file_bytes > most:
                raise PayloadTooLarge(f"The file of the form field {self._field[:80]!r} is larger than {most} bytes.")
            self._unwritten.append((self._upload, data[start:end]))
            return
        most = self._limits.max_field_size
        if most is not None and len(self._text) + end - start > most:
            raise _field_too_large(self._field, self._limits)
        self._text += data[start:end]
        self._text_bytes += end - start

    def _on_part_end(self) -> None:
        text = self._text.decode("utf-8", "replace")
        self._pairs.append((self._field, text if self._upload is None else self._upload))

    def _on_end(self) -> None:
        self._ended = True
