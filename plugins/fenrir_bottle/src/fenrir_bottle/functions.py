"""Bottle's helpers; unlike those of the façade, `redirect` and `abort` raise."""

from __future__ import annotations

import email.utils
import functools
import hashlib
import io
import mimetypes
import os
import re
import stat
import time
from typing import IO, Any, Callable, Dict, Iterator, Mapping, NoReturn, Optional, Tuple, TypeVar, Union
from urllib.parse import quote, urljoin

from fenrir_core import Headers, PreconditionFailed, RangeNotSatisfiable
from fenrir_core.authoring import (
    IMMUTABLE,
    SAFE_IN_URL,
    compressed_copy,
    content_disposition,
    decide,
    file_parts,
    has_hash,
    range_applies,
)

from .body import CONNECTION
from .casting import SMALL, OpenedFile
from .environment import UNFILLED
from .exceptions import HTTPError, HTTPResponse
from .proxies import current_response, request
from .structures import Values
from .texts import parse_range_header, recode

_is_range = re.compile(r"\s*bytes=(?:\s*(?:[0-9]+-[0-9]*|-[0-9]+)\s*(?:,|$))+", re.ASCII).fullmatch
_controls = re.compile(r"[\x00-\x1f\x7f]").sub
C = TypeVar("C", bound=Callable[..., Any])
_NAMES = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range")
#: The names of headers that decide what is sent of a file, by their form in a scope and in an environment.
_DECIDING = {name.encode(): name for name in _NAMES}
_VARIABLES = {f"HTTP_{name.upper().replace('-', '_')}": name for name in _NAMES}


def abort(code: int = 500, text: Any = "Unknown Error.") -> NoReturn:
    """End the request with an error.

    Raises:
        HTTPError: Always.
    """
    raise HTTPError(code, text)


def redirect(url: str, code: Optional[int] = None) -> NoReturn:
    """End the request with a redirect; headers and cookies set so far are kept.

    Args:
        url: Relative to the current one, or absolute.
        code: The status; 303 by default, 302 for HTTP/1.0.

    Raises:
        HTTPResponse: Always.
    """
    found = current_response().copy(cls=HTTPResponse)
    found.status = code or (303 if request.get("SERVER_PROTOCOL") != "HTTP/1.0" else 302)
    found.body = ""
    found.set_header("Location", quote(urljoin(request.url, url), SAFE_IN_URL, errors="replace"))
    raise found


def auth_basic(
    check: Callable[[str, str], bool], realm: str = "private", text: str = "Access denied"
) -> Callable[[C], C]:
    """Return a decorator that asks for user and password (HTTP Basic authentication).

    Args:
        check: Called with both; returns whether they are right.
        realm: What the client shows.
        text: The message if they are not.
    """

    def decorate(function: C) -> C:
        @functools.wraps(function)
        def wrapper(*a: Any, **ka: Any) -> Any:
            user, password = request.auth or (None, None)
            if user is None or not check(user, password or ""):
                return HTTPError(401, text, WWW_Authenticate=f'Basic realm="{realm}"')
            return function(*a, **ka)

        return wrapper  # type: ignore[return-value]

    return decorate


# -------------------------------------------------------------------- files


