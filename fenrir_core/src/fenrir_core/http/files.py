"""Files: one safe way from a URL to a path, and responses with ranges and validators (see `conditions`)."""

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
from typing import (
    TYPE_CHECKING,
    AsyncIterator,
    Callable,
    Dict,
    List,
    NamedTuple,
    Optional,
    Tuple,
    TypedDict,
    Union,
)

from .._threads import run_in_thread
from .._types import BinaryFile
from ..exceptions import NotFound
from .conditions import Ranges, etag_for, not_modified, parse_range, range_applies, seconds_of
from .connection import Connection, current
from .dates import format_date
from .headers import MutableHeaders, content_disposition
from .response import Background, HeadersInit, Response
from .streaming import StreamingResponse

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from typing_extensions import Unpack

#: What to send: some bytes first, then the file from `start` to `stop`; None is its unknown end.
_Piece = Tuple[bytes, int, Optional[int]]

_CHUNK = 64 * 1024
_ABSENT = frozenset(
    (errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG)
)
_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
# COMPAT: mimetypes of Python 3.8 lacks these, or has what RFC 9239 has replaced.
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
    """Join a path from outside to a directory safely; all file helpers use it.

    Args:
        directory: Where the result must be. Links in it are followed.
        path: The relative path with "/", percent-decoded by the caller, once: a remaining ``%2e``
            is part of a name.

    Returns:
        The real path, links followed, which need not exist; the directory itself for ``""``.
        None for a path that leaves the directory (by "..", an absolute path or a link), and for
        one that only an attack contains: with NUL, a backslash or a drive.
    """
    if "\0" in path or "\\" in path or path.startswith("/") or ntpath.splitdrive(path)[0]:
        return None
    if os.name == "nt" and ":" in path:  # pragma: no cover - an alternate data stream
        return None
    try:
        base = os.path.realpath(directory)
        full = os.path.realpath(os.path.join(base, path))
        if os.path.realpath(full) != full:
            return None  # realpath stops at a loop of links: of ``loop/../link`` it returns the link itself
        return full if os.path.commonpath((base, full)) == base else None
    except (OSError, ValueError):  # a loop of links, another drive, characters that are not allowed in file names
        return None


@lru_cache(maxsize=None)
def _known_types() -> mimetypes.MimeTypes:
    types = mimetypes.MimeTypes()
    for extension, kind in _NEWER_TYPES.items():
        types.add_type(kind, extension)
    return types


def guess_type(filename: str) -> str:
    """Return the media type for a file name, ``application/octet-stream`` if it is unknown.

    A compressed file has the type of its compression (``a.tar.gz``: ``application/gzip``), because
    it is sent as it is. The result does not depend on the machine's own tables.
    """
    kind, compression = _known_types().guess_type(filename)
    if compression is not None:
        kind = _COMPRESSED.get(compression)
    return kind or "application/octet-stream"


class _Source(NamedTuple):
    """An open file: where its content starts, how long it is if known, and its stat if it has a path."""

    file: BinaryFile
    start: int
    size: Optional[int]
    stat: Optional[os.stat_result]


