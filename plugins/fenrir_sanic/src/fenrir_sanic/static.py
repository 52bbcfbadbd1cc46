"""Routes that serve files."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from errno import ELOOP, ENAMETOOLONG
from os import stat_result
from pathlib import Path, PurePath
from stat import S_ISDIR, S_ISREG
from typing import Any, Dict, Mapping, NamedTuple, Optional, Union
from urllib.parse import unquote

from fenrir_core import Headers, PreconditionFailed
from fenrir_core.authoring import decide, etag_for, range_applies, run_in_thread

from ._executor import file_pool
from .exceptions import FileNotFound, HeaderNotFound, SanicException
from .handlers.content_range import ContentRangeHandler
from .handlers.directory import DirectoryHandler
from .log import error_logger
from .request import Request
from .response import HTTPResponse, file, file_stream, guess_content_type, validate_file
from .response.convenience import file_headers
from .values import AnyCallable

#: The headers that are read by the kernel's rules; of `If-Modified-Since` Sanic logs what is no date.
_CONDITIONS = ("if-match", "if-unmodified-since", "if-none-match", "if-range")
#: What is at most this many bytes is read by what looks for it.
SMALL = 64 * 1024
#: From this size on files are streamed, where that is asked for.
LARGE = 1024 * 1024


@dataclass(frozen=True)
class StaticOptions:
    """How files are served.

    Args:
        use_modified_since: Whether the client may ask by the time of change, or by the entity tag.
        use_content_range: Whether ranges of bytes can be asked for.
        stream_large_files: Whether large files are read while they are sent, or the size from which on they are.
        content_type: The content type; guessed from each name by default.
        follow_external_symlink_files, follow_external_symlink_dirs: Whether links may lead out of the directory.
    """

    use_modified_since: bool = True
    use_content_range: bool = False
    stream_large_files: Union[bool, int] = False
    content_type: Optional[str] = None
    follow_external_symlink_files: bool = False
    follow_external_symlink_dirs: bool = False


def register_static(
    target: Any,
    uri: str,
    given: Any,
    options: StaticOptions,
    resource_type: Optional[str],
    index: Any,
    directory_view: bool,
    directory_handler: Any,
    where: Mapping[str, Any],
) -> None:
    """Register the routes of a file or directory; the arguments are those of `static`.

    Raises:
        ValueError, TypeError: The path is none, or not of the type; or the options contradict each other.
    """
    if not isinstance(given, (str, bytes, PurePath)):
        raise ValueError(f"Static route must be a valid path, not {given}")
    try:
        root = Path(given.decode() if isinstance(given, bytes) else given).resolve()
    except TypeError:
        raise TypeError("Static file or directory must be a path-like object or string") from None
    if directory_handler and (directory_view or index):
        raise ValueError(
            "When explicitly setting directory_handler, you cannot set either directory_view or index. Instead, pass "
            "these arguments to your DirectoryHandler instance."
        )
    is_file = _is_file(root, resource_type)
    directories = directory_handler or DirectoryHandler(
        uri, root, directory_view, index, root, options.follow_external_symlink_files,
        options.follow_external_symlink_dirs,
    )  # fmt: skip
    handler = file_handler(root, options, directories)
    if is_file:
        target.route(uri, ("GET", "HEAD"), static=True, **where)(handler)
        return
    prefix = uri.rstrip("/")
    if directory_view or index or directory_handler:
        label = f"{where['name']}.index"
        place = prefix + "/" if where["strict_slashes"] else prefix or "/"
        target.route(place, ("GET", "HEAD"), static=True, **{**where, "name": label})(handler)
    target.route(f"{prefix}/<filename:path>", ("GET", "HEAD"), static=True, **where)(handler)


def _is_file(root: Path, resource_type: Optional[str]) -> bool:
    if resource_type not in (None, "file", "dir"):
        raise ValueError("The resource_type should be set to 'file' or 'dir'")
    is_file = root.is_file()
    if resource_type == "dir" and is_file:
        raise TypeError(f"Resource type improperly identified as directory. '{root}'")
    if resource_type == "file" and not is_file:
        raise TypeError(f"Resource type improperly identified as file. '{root}'")
    return is_file


def file_handler(root: Path, options: StaticOptions, directories: Any) -> AnyCallable:
    """Return a handler that sends the file `filename` below a directory, or one file.

    Args:
        root: The directory or file; must be trusted.
        options: How files are served.
        directories: What answers for directories.
    """

    async def static(request: Request, filename: str = "") -> Any:
        missing = FileNotFound("File not found", path=root, relative_url=filename or None)
        try:
            # PERF: one hop to a thread for a small file
            found = await run_in_thread(file_pool(), _look, root, filename, options, request.method == "GET")
            if found is None:
                error_logger.error("File not found: path=%s, relative_url=%s", root, filename or None)
                raise missing
            return await _send(request, found, options)
        except (IsADirectoryError, PermissionError):
            try:
                return await directories.handle(request, request.path)
            except (IsADirectoryError, PermissionError):  # that is no failure of the app
                raise missing from None
        except SanicException:
            raise
        except (FileNotFoundError, NotADirectoryError):
            raise missing from None
        except Exception as error:
            # COMPAT: since Python 3.13 a loop of links is found by the look at the file, not by `resolve`
            if getattr(error, "errno", None) in (ELOOP, ENAMETOOLONG):
                raise missing from None
            error_logger.exception(
                "Exception in static request handler: path=%s, relative_url=%s", root, filename or None
            )
            raise

    return static


def find(root: Path, filename: str, options: StaticOptions) -> Optional[Path]:
    """Return the file below a directory, links followed; None if the path leaves it.

    Args:
        root: The directory or file.
        filename: The relative path, decoded.
        options: Whether links may lead out of the directory.
    """
    path = root
    if filename:
        relative = unquote(filename).lstrip("/")
        if "\0" in relative or "\\" in relative:
            return None
        path = root / relative
        if ".." in path.parts:
            return None
    try:
        found = path.resolve()
        found.relative_to(root.resolve())
    except ValueError:
        is_file_link = path.is_symlink() and not found.is_dir()
        allowed = options.follow_external_symlink_files if is_file_link else options.follow_external_symlink_dirs
        return found if allowed else None
    except (OSError, RuntimeError):  # a loop of links
        return None
    return found


class _Found(NamedTuple):
    """A file that was found, with its content if that is small and wanted."""

    path: Path
    stats: stat_result
    content: Optional[bytes]


def _look(root: Path, filename: str, options: StaticOptions, reads: bool) -> Optional[_Found]:
    """Find a file; called in a thread.

    Raises:
        OSError: It is a directory, or can't be looked at.
    """
    path = find(root, filename, options)
    if path is None:
        return None
    stats = path.stat()
    if S_ISDIR(stats.st_mode):
        raise IsADirectoryError(str(path))
    if not S_ISREG(stats.st_mode):
        raise FileNotFoundError(str(path))  # to open a pipe waits for its other end
    if not reads or stats.st_size > SMALL:
        return _Found(path, stats, None)
    content = path.read_bytes()
    return _Found(path, stats, content if len(content) == stats.st_size else None)


async def _send(request: Request, found: _Found, options: StaticOptions) -> Any:
    path, stats, content = found
    headers: Dict[str, str] = {}
    conditions, etag = _conditions(request), etag_for(stats) if options.use_modified_since else None
    if etag is not None:
        headers = {"Last-Modified": formatdate(stats.st_mtime, usegmt=True), "ETag": etag}
        if await _is_unchanged(request, stats, conditions, etag):
            return HTTPResponse(status=304, headers=headers)
    part = None
    if options.use_content_range:
        headers["Accept-Ranges"] = "bytes"
        if request.method != "HEAD" and range_applies(conditions, etag, stats.st_mtime):
            with suppress(HeaderNotFound):
                part = ContentRangeHandler(request, stats)
        headers.update({"Content-Length": str(stats.st_size)} if part is None else part.headers)
    kind = options.content_type or guess_content_type(path)
    if "charset=" not in kind and (kind.startswith("text/") or kind == "application/javascript"):
        kind += "; charset=utf-8"
    headers["Content-Type"] = kind
    if request.method == "HEAD":
        headers.setdefault("Content-Length", str(stats.st_size))
        return HTTPResponse(headers=headers)
    if content is not None and part is None:
        return HTTPResponse(content, 200, file_headers(headers, None, stats.st_mtime, None, None), kind)
    threshold = LARGE if options.stream_large_files is True else options.stream_large_files
    if threshold and stats.st_size >= threshold:
        return await file_stream(path, headers=headers, _range=part)
    return await file(path, headers=headers, last_modified=stats.st_mtime, _range=part)


async def _is_unchanged(request: Request, stats: stat_result, conditions: Headers, etag: str) -> bool:
    """Return whether the client's copy is current.

    Raises:
        SanicException: The request is for another version (412).
    """
    try:
        decision = decide(request.method, conditions, size=None, etag=etag, modified=stats.st_mtime)
    except PreconditionFailed:
        raise SanicException("Precondition Failed", status_code=412) from None
    if "if-none-match" in conditions:
        return decision.status == 304
    return await validate_file(request.headers, stats.st_mtime) is not None


def _conditions(request: Request) -> Headers:
    sent = ((name, ", ".join(request.headers.getall(name, ()))) for name in _CONDITIONS)
    return Headers({name: value for name, value in sent if value})
