"""The response that sends a file."""

from __future__ import annotations

import io
import os
from os import PathLike
from typing import TYPE_CHECKING, AsyncIterator, List, NamedTuple, Optional, Tuple, Union

from ..._threads import run_in_thread
from ..._types import BinaryFile
from ..conditions import CONDITIONS, Decision, decide, etag_for, seconds_of
from ..connection import Connection
from ..dates import format_date
from ..headers import MutableHeaders, content_disposition
from ..response import Background, HeadersInit, Response
from ..streaming import StreamingResponse
from .compressed import compressed_copy
from .paths import IMMUTABLE, guess_type, has_hash
from .pieces import PartialFile, Piece, Source, cut, length_of, measure, open_path

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: What is at most this many bytes is read in the thread that opens the file, and sent at once.
SMALL = 64 * 1024
#: The bytes that are read at a time of what is larger.
CHUNK = 256 * 1024
_PATH_SEND = "http.response.pathsend"


class FileResponse(Response):
    """A response with a file: with validators, ranges, 304 and 412, read in a thread.

    A small file is opened and read in one hop to a thread; on nonblocking routes, where it may have up to 256 KiB, on
    the event loop. A large one is read in pieces of 256 KiB while it is sent,
    or sent by the server itself, if it has ASGI's extension `http.response.pathsend`.

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
        precompressed: Whether a compressed copy beside the file, with the extension ``.br``, ``.zst`` or ``.gz``, is
            sent to clients that accept its coding, if it is not older than the file.
        immutable: Whether a file with a hash in its name (see `has_hash`) may be used for a year without asking;
            `max_age` is for the others.
        status_code: The same as `status`.

    Raises:
        ValueError: The file object is in text mode.
        NotFound: From `send`, before anything is sent: no such file, or not readable.
        PreconditionFailed, RangeNotSatisfiable: From `send`, before anything is sent.
    """

    streams = True
    #: The path, or None for a file object; `file` is that object.
    path: Optional[str]
    file: Optional[BinaryFile]
    conditional: bool
    etag: bool
    precompressed: bool

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
        precompressed: bool = False,
        immutable: bool = False,
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
        self.conditional, self.etag, self.precompressed = conditional, etag, precompressed
        if (as_attachment or filename) and "content-disposition" not in self.headers:
            kind = "attachment" if as_attachment else "inline"
            self.headers["content-disposition"] = content_disposition(filename or name, kind)
        if immutable and has_hash(name or "") and "cache-control" not in self.headers:
            self.headers["cache-control"] = IMMUTABLE
        if max_age is not None and "cache-control" not in self.headers:
            self.headers["cache-control"] = f"public, max-age={max_age}" if max_age > 0 else "no-cache"

    async def send(self, connection: Connection) -> None:
        """Send the file, or the requested part of it; see the class."""
        executor = connection.app.executor
        if connection.compiled_route.nonblocking:
            prepared = self._prepare(connection, CHUNK)
        else:
            prepared = await run_in_thread(executor, self._prepare, connection, SMALL)
        answer = prepared.answer
        if prepared.file is None:
            await answer.send(connection)
            return
        try:
            if prepared.path is not None:
                await answer.start(connection, None)
                await connection.send({"type": _PATH_SEND, "path": prepared.path})
                return
            stream = StreamingResponse(_read(executor, prepared.file, prepared.first), answer.status)
            stream.raw_headers = answer.raw_headers
            await stream.send(connection)
        finally:
            prepared.file.close()

    def _prepare(self, connection: Connection, small: int) -> _Prepared:
        """Open the file, and read what is to be sent if that is at most so many bytes."""
        headers = MutableHeaders(raw=list(self.raw_headers))
        path, source = self._open(connection, headers)
        try:
            answer, pieces = self._answer(connection, source, headers)
            length = None if any(stop is None for _, _, stop in pieces) else length_of(pieces)
            if length is not None and answer.status != 304:
                headers["content-length"] = str(length)
            file = PartialFile(source.file, pieces, source.start)
            if length is None or (length > small and connection.scope["method"] != "HEAD"):
                sends_paths = _PATH_SEND in (connection.scope.get("extensions") or {})
                if sends_paths and path is not None and answer.status != 206:
                    return _Prepared(answer, file, os.path.abspath(path))
                return _Prepared(answer, file, None, b"" if length is None else file.read(CHUNK))
            if connection.scope["method"] != "HEAD":
                answer.body = file.load()
        except BaseException:
            source.file.close()
            raise
        source.file.close()
        return _Prepared(answer)

    def _open(self, connection: Connection, headers: MutableHeaders) -> Tuple[Optional[str], Source]:
        """Open the file, or the compressed copy that the client prefers."""
        if self.path is None:
            assert self.file is not None
            return None, measure(self.file)
        source = open_path(self.path)
        if not self.precompressed or "content-encoding" in headers:
            return self.path, source
        headers.add_vary("Accept-Encoding")
        accepted = ", ".join(connection.headers.getlist("accept-encoding"))
        copy = source.stat and compressed_copy(self.path, source.stat.st_mtime, accepted)
        if copy:
            source.file.close()
            headers["content-encoding"] = copy.coding
            return copy.path, open_path(copy.path)
        return self.path, source

    def _answer(self, connection: Connection, source: Source, headers: MutableHeaders) -> Tuple[Response, List[Piece]]:
        """Decide on status, headers and what to read; for a copy, because a response may be sent twice."""
        answer = Response(b"", self.status)
        answer.raw_headers = headers.raw
        method, size = connection.scope["method"], source.size
        headers.pop("content-length", None)
        if source.stat is not None:
            headers.setdefault("last-modified", format_date(source.stat.st_mtime))
            if self.etag:
                headers.setdefault("etag", etag_for(source.stat))
        if not self.conditional or self.status != 200 or method not in ("GET", "HEAD"):
            return answer, [(b"", 0, size)]
        sent = connection.headers
        decision = Decision(200, [])
        if any(name in CONDITIONS for name, _ in sent.raw):  # PERF: few requests have one
            modified = seconds_of(headers.get("last-modified"))
            decision = decide(method, sent, size=size, etag=headers.get("etag"), modified=modified)
        answer.status = decision.status
        if decision.status == 304:
            headers.pop("content-type", None)
            return answer, []
        if size is not None:
            headers["accept-ranges"] = "bytes"
            if decision.status == 206:
                return answer, cut(headers, decision.ranges, size)
        return answer, [(b"", 0, size)]


class _Prepared(NamedTuple):
    """A response that is ready to be sent.

    Args:
        answer: Status, headers, and the body if it was read.
        file: What is still to be read.
        path: The path, if the server sends the file.
        first: What was read of the file already.
    """

    answer: Response
    file: Optional[PartialFile] = None
    path: Optional[str] = None
    first: bytes = b""


async def _read(executor: Executor, file: PartialFile, first: bytes) -> AsyncIterator[bytes]:
    if first:
        yield first
    while not file.is_done:
        chunk = await run_in_thread(executor, file.read, CHUNK)
        if not chunk:
            return
        yield chunk
