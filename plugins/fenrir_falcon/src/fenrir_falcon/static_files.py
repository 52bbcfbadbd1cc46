"""Static routes: directories whose files are served under a prefix."""

from __future__ import annotations

import io
import os
import re
import stat
from contextlib import closing
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import IO, Any, Callable, Optional, Tuple, TypeVar, Union

from fenrir_core import Headers, PreconditionFailed, RangeNotSatisfiable, safe_join
from fenrir_core.authoring import caller, decide, file_parts, range_applies

from .etags import ETag
from .exceptions import (
    HTTPInvalidHeader,
    HTTPNotFound,
    HTTPPreconditionFailed,
    HTTPRangeNotSatisfiable,
    InvalidRegistration,
)
from .request import Request
from .response import Response
from .status_codes import HTTP_200, HTTP_206, HTTP_304

R = TypeVar("R")
#: Parts of paths that are refused, though a file may have such a name: they mean something to a shell or a system.
_REFUSED = re.compile(r"[\x00-\x1f\x80-\x9f\ufffd~?<>:*|'\"]|^\s|\s$|\.$|//|^/")
#: What is at most this many bytes is read by what opens the file.
_SMALL = 64 * 1024
#: The longest path that is served, in characters.
_MAX_LENGTH = 512


class StaticRoute:
    """A directory whose files are served under a prefix.

    Args:
        prefix: For example ``/static``.
        directory: An absolute path.
        downloadable: Whether the client saves the files instead of displaying them.
        fallback_filename: The file for paths without a file, relative to the directory.

    Raises:
        InvalidRegistration: The prefix, the directory or the fallback is invalid.
    """

    _MAX_NON_PREFIXED_LEN = _MAX_LENGTH

    def __init__(
        self,
        prefix: str,
        directory: Union[str, Path],
        downloadable: bool = False,
        fallback_filename: Optional[str] = None,
    ) -> None:
        where = caller()[0]
        if not prefix.startswith("/"):
            raise InvalidRegistration(f"{where}: the prefix {prefix!r} of a static route must start with '/'.")
        folder = os.path.normpath(str(directory))
        if not os.path.isabs(folder):
            raise InvalidRegistration(
                f"{where}: the directory {str(directory)!r} of the static route {prefix!r} must be an absolute path."
            )
        self._fallback: Optional[str] = None
        if fallback_filename is not None:
            self._fallback = os.path.normpath(os.path.join(folder, fallback_filename))
            if not os.path.isfile(self._fallback):
                raise InvalidRegistration(
                    f"{where}: the fallback_filename {fallback_filename!r} of the static route {prefix!r} is no file."
                )
        self._directory = folder
        self._prefix = prefix if prefix.endswith("/") else f"{prefix}/"
        self._downloadable = downloadable

    def match(self, path: str) -> bool:
        """Return whether a path is below the prefix; with a fallback also whether it is the prefix."""
        return path.startswith(self._prefix) or (self._fallback is not None and path == self._prefix[:-1])

    def __call__(self, req: Request, resp: Response, **kw: object) -> Any:
        """Fill in the response with a file.

        Raises:
            HTTPNotFound: There is no file (404).
            HTTPRangeNotSatisfiable: The requested range is not in the file (416).
        """
        return self._fill(req, resp)

    def _fill(self, req: Request, resp: Response) -> None:
        if req.method == "OPTIONS":
            resp.set_header("Allow", "GET")
            resp.set_header("Content-Length", "0")
            return
        path, file, state = self._open(self._find(req))
        try:
            self._describe(req, resp, path, file, state)
        except OSError as error:
            file.close()
            raise HTTPNotFound() from error
        except BaseException:
            file.close()
            raise

    def _find(self, req: Request) -> str:
        rest = req.path[len(self._prefix) :]
        if not rest and self._fallback is not None:
            return self._fallback
        normal = os.path.normpath(rest)
        is_bad = normal.startswith(("../", "..\\")) or normal in (".", "..") or os.path.isabs(normal)
        if not rest or len(rest) > _MAX_LENGTH or is_bad or _REFUSED.search(rest) or "\\" in rest:
            raise HTTPNotFound()
        found = os.path.join(self._directory, normal)
        if ".." in found.split(os.sep) or not found.startswith(self._directory):
            raise HTTPNotFound()
        if safe_join(self._directory, normal) is None:  # a link leads out of the folder
            raise HTTPNotFound()
        return found

    def _open(self, path: str) -> Tuple[str, IO[bytes], os.stat_result]:
        for candidate in (path, self._fallback):
            if candidate is None or _is_special(candidate):
                continue
            try:
                file = io.open(candidate, "rb")  # noqa: UP020 - the response closes it
            except OSError:
                continue
            try:
                return candidate, file, os.fstat(file.fileno())
            except OSError:
                file.close()
        raise HTTPNotFound()

    def _describe(self, req: Request, resp: Response, path: str, file: IO[bytes], state: os.stat_result) -> None:
        """Set the status, the headers and the stream for an open file."""
        modified = datetime.fromtimestamp(int(state.st_mtime), timezone.utc)
        tag = f"{int(state.st_mtime):x}-{state.st_size:x}"
        conditions, quoted = _conditions(req), f'"{tag}"'
        try:
            decide(req.method, conditions, size=None, etag=quoted, modified=state.st_mtime)
        except PreconditionFailed as error:
            raise HTTPPreconditionFailed() from error
        resp.etag = tag
        resp.last_modified = modified
        resp.set_header("Accept-Ranges", "bytes")
        if self._is_unchanged(req, tag, modified):
            file.close()
            resp.status = HTTP_304
            return
        suffix = os.path.splitext(path)[1] or (path.rpartition("/")[2] if "/." in path else "")
        resp.content_type = resp.options.static_media_types.get(suffix.lower(), "application/octet-stream")
        takes_range = range_applies(conditions, quoted, state.st_mtime) and req.range_unit == "bytes"
        resp.status = HTTP_200
        stream, length = self._cut(req, resp, file, state.st_size) if takes_range else (file, state.st_size)
        if req.method == "HEAD":  # nothing would read the stream, or close it
            stream.close()
            resp.content_length = length
        else:
            resp.set_stream(stream, length)
        if self._downloadable:
            resp.downloadable_as = os.path.basename(path)

    def _cut(self, req: Request, resp: Response, file: IO[bytes], size: int) -> Tuple[Any, int]:
        """Return what is read of a file and its length, and describe it in the response if it is not the whole."""
        sent = req.get_header("Range") or ""
        if "," not in sent:
            stream, length, content_range = _set_range(file, size, req.range)
            if content_range is not None:
                resp.status, resp.content_range = HTTP_206, content_range
            return stream, length
        try:
            parts = file_parts(sent, size, str(resp.content_type)) if size else None
        except RangeNotSatisfiable as error:
            raise HTTPRangeNotSatisfiable(size) from error
        if parts is None:
            return file, size
        resp.status = HTTP_206
        for name in ("content-type", "content-range"):
            if name in parts.headers:
                resp.set_header(name, parts.headers[name])
        return parts.of(file), int(parts.headers["content-length"])

    def _is_unchanged(self, req: Request, tag: str, modified: datetime) -> bool:
        tags = req.if_none_match
        if tags is not None:
            return "*" in tags or ETag(tag) in tags
        try:
            since = req.if_modified_since
        except HTTPInvalidHeader:  # RFC 9110, section 13.1.3: one that is no date is ignored
            return False
        return since is not None and modified <= since


