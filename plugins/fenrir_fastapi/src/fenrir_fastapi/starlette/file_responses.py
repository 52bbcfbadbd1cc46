"""Files as responses, with Starlette's rules for ranges where they are called as ASGI apps.

Source: RFC 9110, section 14.
"""

from __future__ import annotations

import asyncio
import os
import stat
from copy import copy
from secrets import token_hex
from typing import IO, Any, Callable, List, Mapping, Optional, Sequence, Tuple, Union

import fenrir_core
from fenrir_core import ClientDisconnect, PreconditionFailed
from fenrir_core.authoring import (
    Message,
    Receive,
    Scope,
    Send,
    compressed_copy,
    decide,
    etag_for,
    format_date,
    parse_digits,
)

from .concurrency import run_in_threadpool
from .header_mappings import Headers, MutableHeaders
from .response_names import Background, Response
from .streams import send_until_disconnect

__all__ = ["FileResponse", "MalformedRangeHeader", "RangeNotSatisfiable"]

_CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
#: What is at most this many bytes is read by what looks for it.
SMALL = 64 * 1024
#: The first byte of a range and the one behind its last.
Span = Tuple[int, int]


class MalformedRangeHeader(Exception):
    """A `Range` header that is none; it is answered with 400.

    Args:
        content: What the client is told.
    """

    def __init__(self, content: str = "Malformed range header.") -> None:
        self.content = content


class RangeNotSatisfiable(Exception):
    """A range outside of the file; it is answered with 416.

    Args:
        max_size: The size of the file.
    """

    def __init__(self, max_size: int) -> None:
        self.max_size = max_size