class FileRange:
    """A part of an open file; closing it closes the file."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self.file, self.start, self.end = file, start, end
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.start)
        left = self.end - self.start
        while left > 0:
            part = self.file.read(min(left, 1024 * 1024))
            if not part:
                return
            left -= len(part)
            yield part


def static_file(
    filename: str,
    root: Union[str, os.PathLike[str]],
    mimetype: Union[str, bool, None] = True,
    download: Union[str, bool] = False,
    charset: str = "UTF-8",
    etag: Union[str, bool, None] = None,
    headers: Optional[Mapping[str, str]] = None,
    *,
    precompressed: bool = False,
    immutable: bool = False,
) -> HTTPResponse:
    """Return a response with a file below a directory; the name may come from the client.

    Conditional requests, ranges and HEAD are understood.

    Args:
        filename: The path below `root`.
        root: The directory.
        mimetype: The media type; True to guess it, False for none.
        download: Ask the client to save the file, under this name or its own.
        charset: The charset of text types.
        etag: The entity tag; None for one made of the file's properties, False for none.
        headers: Extra headers.
        precompressed: Whether a compressed copy beside the file (``.br``, ``.zst`` or ``.gz``) is sent to clients that
            accept it, if it is not older than the file; Bottle has no such option.
        immutable: Whether a file with a hash of its content in its name (``app.3f2a9c1b.js``) may be used for a year
            without asking; Bottle has no such option.

    Returns:
        The file, or an error: 403 outside of `root`, 404 for a file that does not exist.
    """
    found = _find(filename, root)
    if isinstance(found, HTTPError):
        return found
    full, stats = found
    sent: Values = dict(headers or {})
    kind = _media_type(full, mimetype, download, charset)
    if kind:
        sent["Content-Type"] = kind
    if download:
        name = (os.path.basename(full) if download is True else download).replace('"', "")
        sent["Content-Disposition"] = content_disposition(_controls("", name))
    if immutable and has_hash(os.path.basename(full)):
        sent.setdefault("Cache-Control", IMMUTABLE)
    if precompressed and "Content-Encoding" not in sent:
        sent["Vary"] = ", ".join(filter(None, (sent.get("Vary"), "Accept-Encoding")))
        copy = compressed_copy(full, stats.st_mtime, request.get_header("Accept-Encoding") or "")
        if copy is not None:
            full, stats, sent["Content-Encoding"] = copy
    sent["Last-Modified"] = _date(int(stats.st_mtime))
    sent["Date"] = _date(int(time.time()))
    tag = _tag_of(etag, full, stats)
    if tag:
        sent["ETag"] = tag
    asked = _asked()
    wanted = None
    if asked:  # PERF: few requests have conditions, 12 us
        try:
            status, wanted = _decided(asked, tag, stats.st_mtime)
        except PreconditionFailed:
            return HTTPError(412, "Precondition Failed")
        if status == 304:
            return HTTPResponse(status=304, headers=sent)
    return _file_response(full, stats.st_size, sent, wanted)


def _find(filename: str, root: Union[str, os.PathLike[str]]) -> Union[HTTPError, Tuple[str, os.stat_result]]:
    """Return the path of a file and its stat, or the error."""
    directory = os.path.join(os.path.abspath(root), "")
    full = os.path.abspath(os.path.join(directory, filename.strip("/\\")))
    if "\0" in full:
        return HTTPError(404, "File does not exist.")
    if not full.startswith(directory):
        return HTTPError(403, "Access denied.")
    if not _is_inside(full, directory):
        return HTTPError(403, "Access denied.")
    try:
        stats = os.stat(full)
    except (OSError, ValueError):
        return HTTPError(404, "File does not exist.")
    if not stat.S_ISREG(stats.st_mode):
        return HTTPError(404, "File does not exist.")
    if not os.access(full, os.R_OK):
        return HTTPError(403, "You do not have permission to access this file.")
    return full, stats


def _tag_of(etag: Union[str, bool, None], full: str, stats: os.stat_result) -> Optional[str]:
    """Return the entity tag, quoted, or None."""
    if etag is None:
        seed = f"{stats.st_dev}:{stats.st_ino}:{int(stats.st_mtime)}:{stats.st_size}:{full}"
        etag = hashlib.sha1(seed.encode("utf8", "surrogateescape")).hexdigest()
    if not isinstance(etag, str) or not etag:
        return None
    return etag if etag.endswith('"') else f'"{etag}"'


@functools.lru_cache(maxsize=256)
def _date(seconds: int) -> str:
    return email.utils.formatdate(seconds, usegmt=True)


_guess_type = functools.lru_cache(maxsize=1024)(mimetypes.guess_type)


def _is_inside(full: str, directory: str) -> bool:
    """Return whether a path is below a directory after links have been followed, unless the link leads nowhere."""
    part = full
    while len(part) >= len(directory):
        if os.path.islink(part):
            return os.path.realpath(full).startswith(os.path.join(os.path.realpath(directory), ""))
        part = os.path.dirname(part)
    return True  # PERF: one look at each name below the directory, instead of at each one of both paths, 25 us


def _media_type(full: str, mimetype: Union[str, bool, None], download: Union[str, bool], charset: str) -> str:
    if mimetype is True:
        guess, encoding = _guess_type(download if isinstance(download, str) else full)
        mimetype = guess
        if encoding:
            mimetype = "application/gzip" if encoding == "gzip" else f"application/x-{encoding}"
    if not isinstance(mimetype, str):
        return ""
    is_text = mimetype.startswith("text/") or mimetype == "application/javascript"
    return f"{mimetype}; charset={charset}" if charset and is_text and "charset=" not in mimetype else mimetype


def _asked() -> Dict[str, str]:
    """Return the headers of the request that decide what is sent of a file; few requests have one."""
    storage = request._storage
    connection = storage.get(UNFILLED)
    if connection is None:
        return {name: recode(storage[variable]) for variable, name in _VARIABLES.items() if storage.get(variable)}
    sent = connection.scope["headers"]
    return {_DECIDING[name]: recode(str(value, "latin-1")) for name, value in sent if name in _DECIDING and value}


def _decided(asked: Mapping[str, str], tag: Optional[str], modified: float) -> Tuple[int, Optional[str]]:
    """Return 304 or 200, and the range that is wanted if it applies.

    COMPAT: Bottle 0.13 sends tags without quotes, which some clients have kept; and some browsers of old send a length
    after the date.

    Raises:
        PreconditionFailed: The request is for another version.
    """
    cleaned = {name: _cleaned(name, value, tag) for name, value in asked.items()}
    headers = Headers(raw=[(name.encode(), value.encode("latin-1", "replace")) for name, value in cleaned.items()])
    status = decide(request.method, headers, size=None, etag=tag, modified=modified).status
    return status, asked.get("range") if range_applies(headers, tag, modified) else None


def _cleaned(name: str, value: str, tag: Optional[str]) -> str:
    if name == "if-modified-since":
        return value.partition(";")[0].strip()
    return tag if tag and value == tag.strip('"') else value


def _file_response(full: str, size: int, headers: Values, wanted: Optional[str]) -> HTTPResponse:
    is_head = request.method == "HEAD"
    headers["Accept-Ranges"] = "bytes"
    if not wanted:
        headers["Content-Length"] = size
        return HTTPResponse("" if is_head else _opened(full, size), headers=headers)
    if "," in wanted and CONNECTION in request._storage:
        # COMPAT: Bottle answers with the first part, which code that looks at the answer outside of a server has, too
        return _several_parts(full, size, headers, wanted)
    start, end = next(parse_range_header(wanted, size), (0, 0)) if _is_range(wanted) else (0, 0)
    if not end:
        return _not_satisfiable(size)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = end - start
    body: Any = "" if is_head else FileRange(open(full, "rb"), start, end)
    return HTTPResponse(body, 206, headers)


def _opened(full: str, size: int) -> io.BufferedReader:
    return OpenedFile(io.FileIO(full)) if size > SMALL else open(full, "rb")


def _several_parts(full: str, size: int, headers: Values, wanted: str) -> HTTPResponse:
    """Return several parts of a file, or the whole one where they are too many or more than that."""
    try:
        parts = file_parts(wanted, size, headers.get("Content-Type") or "application/octet-stream")
    except RangeNotSatisfiable:
        return _not_satisfiable(size)
    if parts is None:
        return _file_response(full, size, headers, None)
    for name, value in parts.headers.items():
        headers[name.title()] = value
    body: Any = "" if request.method == "HEAD" else parts.of(open(full, "rb"))
    return HTTPResponse(body, 206, headers)


def _not_satisfiable(size: int) -> HTTPError:
    return HTTPError(416, "Requested Range Not Satisfiable", Content_Range=f"bytes */{size}")
