"""Files: one safe way from a URL to a path, and responses with ranges and validators.

Source: RFC 9110, sections 8.8 (validators), 13 (conditional requests) and 14 (ranges).
"""

from __future__ import annotations

import errno
import io
import mimetypes
import ntpath
import os
import stat as stat_module
from datetime import datetime
from functools import lru_cache
from os import PathLike
from secrets import token_hex
from typing import Any, AsyncIterator, Callable, Dict, List, NamedTuple, Optional, Tuple, Union

from .._threads import run_in_thread
from ..exceptions import NotFound
from .conditions import Ranges, etag_for, not_modified, parse_range, range_applies, seconds_of
from .connection import Connection, current
from .dates import format_date
from .headers import MutableHeaders, content_disposition
from .response import Background, HeadersInit, Response
from .streaming import StreamingResponse

#: What to send: bytes of our own, then the file from `start` to `stop`; None is its unknown end.
_Piece = Tuple[bytes, int, Optional[int]]

_CHUNK = 64 * 1024
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
            headers.setdefault("last-modified", format_date(source.stat.st_mtime))
            if self.etag:
                headers.setdefault("etag", etag_for(source.stat))
        pieces: List[_Piece] = [(b"", 0, size)]
        if self.conditional and self.status == 200 and method in ("GET", "HEAD"):
            etag, mtime = headers.get("etag"), seconds_of(headers.get("last-modified"))
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


def send_file(
    path_or_file: Any,
    mimetype: Optional[str] = None,
    as_attachment: bool = False,
    download_name: Optional[str] = None,
    conditional: bool = True,
    etag: Union[bool, str] = True,
    last_modified: Union[datetime, float, None] = None,
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None] = None,
) -> FileResponse:
    """Return a response with a file: validators, ranges and 304 included.

    Never call it with a path from outside; `send_from_directory` is for those.

    Args:
        path_or_file: A path, or a binary file object, which is closed when it was sent. A relative path starts at
            the app's `root_path`, which is the directory of the module that made the app; outside of a request,
            at the working directory.
        mimetype: The media type; by default what the name suggests.
        as_attachment: Ask the client to save the file rather than show it.
        download_name: The name to offer to the client; by default the file's own.
        conditional: Answer conditional and range requests.
        etag: Whether to send an entity tag, or the tag itself, without quotes.
        last_modified: When it changed: a datetime (UTC if it has no zone) or seconds since 1970; by default the
            file's own time.
        max_age: Seconds for which the client may keep its copy unasked, 0 for never; or a function that is called
            with the path (None for a file object) and returns them.

    Returns:
        The response. A file that is not there, or not readable, is answered with 404.

    Raises:
        ValueError: The file object is in text mode.
    """
    path: Optional[str] = None
    if isinstance(path_or_file, (str, os.PathLike)):
        path_or_file = path = _from_root(path_or_file)
    headers: Dict[str, str] = {}
    if isinstance(etag, str):
        headers["etag"] = f'"{etag}"'
    if last_modified is not None:
        headers["last-modified"] = format_date(last_modified)
    return FileResponse(
        path_or_file,
        filename=download_name,
        media_type=mimetype,
        headers=headers,
        as_attachment=as_attachment,
        conditional=conditional,
        etag=bool(etag),
        max_age=max_age(path) if callable(max_age) else max_age,
    )


def send_from_directory(directory: Union[str, PathLike[str]], path: str, **options: Any) -> FileResponse:
    """Return a response with a file of a directory, safely: `path` may come from outside.

    Args:
        directory: Where the file must be; a relative one starts at the app's `root_path`, as in `send_file`.
        path: The path below it, with "/". Directories are never listed.
        **options: As of `send_file`.

    Raises:
        NotFound: There is no such file, or the path leaves the directory (by "..", an absolute path or a link).
    """
    full = safe_join(_from_root(directory), path)
    if full is None or not os.path.isfile(full):
        raise NotFound()
    return send_file(full, **options)


def _from_root(path: Union[str, PathLike[str]]) -> str:
    connection = current.get(None)
    root = os.getcwd() if connection is None else connection.app.root_path
    return os.path.join(root, os.fspath(path))