class FileResponse(Response, fenrir_core.FileResponse):  # type: ignore[misc]  # `set_cookie`, as there
    """A file as the response; see `fenrir_core.FileResponse`.

    Args:
        path: The file.
        status_code, headers, media_type, background: As for `Response`.
        filename: The name that the client is offered.
        stat_result: The file's stat, where it is known already.
        content_disposition_type: ``"attachment"`` or ``"inline"``.
        precompressed, immutable: As for `fenrir_core.FileResponse`; Starlette has neither.
    """

    #: What is at most this many bytes is read in one hop to a thread.
    chunk_size = 256 * 1024
    max_ranges = 10

    def __init__(
        self,
        path: Union[str, os.PathLike[str]],
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Background = None,
        filename: Optional[str] = None,
        stat_result: Optional[os.stat_result] = None,
        content_disposition_type: str = "attachment",
        *,
        precompressed: bool = False,
        immutable: bool = False,
    ) -> None:
        fenrir_core.FileResponse.__init__(
            self,
            path,
            filename=filename,
            media_type=media_type,
            status=status_code,
            headers=headers,
            as_attachment=filename is not None and content_disposition_type == "attachment",
            background=background,
            precompressed=precompressed,
            immutable=immutable,
        )
        self.filename, self.stat_result = filename, stat_result
        #: The content, if what has looked the file up has read it, too.
        self.loaded: Optional[bytes] = None
        self.headers.setdefault("accept-ranges", "bytes")
        if stat_result is not None and not precompressed:  # else they may be a copy's
            self.set_stat_headers(stat_result)

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Set the length, the time of change and the entity tag, unless they are set."""
        self.headers.setdefault("content-length", str(stat_result.st_size))
        self.headers.setdefault("last-modified", format_date(stat_result.st_mtime))
        self.headers.setdefault("etag", etag_for(stat_result))

    async def send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or the ranges that are asked for."""
        is_http = scope["type"] == "http"
        if self.precompressed:
            await (await run_in_threadpool(self._chosen, scope)).send_all(scope, receive, send)
            return
        head_only = is_http and scope["method"].upper() == "HEAD"
        sends_path = is_http and not head_only and "http.response.pathsend" in (scope.get("extensions") or {})
        if self.stat_result is None:  # PERF: one hop to a thread for a small file
            stat_result, loaded = await run_in_threadpool(self._look, not (head_only or sends_path))
        else:
            stat_result, loaded = self.stat_result, self.loaded
        self.set_stat_headers(stat_result)
        headers, status, spans = MutableHeaders(raw=list(self.raw_headers)), self.status, None
        if await self._answer_condition(scope, stat_result, headers, send):
            return
        asked = self._asked_range(scope)
        if asked is not None:
            try:
                spans = parse_ranges(asked, stat_result.st_size, self.max_ranges) or None
            except MalformedRangeHeader as error:
                await _send_text(send, 400, error.content)
                return
            except RangeNotSatisfiable as error:
                await _send_text(send, 416, "", (b"content-range", f"bytes */{error.max_size}".encode()))
                return
        pieces: List[Tuple[bytes, int, int]] = [(b"", 0, stat_result.st_size)]
        if spans:
            status, pieces = 206, self._partial(headers, spans, stat_result.st_size)
        start = {"type": "http.response.start", "status": status, "headers": headers.raw}
        if sends_path and not spans:
            await send(start)
            await send({"type": "http.response.pathsend", "path": str(self.path)})
        elif head_only:
            await send(start)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif loaded is not None and len(loaded) == stat_result.st_size:
            await _send_at_once(send, start, b"".join(text + loaded[begin:end] for text, begin, end in pieces))
        else:

            async def send_pieces(send: Send) -> None:
                await send(start)
                await self._send_pieces(send, pieces)

            await send_until_disconnect(send_pieces, scope, receive, send)

    def _chosen(self, scope: Scope) -> FileResponse:
        """Return the response with the file, or with the compressed copy of it that the client prefers."""
        path: Any = self.path
        chosen = copy(self)
        chosen.raw_headers, chosen.precompressed = list(self.raw_headers), False
        if "content-encoding" not in self.headers:
            chosen.headers.add_vary_header("Accept-Encoding")
            accepted = ", ".join(Headers(raw=list(scope.get("headers") or ())).getlist("accept-encoding"))
            try:
                modified = (self.stat_result or os.stat(path)).st_mtime
            except OSError:
                return chosen  # which says what is wrong with it
            found = compressed_copy(os.fspath(path), modified, accepted)
            if found is not None:
                chosen.headers["content-encoding"] = found.coding
                chosen.path, chosen.stat_result, chosen.loaded = found.path, found.stat, None
        return chosen

    def _look(self, reads: bool) -> Tuple[os.stat_result, Optional[bytes]]:
        """Return the stat of the file, and its content if it is small and wanted; called in a thread."""
        path: Any = self.path
        try:
            found = os.stat(path)
        except FileNotFoundError:
            raise RuntimeError(f"File at path {path} does not exist.") from None
        if not stat.S_ISREG(found.st_mode):
            raise RuntimeError(f"File at path {path} is not a file.")
        return found, read_small(path, found) if reads else None

    async def _answer_condition(
        self, scope: Scope, stat_result: os.stat_result, headers: MutableHeaders, send: Send
    ) -> bool:
        """Answer with 412 or 304 if a condition of the request says so (RFC 9110, section 13)."""
        if self.status != 200 or scope["type"] != "http" or scope["method"].upper() not in ("GET", "HEAD"):
            return False
        sent = fenrir_core.Headers(raw=list(scope.get("headers") or ()))
        if not any(name in sent for name in _CONDITIONS):
            return False
        try:
            found = decide("HEAD", sent, size=None, etag=headers["etag"], modified=stat_result.st_mtime)
        except PreconditionFailed:
            await _send_text(send, 412, "")
            return True
        if found.status == 200:
            return False
        kept = [pair for pair in headers.raw if pair[0] not in (b"content-type", b"content-length")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return True

    def _asked_range(self, scope: Scope) -> Optional[str]:
        """Return the `Range` header if it counts."""
        if self.status != 200 or scope["type"] != "http" or scope["method"].upper() not in ("GET", "HEAD"):
            return None
        headers = Headers(raw=list(scope.get("headers") or ()))
        condition = headers.get("if-range")
        if condition is not None and condition not in (self.headers["last-modified"], self.headers["etag"]):
            return None
        return headers.get("range")

    def _partial(self, headers: MutableHeaders, spans: Sequence[Span], size: int) -> List[Tuple[bytes, int, int]]:
        """Describe ranges in the headers and return what to send: bytes, then a part of the file, for each."""
        if len(spans) == 1:
            start, stop = spans[0]
            headers["content-range"] = f"bytes {start}-{stop - 1}/{size}"
            headers["content-length"] = str(stop - start)
            return [(b"", start, stop)]
        boundary = token_hex(13)
        length, part_header = self.generate_multipart(spans, boundary, size, headers["content-type"])
        headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
        headers["content-length"] = str(length)
        pieces = [
            ((b"\r\n" if index else b"") + part_header(*span), span[0], span[1]) for index, span in enumerate(spans)
        ]
        return [*pieces, (f"\r\n--{boundary}--".encode("ascii"), 0, 0)]

    def generate_multipart(
        self, ranges: Sequence[Span], boundary: str, max_size: int, content_type: str
    ) -> Tuple[int, Callable[[int, int], bytes]]:
        """Return the length of a multipart response, and a function that makes the header of one of its parts."""

        def part_header(start: int, stop: int) -> bytes:
            span = f"bytes {start}-{stop - 1}/{max_size}"
            text = f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {span}\r\n\r\n"
            return text.encode("latin-1")

        parts = sum(len(part_header(start, stop)) + stop - start + len("\r\n") for start, stop in ranges)
        return parts + len(f"--{boundary}--"), part_header

    async def _send_pieces(self, send: Send, pieces: Sequence[Tuple[bytes, int, int]]) -> None:
        path: Any = self.path
        if sum(len(text) + stop - start for text, start, stop in pieces) <= self.chunk_size:
            await send(_chunk(await run_in_threadpool(self._read, pieces), False))
            return
        file: IO[bytes] = await run_in_threadpool(open, path, "rb")
        try:
            for index, (text, start, stop) in enumerate(pieces):
                is_last = index == len(pieces) - 1
                if text:
                    await send(_chunk(text, not is_last or start < stop))
                await self._send_part(send, file, start, stop, is_last)
                if not text and start >= stop:
                    await send(_chunk(b"", False))
        finally:
            await asyncio.shield(run_in_threadpool(file.close))

    def _read(self, pieces: Sequence[Tuple[bytes, int, int]]) -> bytes:
        """Return all pieces; called in a thread."""
        path: Any = self.path
        found: List[bytes] = []
        with open(path, "rb") as file:
            for text, start, stop in pieces:
                file.seek(start)
                found += [text, file.read(stop - start)]
                if len(found[-1]) < stop - start:
                    raise RuntimeError(f"File at path {path} is shorter than expected.")
        return b"".join(found)

    async def _send_part(self, send: Send, file: IO[bytes], start: int, stop: int, is_last: bool) -> None:
        if start < stop:
            await run_in_threadpool(file.seek, start)
        while start < stop:
            chunk = await run_in_threadpool(file.read, min(self.chunk_size, stop - start))
            if not chunk:
                raise RuntimeError(f"File at path {self.path} is shorter than expected.")
            start += len(chunk)
            await send(_chunk(chunk, start < stop or not is_last))


def read_small(path: Union[str, os.PathLike[str]], found: os.stat_result) -> Optional[bytes]:
    """Return the content of a file of at most 64 KiB; None if it is larger, or can't be read."""
    if found.st_size > SMALL:
        return None
    try:
        with open(path, "rb") as file:
            return file.read(SMALL + 1)
    except OSError:
        return None


async def _send_at_once(send: Send, start: Message, body: bytes) -> None:
    try:
        await send(start)
        await send(_chunk(body, False))
    except OSError as error:  # ASGI: what a server raises when the client has disconnected
        raise ClientDisconnect(str(error)) from None


def parse_ranges(header: str, size: int, limit: int) -> List[Span]:
    """Return the ranges of a `Range` header, merged where they overlap; empty if the whole file is to be sent.

    Raises:
        MalformedRangeHeader: It names none.
        RangeNotSatisfiable: One is outside of the file.
    """
    unit, equals, text = header.partition("=")
    if not equals:
        raise MalformedRangeHeader
    if unit.strip().lower() != "bytes":
        raise MalformedRangeHeader("Only support bytes range")
    parts = text.split(",")
    if len(parts) > limit:
        return []
    read = [_span(part, size) for part in parts if part.strip()]
    spans = [span for span in read if span is not None]
    if not spans:
        raise MalformedRangeHeader("Range header: range must be requested")
    if len(spans) < len(read):  # RFC 9110, section 14.2: a malformed header is ignored
        return []
    if any(not 0 <= start < size for start, _ in spans):
        raise RangeNotSatisfiable(size)
    if any(start >= stop for start, stop in spans):
        raise MalformedRangeHeader("Range header: start must be less than end")
    if len(spans) > 1 and sum(stop - start for start, stop in spans) > size:
        return []
    merged: List[Span] = []
    for start, stop in sorted(spans) if len(spans) > 1 else spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], stop)
        else:
            merged.append((start, stop))
    return merged


def _span(part: str, size: int) -> Optional[Span]:
    """Return one range; None for what is none."""
    first, dash, last = (piece.strip() for piece in part.partition("-"))
    start, end = parse_digits(first), parse_digits(last)
    if not dash or (first and start is None) or (last and end is None):
        return None
    if start is None:
        return None if end is None else (max(size - end, 0), size)
    return start, size if end is None else min(end + 1, size)


def _chunk(body: bytes, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _send_text(send: Send, status: int, text: str, *headers: Tuple[bytes, bytes]) -> None:
    body = text.encode()
    head = [*headers, (b"content-length", b"%d" % len(body)), (b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
