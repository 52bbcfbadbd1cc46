"""Functions that return responses with files, as handlers call them."""

from __future__ import annotations

import os
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Callable, Dict, Optional, TypedDict, Union

from ..._types import BinaryFile
from ...exceptions import NotFound
from ..connection import current
from ..dates import format_date
from .paths import safe_join
from .response import FileResponse

if TYPE_CHECKING:
    from typing_extensions import Unpack


class SendFileOptions(TypedDict, total=False):
    """The keywords of `send_file`."""

    mimetype: Optional[str]
    as_attachment: bool
    download_name: Optional[str]
    conditional: bool
    etag: Union[bool, str]
    last_modified: Union[datetime, float, None]
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None]
    precompressed: bool
    immutable: bool


def send_file(
    path_or_file: Union[str, PathLike[str], BinaryFile],
    mimetype: Optional[str] = None,
    as_attachment: bool = False,
    download_name: Optional[str] = None,
    conditional: bool = True,
    etag: Union[bool, str] = True,
    last_modified: Union[datetime, float, None] = None,
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None] = None,
    precompressed: bool = False,
    immutable: bool = False,
) -> FileResponse:
    """Return a response with a file, with validators, ranges, 304 and 412.

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
        precompressed: Whether a compressed copy beside the file (``.br``, ``.zst`` or ``.gz``) is sent to clients
            that accept it, if it is not older than the file.
        immutable: Whether a file with a hash of its content in its name (``app.3f2a9c1b.js``) may be used for a year
            without asking.

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
        precompressed=precompressed,
        immutable=immutable,
    )


def send_from_directory(
    directory: Union[str, PathLike[str]], path: str, index: Optional[str] = None, **options: Unpack[SendFileOptions]
) -> FileResponse:
    """Return a response with a file of a directory, safely: `path` may come from outside.

    Args:
        directory: Where the file must be; a relative one is below the app's `root_path`, as in `send_file`.
        path: The path below it, with "/". Directories are never listed.
        index: The name of the file that is sent for a directory, such as ``index.html``: for ``""`` and for paths
            that end in "/", so that relative links in it are right. By default a directory is a 404.
        **options: As in `send_file`.

    Raises:
        NotFound: There is no such file, or the path leaves the directory (by "..", an absolute path or a link).
    """
    if index is not None and (not path or path.endswith("/")):
        path += index
    full = None if path.endswith("/") else safe_join(_from_root(directory), path)
    if full is None or not os.path.isfile(full):
        raise NotFound()
    return send_file(full, **options)


def _from_root(path: Union[str, PathLike[str]]) -> str:
    connection = current.get(None)
    root = os.getcwd() if connection is None else connection.app.root_path
    return os.path.join(root, os.fspath(path))