class FileResponse(Response):
    """A response with a file: with validators, ranges and 304, read in chunks in a thread.

    Args:
        path_or_file: A path, or a binary file object, which is sent from its current position and
            closed afterwards. A path is trusted: make it with `safe_join` if any of it came
            from outside.
        filename: The name that the client is offered; by default the last part of the path.
        media_type: The media type; by default the one of the name.
        status: The status code; conditions and ranges apply with 200 only.
        headers: Extra headers; an `etag` or `last-modified` among them replaces the file's own.
        as_attachment: Whether the client is asked to save the file rather than show it.
        conditional: Whether conditional and range requests are supported.
        etag: Whether to send an entity tag, made of the file's size and time of change.
        max_age: Seconds for which the client may use its copy without asking; 0 for never.
        background: An async callable, awaited after the last byte.
        status_code: The same as `status`.

    Raises:
        ValueError: The file object is in text mode.
        NotFound: From `send`, before anything is sent: no such file, or not readable.
        RangeNotSatisfiable: From `send`, before anything is sent.
    """

    streams = True
    #: The path, or None for a file object; `file` is that object.
    path: Optional[str]
    file: Optional[BinaryFile]
    conditional: bool
    etag: bool

    def __init__(
        self,
        path_or_file: Union[str, PathLike[str], BinaryFile],
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
        status_code: Optional[int] = None,
    ) -> None:
        self.path = None
        self.file = None
        name: Optional[str]
        if isinstance(path_or_file, (str, os.PathLike)):
            self.path = os.fspath(path_or_file)
            name = os.path.basename(self.path)
        else:
            is_text = isinstance(path_or_file, io.TextIOBase)
            if is_text or not hasattr(path_or_file, "read"):
                raise ValueError(f"{path_or_file!r} is neither a path nor a file that is open in binary mode.")
            self.file = path_or_file
            found = getattr(path_or_file, "name", None)
            name = os.path.basename(found) if isinstance(found, str) else None
        media_type = media_type or guess_type(filename or name or "")
        super().__init__(b"", status, headers, media_type, background, status_code=status_code)
        self.conditional, self.etag = conditional, etag
        if (as_attachment or filename) and "content-disposition" not in self.headers:
            kind = "attachment" if as_attachment else "inline"
            self.headers["content-disposition"] = content_disposition(filename or name, kind)
        if max_age is not None and "cache-control" not in self.headers:
            self.headers["cache-control"] = f"public, max-age={max_age}" if max_age > 0 else "no-cache"

    async def send(self, connection: Connection) -> None:
        """Send the file, or the requested part of it; see the class."""
        executor = connection.app.executor
        source = await run_in_thread(executor, self._open)
        try:
            answer, pieces = self._answer(connection, source)
            length = int(answer.headers.get("content-length", "-1"))
            chunks = _read(executor, source, pieces)
            if length > _CHUNK or (length < 0 and answer.status != 304):
                stream = StreamingResponse(chunks, answer.status)
                stream.raw_headers, answer = answer.raw_headers, stream
            elif connection.scope["method"] != "HEAD":  # PERF: one message, and no watching for a disconnect
                answer.body = b"".join([chunk async for chunk in chunks])
            await answer.send(connection)
        finally:
            source.file.close()

    def _open(self) -> _Source:
        """Open the file and find its size; runs in a thread."""
        if self.file is not None:
            return _measure(self.file)
        assert self.path is not None
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
        """Decide on status, headers and what to read; for a copy, because a response may be sent twice."""
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
    """Return the pieces of a 206 response and describe them in its headers.

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


async def _read(executor: Executor, source: _Source, pieces: List[_Piece]) -> AsyncIterator[bytes]:
    """Read the pieces, at most 64 KiB at a time.

    Raises:
        RuntimeError: The file became shorter, so that the length that was sent is wrong.
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


def _measure(file: BinaryFile) -> _Source:
    """Find the size of a file object's content, which is from its current position to its end."""
    try:  # COMPAT: SpooledTemporaryFile has no seekable(), and seek() returns None, before 3.11
        start = file.tell()
        file.seek(0, os.SEEK_END)
        size = file.tell() - start
        file.seek(start)
    except (AttributeError, OSError):
        return _Source(file, 0, None, None)
    return _Source(file, start, max(size, 0), None)


class SendFileOptions(TypedDict, total=False):
    """The keywords of `send_file`."""

    mimetype: Optional[str]
    as_attachment: bool
    download_name: Optional[str]
    conditional: bool
    etag: Union[bool, str]
    last_modified: Union[datetime, float, None]
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None]


def send_file(
    path_or_file: Union[str, PathLike[str], BinaryFile],
    mimetype: Optional[str] = None,
    as_attachment: bool = False,
    download_name: Optional[str] = None,
    conditional: bool = True,
    etag: Union[bool, str] = True,
    last_modified: Union[datetime, float, None] = None,
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None] = None,
) -> FileResponse:
    """Return a response with a file, with validators, ranges and 304.

    Never call it with a path from outside; `send_from_directory` is for those.

    Args:
        path_or_file: A path, or a binary file object, which is closed after it was sent. A relative path is below
            the app's `root_path`, the directory of the module that made the app; outside of a request, below the
            working directory.
        mimetype: The media type; by default the one of the name.
        as_attachment: Whether the client is asked to save the file rather than show it.
        download_name: The name that the client is offered; by default the file's own.
        conditional: Whether conditional and range requests are supported.
        etag: Whether to send an entity tag, or the tag itself, without quotes.
        last_modified: The time of change: a datetime (UTC if it has no zone) or seconds since 1970; by default the
            file's own.
        max_age: Seconds for which the client may use its copy without asking, 0 for never; or a function that is
            called with the path (None for a file object) and returns them.

    Returns:
        The response. When it is sent, a file that does not exist or is not readable becomes a 404.

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


def send_from_directory(
    directory: Union[str, PathLike[str]], path: str, **options: Unpack[SendFileOptions]
) -> FileResponse:
    """Return a response with a file of a directory, safely: `path` may come from outside.

    Args:
        directory: Where the file must be; a relative one is below the app's `root_path`, as in `send_file`.
        path: The path below it, with "/". Directories are never listed.
        **options: As in `send_file`.

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
