"""Open files and the pieces of them that a response has.

Source: RFC 9110, sections 15.3.7.1 (one part) and 15.3.7.2 (several).
"""

from __future__ import annotations

import errno
import os
import stat as stat_module
from secrets import token_hex
from typing import Dict, List, NamedTuple, Optional, Tuple

from ..._types import BinaryFile
from ...exceptions import NotFound
from ..conditions import Ranges, parse_range
from ..headers import MutableHeaders

#: What to send: some bytes first, then the file from `start` to `stop`; None is its unknown end.
Piece = Tuple[bytes, int, Optional[int]]

_ABSENT = frozenset(
    (errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG)
)


class Source(NamedTuple):
    """An open file: where its content starts, how long it is if known, and its stat if it has a path."""

    file: BinaryFile
    start: int
    size: Optional[int]
    stat: Optional[os.stat_result]


def open_path(path: str) -> Source:
    """Open a regular file.

    Raises:
        NotFound: There is none of this name, or it is not readable.
    """
    try:
        if not stat_module.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for its writer
            raise NotFound()
        file = open(path, "rb", buffering=0)  # PERF: what is read is read in large pieces
    except ValueError:
        raise NotFound() from None
    except OSError as error:
        if error.errno in _ABSENT:
            raise NotFound() from None
        raise
    stat = os.fstat(file.fileno())
    return Source(file, 0, stat.st_size, stat)


def measure(file: BinaryFile) -> Source:
    """Find the size of a file object's content, which is from its current position to its end."""
    try:  # COMPAT: SpooledTemporaryFile has no seekable(), and seek() returns None, before 3.11
        start = file.tell()
        file.seek(0, os.SEEK_END)
        size = file.tell() - start
        file.seek(start)
    except (AttributeError, OSError):
        return Source(file, 0, None, None)
    return Source(file, start, max(size, 0), None)


def cut(headers: MutableHeaders, ranges: Ranges, size: int) -> List[Piece]:
    """Return the pieces of a 206 response and describe them in its headers.

    Args:
        headers: The response's headers, with its `content-type`; that and `content-range` are set.
        ranges: The ranges, see `conditions.parse_range`.
        size: The size of the whole.
    """
    spans = [f"bytes {start}-{stop - 1}/{size}" for start, stop in ranges]
    if len(ranges) == 1:
        headers["content-range"] = spans[0]
        return [(b"", *ranges[0])]
    boundary, kind = token_hex(16), headers["content-type"]
    headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
    pieces: List[Piece] = []
    for span, (start, stop) in zip(spans, ranges):
        head = f"\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {span}\r\n\r\n"
        pieces.append((head.encode("latin-1"), start, stop))
    pieces.append((f"\r\n--{boundary}--\r\n".encode("ascii"), 0, 0))
    return pieces


def length_of(pieces: List[Piece]) -> int:
    """Return the bytes that pieces have together; their ends must be known."""
    return sum(len(text) + (stop or 0) - start for text, start, stop in pieces)


class FileParts(NamedTuple):
    """What a 206 response has of a file, for helpers that write status and headers themselves; see `file_parts`.

    Args:
        headers: `content-type`, `content-length`, and `content-range` if it is one part.
        pieces: What to send.
    """

    headers: Dict[str, str]
    pieces: List[Piece]

    def of(self, file: BinaryFile) -> PartialFile:
        """Return these parts of an open file as one file, which closes the other."""
        return PartialFile(file, list(self.pieces))


def file_parts(wanted: str, size: int, media_type: str) -> Optional[FileParts]:
    """Return the parts of a file that a `Range` header asks for; None if the whole file is to be sent.

    Args:
        wanted: The header's value; see `conditions.parse_range` for what is ignored.
        size: The size of the file.
        media_type: The file's media type, which several parts have each in their head.

    Raises:
        RangeNotSatisfiable: No range is within the file.
    """
    ranges = parse_range(wanted, size)
    if ranges is None:
        return None
    headers = MutableHeaders({"content-type": media_type})
    pieces = cut(headers, ranges, size)
    headers["content-length"] = str(length_of(pieces))
    return FileParts(dict(headers.items()), pieces)


class PartialFile:
    """The pieces of an open file as one file, which is read once, from its beginning to its end.

    Args:
        file: The open file; it is closed with this.
        pieces: The pieces, see `cut`.
        offset: Where the content begins in the file.
    """

    def __init__(self, file: BinaryFile, pieces: List[Piece], offset: int = 0) -> None:
        self.file = file
        self._pieces, self._offset = pieces[::-1], offset
        self._at = 0

    @property
    def is_done(self) -> bool:
        """Whether everything was read; a file of unknown size is never done."""
        return all(not text and stop is not None and start >= stop for text, start, stop in self._pieces)

    def load(self) -> bytes:
        """Read everything."""
        if len(self._pieces) != 1 or self._at != self._offset:
            return self.read()
        text, start, stop = self._pieces[0]
        if text or start or not stop:
            return self.read()
        data = self.file.read(stop)  # PERF: nearly always this is all, 6 us
        self._at = len(data)
        self._pieces[0] = b"", self._at, stop
        return data if self._at == stop else data + self.read()

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, everything that is left for -1; ``b""`` is the end.

        Raises:
            RuntimeError: The file became shorter, so that the length that was sent is wrong.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 18), b""))
        while self._pieces:
            text, start, stop = self._pieces[-1]
            if text:
                self._pieces[-1] = text[size:], start, stop
                return text[:size]
            if stop is None:
                return self.file.read(size)
            if start >= stop:
                self._pieces.pop()
                continue
            if self._at != start:
                self.file.seek(self._offset + start)
            data = self.file.read(min(size, stop - start))
            if not data:
                raise RuntimeError(f"{self.file!r} became shorter while it was sent.")
            self._at = start + len(data)
            self._pieces[-1] = b"", self._at, stop
            return data
        return b""

    def close(self) -> None:
        """Close the file."""
        self.file.close()
