"""Responses with files: Werkzeug's, with several ranges, compressed copies, and all conditions of RFC 9110."""

from __future__ import annotations

import os
import re
from datetime import datetime
from typing import IO, Any, Callable, Iterator, Optional, Tuple, Union

import werkzeug.utils
from werkzeug.exceptions import NotFound, PreconditionFailed
from werkzeug.http import parse_date
from werkzeug.security import safe_join as join_safely
from werkzeug.wsgi import FileWrapper

from fenrir_core import Connection, current_connection, safe_join
from fenrir_core.authoring import IMMUTABLE, compressed_copy, has_hash

from ._types import Passed, SomeApp, SomeResponse, Values
from .ctx import ContextConnection
from .json.provider import response_class_of
from .request import request_of
from .response import CONDITIONS, Response

#: The path of a file.
FilePath = Union[str, "os.PathLike[str]"]
#: The bytes that are read of a file at a time.
_CHUNK = 256 * 1024
_controls = re.compile(r"[\x00-\x1f\x7f]").sub
#: The headers of a request that say what is sent of a file, with their names in an environment.
_ASKED = {name.encode(): variable for variable, name in CONDITIONS.items()}
_ASKED.update({b"range": "HTTP_RANGE", b"accept-encoding": "HTTP_ACCEPT_ENCODING"})


def send_file(
    path_or_file: Union[FilePath, IO[bytes]],
    mimetype: Optional[str] = None,
    as_attachment: bool = False,
    download_name: Optional[str] = None,
    conditional: bool = True,
    etag: Union[bool, str] = True,
    last_modified: Union[datetime, float, None] = None,
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None] = None,
    *,
    precompressed: bool = False,
    immutable: bool = False,
) -> SomeResponse:
    """Return a response with a file.

    Args:
        path_or_file: A path, relative to the app's `root_path`, or a binary file object. Never a path from outside.
        mimetype: The media type; by default the one of the name.
        as_attachment: Whether the client is asked to save the file rather than show it.
        download_name: The name that the client is offered; by default the file's own.
        conditional: Whether conditional and range requests are supported. A request for several ranges of a file
            with a known size is answered with all of them; where it is for more than ten, or for more than the file,
            with the whole file.
        etag: Whether to send an entity tag, or the tag itself.
        last_modified: The time of change: a datetime, or seconds since 1970; by default the file's own.
        max_age: Seconds for which the client may use its copy without asking, or a function that is called with the
            path; by default the app's `get_send_file_max_age`.
        precompressed: Whether a compressed copy beside the file (``.br``, ``.zst`` or ``.gz``) is sent to clients
            that accept it, if it is not older than the file.
        immutable: Whether a file with a hash of its content in its name (``app.3f2a9c1b.js``) may be used for a year
            without asking.

    Raises:
        FileNotFoundError: There is no such file.
        PreconditionFailed: The request is for a file that has not changed since a time, and it has.
        RequestedRangeNotSatisfiable: The range is malformed, or not within the file.

    Source: `werkzeug.utils.send_file`, which has all but `precompressed`, `immutable` and several ranges.
    """
    connection = current_connection("send_file()")
    app: SomeApp = connection.app  # type: ignore[assignment]  # an app with more
    kind = response_class_of(app)
    environ = _environ_of(connection, kind)
    if max_age is None:
        max_age = getattr(app, "get_send_file_max_age", None)
    if download_name is not None:  # in a header, where a control character can't be
        download_name = _controls("_", download_name)
    coding, always = None, None
    if isinstance(path_or_file, (str, os.PathLike)):
        path = os.path.join(app.root_path, path_or_file)
        if immutable and has_hash(os.path.basename(path)):
            always = IMMUTABLE
        if precompressed:
            download_name = os.path.basename(path) if download_name is None else download_name
            coding, path_or_file = _compressed(path, environ.get("HTTP_ACCEPT_ENCODING", ""))
    made = werkzeug.utils.send_file(
        path_or_file,
        environ,
        mimetype=mimetype,
        as_attachment=as_attachment,
        download_name=download_name,
        conditional=conditional,
        etag=etag,
        last_modified=last_modified,
        max_age=max_age,
        use_x_sendfile=getattr(app, "config", {}).get("USE_X_SENDFILE", False),
        response_class=kind,
        _root_path=app.root_path,
    )
    if conditional and "HTTP_IF_UNMODIFIED_SINCE" in environ:
        _require_version(made, environ)
    if precompressed:
        made.vary.add("Accept-Encoding")
    return _describe(made, coding, always)


