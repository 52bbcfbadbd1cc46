"""The helpers that the façade hands on: redirects and files."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from email.utils import formatdate
from typing import Any, Dict, Optional, Union

from fenrir_core import FileResponse, NotFound, RedirectResponse, current, safe_join


def redirect(location: str, status: int = 302, *, code: Optional[int] = None) -> RedirectResponse:
    """Return a response that sends the client to another URL.

    It is returned, not raised, and can be changed before (headers, cookies).

    Args:
        location: A path or an absolute URL.
        status: 301, 302, 303, 307 or 308.
        code: The same, by the name that it has in Flask and Bottle.

    Raises:
        ValueError: The status is no redirect.
        InvalidHeader: The location holds a control character.
    """
    return RedirectResponse(location, status if code is None else code)


def send_file(
    path_or_file: Any,
    mimetype: Optional[str] = None,
    as_attachment: bool = False,
    download_name: Optional[str] = None,
    conditional: bool = True,
    etag: Union[bool, str] = True,
    last_modified: Union[datetime, float, None] = None,
    max_age: Optional[int] = None,
) -> FileResponse:
    """Return a response with a file: validators, ranges and 304 included.

    Never call it with a path from outside; `send_from_directory` is for those.

    Args:
        path_or_file: A path, or a binary file object, which is closed when it was sent. A
            relative path starts at the app's `root_path`, which is the directory of the
            module that made the app; outside of a request, at the working directory.
        mimetype: The media type; by default what the name suggests.
        as_attachment: Ask the client to save the file rather than show it.
        download_name: The name to offer to the client; by default the file's own.
        conditional: Answer conditional and range requests.
        etag: Whether to send an entity tag, or the tag itself, without quotes.
        last_modified: When it changed: a datetime (UTC if it has no zone) or seconds since
            1970; by default the file's own time.
        max_age: Seconds for which the client may keep its copy unasked; 0 for never.

    Returns:
        The response; a file that is not there, or not readable, is answered with 404.

    Raises:
        ValueError: The file object is in text mode.
    """
    if isinstance(path_or_file, (str, os.PathLike)):
        path_or_file = _from_root(path_or_file)
    headers: Dict[str, str] = {}
    if isinstance(etag, str):
        headers["etag"] = f'"{etag}"'
    if last_modified is not None:
        headers["last-modified"] = _http_date(last_modified)
    return FileResponse(
        path_or_file,
        filename=download_name,
        media_type=mimetype,
        headers=headers,
        as_attachment=as_attachment,
        conditional=conditional,
        etag=bool(etag),
        max_age=max_age,
    )


def send_from_directory(directory: Union[str, os.PathLike[str]], path: str, **options: Any) -> FileResponse:
    """Return a response with a file of a directory, safely: `path` may come from outside.

    Args:
        directory: Where the file must be; a relative one as in `send_file`.
        path: The path below it, with "/". Directories are never listed.
        options: As of `send_file`.

    Raises:
        NotFound: There is no such file, or the path leaves the directory (by "..", an
            absolute path or a link).
    """
    full = safe_join(_from_root(directory), path)
    if full is None or not os.path.isfile(full):
        raise NotFound()
    return send_file(full, **options)


def _from_root(path: Union[str, os.PathLike[str]]) -> str:
    connection = current.get(None)
    root = os.getcwd() if connection is None else connection.app.root_path
    return os.path.join(root, os.fspath(path))


def _http_date(moment: Union[datetime, float]) -> str:
    if isinstance(moment, datetime):
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return formatdate(moment, usegmt=True)