def _is_special(path: str) -> bool:
    """Return whether there is something that is no file: to open a pipe waits for its other end."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False  # what can't be opened is found out then


def _conditions(req: Request) -> Headers:
    sent = {name: req.get_header(name) for name in ("if-match", "if-unmodified-since", "if-range")}
    return Headers({name: value for name, value in sent.items() if value})


class StaticRouteAsync(StaticRoute):
    """A static route of an ASGI application, which reads files in threads."""

    async def __call__(self, req: Request, resp: Response, **kw: object) -> None:
        """Fill in the response with a file; see `StaticRoute`."""
        if req._connection.compiled_route.nonblocking:
            self._fill(req, resp)
            return
        await _run(req, partial(self._fill_and_load, req, resp))
        if resp.stream is not None and not isinstance(resp.stream, LoadedFile):
            resp.stream = AsyncFile(resp.stream, partial(_run, req))

    def _fill_and_load(self, req: Request, resp: Response) -> None:
        """Fill in the response, with what a small file has: one hop to a thread for all of it."""
        self._fill(req, resp)
        stream: Any = resp.stream
        if stream is not None and int(resp.content_length or 0) <= _SMALL:
            with closing(stream):
                resp.stream = LoadedFile(stream.read())


async def _run(req: Request, function: Callable[[], R]) -> R:
    return await req._connection.app.run_in_thread(function)


class AsyncFile:
    """A file that is read in threads."""

    def __init__(self, file: Any, run: Callable[[Callable[[], Any]], Any]) -> None:
        self._file, self._run = file, run

    async def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes."""
        data: bytes = await self._run(partial(self._file.read, size))
        return data

    async def close(self) -> None:
        """Close the file."""
        await self._run(self._file.close)


class LoadedFile:
    """The content of a small file."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    async def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes."""
        return self._data.read(size)

    async def close(self) -> None:
        """Close it."""
        self._data.close()


class _BoundedFile:
    """A part of a file, from its position.

    Args:
        file: The open file; it is closed with this.
        length: How many bytes the part has.
    """

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.file, self.remaining = file, length

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes of the part."""
        if size < 0 or size > self.remaining:
            size = self.remaining
        data = self.file.read(size) if size else b""
        self.remaining -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def _set_range(
    file: IO[bytes], size: int, wanted: Optional[Tuple[int, int]]
) -> Tuple[Any, int, Optional[Tuple[int, int, int]]]:
    """Return what is read of a file, its length, and the range that it is, if not the whole file."""
    if wanted is None or size == 0:
        return file, size, None
    start, end = wanted
    if start < 0:
        start, end = max(0, size + start), size - 1
    elif start >= size:
        raise HTTPRangeNotSatisfiable(size)
    else:
        end = size - 1 if end == -1 else min(end, size - 1)
    file.seek(start)
    length = end - start + 1
    return _BoundedFile(file, length), length, (start, end, size)