def send_from_directory(directory: FilePath, path: FilePath, **options: Passed) -> SomeResponse:
    """Return a response with a file below a directory; the path may come from outside.

    Args:
        directory: The directory, relative to the app's `root_path`.
        path: The path below it.
        **options: As for `send_file`.

    Raises:
        NotFound: There is no such file, or it is outside of the directory, also by a link.
        PreconditionFailed, RequestedRangeNotSatisfiable: As from `send_file`.
    """
    root = current_connection("send_from_directory()").app.root_path
    base = os.path.join(root, directory)
    if safe_join(base, os.fspath(path)) is None:
        raise NotFound()
    full = join_safely(base, os.fspath(path))
    if full is None or not os.path.isfile(full):
        raise NotFound()
    return send_file(full, **options)


def _environ_of(connection: Connection, kind: Any) -> Values:
    """Return what Werkzeug reads of the environment of the current request; all of it where other code reads it."""
    known = connection.made_facade(request_of)
    if (
        isinstance(connection, ContextConnection)
        or (known is not None and "environ" in vars(known))
        or getattr(kind, "make_conditional", None) is not Response.make_conditional
    ):
        environ: Values = connection.facade(request_of).environ
    else:  # PERF: the whole environment is not made for it, 40 us
        scope = connection.scope
        environ = {
            "REQUEST_METHOD": scope.get("method", "GET"),
            "wsgi.file_wrapper": _in_large_pieces,
            "asgi.scope": scope,
        }
        for name, value in connection.headers.raw:
            if name in _ASKED:
                variable, text = _ASKED[name], value.decode("latin-1")
                environ[variable] = f"{environ[variable]}, {text}" if variable in environ else text
    if environ.get("HTTP_IF_MATCH", "").strip() == "*":
        # RFC 9110, section 13.1.1: any version will do; Werkzeug looks for a tag of this name
        environ = {name: value for name, value in environ.items() if name != "HTTP_IF_MATCH"}
    return environ


def _describe(made: SomeResponse, coding: Optional[str], always: Optional[str]) -> SomeResponse:
    """Return a response whose headers say how its file is compressed, and that it never changes."""
    if coding is not None:
        made.headers["Content-Encoding"] = coding
    if always is not None:
        made.headers["Cache-Control"] = always
        made.headers.pop("Expires", None)
    return made


def _in_large_pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    return FileWrapper(file, max(size, _CHUNK))


def _compressed(path: str, accepted: str) -> Tuple[Optional[str], str]:
    """Return the coding and the path of the compressed copy that a client prefers; None and the file's own path."""
    try:
        copy = compressed_copy(path, os.stat(path).st_mtime, accepted)
    except OSError:  # there is no such file, which Werkzeug says
        copy = None
    return (None, path) if copy is None else (copy.coding, copy.path)


def _require_version(made: SomeResponse, environ: Values) -> None:
    """Raise where the file was changed after the time that the request names.

    Source: RFC 9110, section 13.1.4. Werkzeug checks `If-Match` alone.
    """
    since = parse_date(environ["HTTP_IF_UNMODIFIED_SINCE"])
    if since is None or "HTTP_IF_MATCH" in environ:
        return
    if made.last_modified is not None and made.last_modified > since:
        made.close()
        raise PreconditionFailed()
