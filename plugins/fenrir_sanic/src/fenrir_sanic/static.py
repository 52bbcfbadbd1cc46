"""Routes that serve files."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from errno import ENAMETOOLONG
from os import stat_result
from pathlib import Path, PurePath
from stat import S_ISDIR, S_ISREG
from typing import Any, Dict, Mapping, Optional, Tuple, Union
from urllib.parse import unquote

from fenrir_core import Headers, PreconditionFailed
from fenrir_core.authoring import decide, range_applies

from .compat import stat_async
from .exceptions import FileNotFound, HeaderNotFound, SanicException
from .handlers.content_range import ContentRangeHandler
from .handlers.directory import DirectoryHandler
from .log import error_logger
from .request import Request
from .response import HTTPResponse, file, file_stream, guess_content_type, validate_file
from .values import AnyCallable

#: From this size on files are streamed, where that is asked for.
LARGE = 1024 * 1024


@dataclass(frozen=True)
class StaticOptions:
    """How files are served.

    Args:
        use_modified_since: Whether `If-Modified-Since` can be answered with 304.
        use_content_range: Whether one range of bytes can be asked for.
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
        path = find(root, filename, options)
        if path is None:
            error_logger.error("File not found: path=%s, relative_url=%s", root, filename or None)
            raise missing
        try:
            return await _send(request, path, options)
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
            if getattr(error, "errno", None) == ENAMETOOLONG:
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


async def _send(request: Request, path: Path, options: StaticOptions) -> Any:
    stats = await stat_async(path)
    if S_ISDIR(stats.st_mode):
        raise IsADirectoryError(str(path))
    if not S_ISREG(stats.st_mode):
        raise FileNotFoundError(str(path))  # to open a pipe waits for its other end
    headers: Dict[str, str] = {}
    if options.use_modified_since:
        conditions = _conditions(request)
        try:
            known = decide(request.method, conditions, size=None, modified=stats.st_mtime).status == 304
        except PreconditionFailed:
            raise SanicException("Precondition Failed", status_code=412) from None
        if known:
            return HTTPResponse(status=304)
        unchanged = None if "if-none-match" in conditions else await validate_file(request.headers, stats.st_mtime)
        if unchanged is not None:
            return unchanged
        headers["Last-Modified"] = formatdate(stats.st_mtime, usegmt=True)
    part, extra = _range(request, stats, options)
    headers.update(extra)
    kind = options.content_type or guess_content_type(path)
    if "charset=" not in kind and (kind.startswith("text/") or kind == "application/javascript"):
        kind += "; charset=utf-8"
    headers["Content-Type"] = kind
    if request.method == "HEAD":
        headers.setdefault("Content-Length", str(stats.st_size))
        return HTTPResponse(headers=headers)
    threshold = LARGE if options.stream_large_files is True else options.stream_large_files
    if threshold and stats.st_size >= threshold:
        return await file_stream(path, headers=headers, _range=part)
    return await file(path, headers=headers, last_modified=stats.st_mtime, _range=part)


_CONDITIONS = ("if-match", "if-unmodified-since", "if-none-match", "if-range")


def _conditions(request: Request) -> Headers:
    sent = {name: request.headers.get(name) for name in _CONDITIONS}
    return Headers({name: value for name, value in sent.items() if value})


def _range(request: Request, stats: stat_result, options: StaticOptions) -> Tuple[Any, Dict[str, str]]:
    """Return the part of the file that was asked for, with headers."""
    if not options.use_content_range:
        return None, {}
    headers = {"Accept-Ranges": "bytes"}
    if request.method == "HEAD" or not range_applies(_conditions(request), None, stats.st_mtime):
        return None, {**headers, "Content-Length": str(stats.st_size)}
    try:
        part = ContentRangeHandler(request, stats)
    except HeaderNotFound:
        return None, {**headers, "Content-Length": str(stats.st_size)}
    return part, {**headers, **part.headers}
