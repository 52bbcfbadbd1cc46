"""Files: one safe way from a URL to a path, and responses with ranges and validators.

Source: RFC 9110, sections 8.8 (validators), 13 (conditional requests) and 14 (ranges).
"""

from __future__ import annotations

import errno
import io
import mimetypes
import ntpath
import os
import re
import stat as stat_module
from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from os import PathLike
from secrets import token_hex
from typing import Any, AsyncIterator, List, NamedTuple, Optional, Tuple, Union

from .._threads import run_in_thread
from ..exceptions import NotFound, RangeNotSatisfiable
from .headers import Headers, MutableHeaders, content_disposition
from .request import Connection
from .response import Background, HeadersInit, Response
from .streaming import StreamingResponse

Ranges = List[Tuple[int, int]]
#: What to send: bytes of our own, then the file from `start` to `stop`; None is its unknown end.
_Piece = Tuple[bytes, int, Optional[int]]

_CHUNK = 64 * 1024
_MAX_RANGES = 16
_ABSENT = frozenset(
    (errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG)
)
_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
# COMPAT: mimetypes of Python 3.8 lacks these, or gives what RFC 9239 has replaced.
_NEWER_TYPES = {
    ".avif": "image/avif",
    ".js": "text/javascript",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_is_range = re.compile(r"([0-9]{0,18})-([0-9]{0,18})").fullmatch
_tags = re.compile(r'(?:W/)?("[^"]*")')


def safe_join(directory: Union[str, PathLike[str]], path: str) -> Optional[str]:
    """Join a path from outside to a directory; the only way in which Fenrir does so.

    Args:
        directory: Where the result must be. Links in it are followed.
        path: The relative path with "/", percent-decoded by the caller, once: a ``%2e`` that
            is still here is part of a name.

    Returns:
        The real path, links followed, which need not exist; the directory itself for ``""``.
        None for whatever leaves the directory (by "..", an absolute path or a link) and for
        what only an attack holds: NUL, a backslash, a drive.
    """
    if "\0" in path or "\\" in path or path.startswith("/") or ntpath.splitdrive(path)[0]:
        return None
    if os.name == "nt" and ":" in path:  # pragma: no cover - an alternate data stream
        return None
    try:
        base = os.path.realpath(directory)
        full = os.path.realpath(os.path.join(base, path))
        if os.path.realpath(full) != full:
            return None  # what follows a loop of links was not looked at: ``loop/../link`` became the link itself
        return full if os.path.commonpath((base, full)) == base else None
    except (OSError, ValueError):  # a loop of links, another drive, characters that no file name holds
        return None


@lru_cache(maxsize=None)
def _known_types() -> mimetypes.MimeTypes:
    types = mimetypes.MimeTypes()
    for extension, kind in _NEWER_TYPES.items():
        types.add_type(kind, extension)
    return types


def guess_type(filename: str) -> str:
    """Return the media type that a file name suggests, ``application/octet-stream`` if none.

    A packed file has the type of its packing (``a.tar.gz``: ``application/gzip``), because it
    is sent as it is. The answer does not depend on the machine's own tables.
    """
    kind, packing = _known_types().guess_type(filename)
    if packing is not None:
        kind = _PACKED.get(packing)
    return kind or "application/octet-stream"


def etag_for(stat: os.stat_result) -> str:
    """Return a strong entity tag, quoted, of a file's size and time of change."""
    return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def _parse_date(text: Optional[str]) -> Optional[int]:
    """Return an HTTP date as seconds since 1970, or None if it is none."""
    try:
        moment: datetime = parsedate_to_datetime(text or "")
        return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def parse_range(header: str, size: int) -> Optional[Ranges]:
    """Read a `Range` header.

    Args:
        header: The value, such as ``bytes=0-499,-500``.
        size: The size of the representation in bytes.

    Returns:
        `(start, stop)` pairs, `stop` not included, in the order asked for. None when the header
        is to be ignored: another unit, a mistake in it, or more than a client can need (over 16
        ranges, or together more than the whole, which is how servers are worn out).

    Raises:
        RangeNotSatisfiable: No range is within the representation.

    Source: RFC 9110, sections 14.1.2 and 14.2.
    """
    unit, _, text = header.partition("=")
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(wanted) <= _MAX_RANGES:
        return None
    ranges: Ranges = []
    for part in wanted:
        match = _is_range(part)
        if match is None or part == "-":
            return None
        first, last = match.groups()
        if not first:
            start, stop = max(size - int(last), 0), size
        else:
            start, stop = int(first), min(int(last) + 1, size) if last else size
            if last and int(last) < start:
                return None
        if start < stop:
            ranges.append((start, stop))
    if not ranges:
        if size == 0 and any(part.startswith("-") and int(part[1:]) for part in wanted):
            return None  # satisfiable, but no Content-Range can say so
        raise RangeNotSatisfiable(size)
    return ranges if sum(stop - start for start, stop in ranges) <= size else None


def not_modified(headers: Headers, etag: Optional[str], mtime: Optional[float]) -> bool:
    """Say whether the client's copy is still good, so that 304 is the answer to GET or HEAD.

    Args:
        headers: The request's headers. `If-None-Match` beats `If-Modified-Since`.
        etag: The current entity tag, quoted; None if there is none.
        mtime: When it changed, in seconds since 1970; None if that is not known.

    Source: RFC 9110, sections 13.1.2, 13.1.3 and 13.2.2 (weak comparison).
    """
    sent = ", ".join(headers.getlist("if-none-match"))
    if sent:
        if sent.strip() == "*":
            return True
        match = _tags.fullmatch(etag or "")
        return match is not None and match.group(1) in _tags.findall(sent)
    since = _parse_date(headers.get("if-modified-since"))
    return since is not None and mtime is not None and int(mtime) <= since


def range_applies(headers: Headers, etag: Optional[str], mtime: Optional[float]) -> bool:
    """Say whether `If-Range` lets `Range` count: it is missing, or names exactly this version.

    Source: RFC 9110, section 13.1.5 (strong comparison); arguments as of `not_modified`.
    """
    sent = headers.get("if-range")
    if sent is None:
        return True
    if sent.lstrip().startswith(('"', "W/")):
        return sent.strip() == etag and not sent.lstrip().startswith("W/")
    date = _parse_date(sent)
    return date is not None and mtime is not None and int(mtime) == date


class _Source(NamedTuple):
    """An open file: where its content starts, how long it is if known, and its stat if it has a path."""

    file: Any
    start: int
    size: Optional[int]
    stat: Optional[os.stat_result]


class FileResponse(Response):
    """Answer with a file: with validators, ranges and 304, read piece by piece in a thread.

    Args:
        path_or_file: A path, or a binary file object, which is sent from where it stands and
            closed afterwards. A path is trusted: make it with `safe_join` if any of it came
            from outside.
        filename: The name to offer to the client; with a path, its last part by default.
        media_type: The media type; by default what the name suggests.
        status: The status code; conditions and ranges count with 200 alone.
        headers: Extra headers; an `etag` or `last-modified` among them replaces the file's own.
        as_attachment: Ask the client to save the file rather than show it.
        conditional: Answer conditional and range requests.
        etag: Send an entity tag made of a path's size and time of change.
        max_age: Seconds for which the client may keep its copy unasked; 0 for never.
        background: An async callable, awaited after the last byte.

    Raises:
        ValueError: The file object is in text mode.
        NotFound: From `send`, before anything is sent: no such file, or not readable.
        RangeNotSatisfiable: From `send`, before anything is sent.
    """

    streams = True

    def __init__(
        self,
        path_or_file: Any,
        *,
        filename: Optional[str] = None,
        media_type: Optional[str] = None,
        status: int = 200,
        headers: HeadersInit = None,
        as_attachment: bool = False,
        conditional: bool = True,
        etag: bool = True,
        max_age: Optional[int] = None,
        background: Optional[Background] = None,
    ) -> None:
        self.path: Optional[str] = None
        self.file: Any = None
        if isinstance(path_or_file, (str, os.PathLike)):
            self.path = os.fspath(path_or_file)
            name: Any = os.path.basename(self.path)
        else:
            if isinstance(path_or_file, io.TextIOBase) or not hasattr(path_or_file, "read"):
                raise ValueError(f"{path_or_file!r} is no path and no file that is open in binary mode.")
            self.file = path_or_file
            name = getattr(path_or_file, "name", None)
            name = os.path.basename(name) if isinstance(name, str) else None
        super().__init__(b"", status, headers, media_type or guess_type(filename or name or ""), background)
        self.conditional, self.etag = conditional, etag
        if (as_attachment or filename) and "content-disposition" not in self.headers:
            kind = "attachment" if as_attachment else "inline"
            self.headers["content-disposition"] = content_disposition(filename or name, kind)
        if max_age is not None and "cache-control" not in self.headers:
            self.headers["cache-control"] = f"public, max-age={max_age}" if max_age > 0 else "no-cache"

    async def send(self, connection: Connection) -> None:
        """Write the file, or the part of it that is asked for; see the class."""
        executor = connection.app.executor
        source: _Source = await run_in_thread(executor, self._open)
        try:
            answer, pieces = self._answer(connection, source)
            length = int(answer.headers.get("content-length", "-1"))
            chunks = _read(executor, source, pieces)
            if length > _CHUNK or (length < 0 and answer.status != 304):
                stream = StreamingResponse(chunks, answer.status)
                stream.raw_headers, answer = answer.raw_headers, stream
            elif connection.scope["method"] != "HEAD":  # PERF: one message, and no watch for a disconnect
                answer.body = b"".join([chunk async for chunk in chunks])
            await answer.send(connection)
        finally:
            source.file.close()

    def _open(self) -> _Source:
        """Open the file and look at it; runs in a thread."""
        if self.path is None:
            return _measure(self.file)
        try:
            if not stat_module.S_ISREG(os.stat(self.path).st_mode):  # opening a pipe would wait for its writer
                raise NotFound()
            file = open(self.path, "rb")
        except ValueError:
            raise NotFound() from None
        except OSError as error:
            if error.errno in _ABSENT:
                raise NotFound() from None
            raise
        stat = os.fstat(file.fileno())
        return _Source(file, 0, stat.st_size, stat)

    def _answer(self, connection: Connection, source: _Source) -> Tuple[Response, List[_Piece]]:
        """Decide status, headers and what to read; on a copy, because a response may be sent twice."""
        answer = Response(b"", self.status)
        answer.raw_headers = list(self.raw_headers)
        headers, method, size = answer.headers, connection.scope["method"], source.size
        headers.pop("content-length", None)
        if source.stat is not None:
            headers.setdefault("last-modified", formatdate(source.stat.st_mtime, usegmt=True))
            if self.etag:
                headers.setdefault("etag", etag_for(source.stat))
        pieces: List[_Piece] = [(b"", 0, size)]
        if self.conditional and self.status == 200 and method in ("GET", "HEAD"):
            etag, mtime = headers.get("etag"), _parse_date(headers.get("last-modified"))
            if not_modified(connection.headers, etag, mtime):
                answer.status = 304
                headers.pop("content-type", None)
                return answer, []
            if size is not None:
                headers["accept-ranges"] = "bytes"
                wanted = connection.headers.get("range")
                if wanted and method == "GET" and range_applies(connection.headers, etag, mtime):
                    ranges = parse_range(wanted, size)
                    if ranges is not None:
                        answer.status = 206
                        pieces = _cut(headers, ranges, size)
        if size is not None:
            length = sum(len(text) + (stop or 0) - start for text, start, stop in pieces)
            headers["content-length"] = str(length)
        return answer, pieces


def _cut(headers: MutableHeaders, ranges: Ranges, size: int) -> List[_Piece]:
    """Return the pieces of a 206 answer and describe them in its headers.

    Source: RFC 9110, sections 15.3.7.1 (one part) and 15.3.7.2 (several).
    """
    spans = [f"bytes {start}-{stop - 1}/{size}" for start, stop in ranges]
    if len(ranges) == 1:
        headers["content-range"] = spans[0]
        return [(b"", *ranges[0])]
    boundary, kind = token_hex(16), headers["content-type"]
    headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
    pieces: List[_Piece] = []
    for span, (start, stop) in zip(spans, ranges):
        head = f"\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {span}\r\n\r\n"
        pieces.append((head.encode("latin-1"), start, stop))
    pieces.append((f"\r\n--{boundary}--\r\n".encode("ascii"), 0, 0))
    return pieces


async def _read(executor: Any, source: _Source, pieces: List[_Piece]) -> AsyncIterator[bytes]:
    """Read the pieces, at most 64 KiB at a time.

    Raises:
        RuntimeError: The file is shorter than it was, so the length that was promised is wrong.
    """
    for text, start, stop in pieces:
        if text:
            yield text
        if stop is None:
            while True:
                chunk = await run_in_thread(executor, source.file.read, _CHUNK)
                if not chunk:
                    break
                yield chunk
            continue
        if start < stop:
            await run_in_thread(executor, source.file.seek, source.start + start)
        while start < stop:
            chunk = await run_in_thread(executor, source.file.read, min(_CHUNK, stop - start))
            if not chunk:
                raise RuntimeError(f"{source.file!r} became shorter while it was sent.")
            start += len(chunk)
            yield chunk


def _measure(file: Any) -> _Source:
    """Look at a file object: its content is from where it stands to its end."""
    try:  # COMPAT: SpooledTemporaryFile has no seekable(), and seek() gives None, before 3.11
        start = file.tell()
        file.seek(0, os.SEEK_END)
        size = file.tell() - start
        file.seek(start)
    except (AttributeError, OSError):
        return _Source(file, 0, None, None)
    return _Source(file, start, max(size, 0), None)
