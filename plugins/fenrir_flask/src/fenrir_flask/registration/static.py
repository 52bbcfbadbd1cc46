"""Static files and files by path, through the kernel's one safe way."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from email.utils import formatdate
from typing import Any, Callable, Dict, Iterator, Optional, Union

from fenrir_core import Build, FileResponse, NotFound, Route, current, nonblocking, safe_join

from ..state import State


def static_routes(build: Build) -> Iterator[Route]:
    """Return the routes of the static folders of the app and of its blueprints."""
    app = build.app
    folder = app.settings["static_folder"]
    if folder is not None:
        yield static_route(os.path.join(app.root_path, folder), app.settings["static_url_path"], "", "static")
    for name, blueprint in app.store(State).blueprints.items():
        if blueprint.static_folder is not None:
            path = os.path.join(blueprint.root_path, blueprint.static_folder)
            prefix = app.store(State).prefixes.get(name, "")
            yield static_route(path, blueprint.static_url_path, prefix, f"{name}.static")


def static_route(folder: str, url_path: Optional[str], prefix: str, name: str) -> Route:
    """Return the route that serves the files of a folder."""
    if url_path is None:
        url_path = "/" + os.path.basename(folder.rstrip("/\\"))
    return Route(f"{prefix}{url_path.rstrip('/')}/<path:filename>", _server(folder), ("GET",), name, where=folder)


def _server(folder: str) -> Any:
    @nonblocking
    def static(filename: str) -> FileResponse:
        return send_from_directory(folder, filename)

    return static


def send_file(
    path_or_file: Any,
    mimetype: Optional[str] = None,
    as_attachment: bool = False,
    download_name: Optional[str] = None,
    conditional: bool = True,
    etag: Union[bool, str] = True,
    last_modified: Union[datetime, float, None] = None,
    max_age: Union[int, Callable[[Optional[str]], Optional[int]], None] = None,
) -> FileResponse:
    """Answer with a file, with validators and ranges; never call it with a path from outside.

    Args:
        path_or_file: A path, relative to the app's `root_path`, or a binary file object.
        mimetype: The media type; by default what the name suggests.
        as_attachment: Whether to ask the client to save it.
        download_name: The name to offer.
        conditional: Whether conditional and range requests are answered.
        etag: Whether to send an entity tag, or the tag itself.
        last_modified: When it changed: a datetime or seconds since 1970.
        max_age: Seconds that the client may keep it unasked, or a function of the path that gives them.

    Raises:
        ValueError: The file object is in text mode.
    """
    path: Optional[str] = None
    if isinstance(path_or_file, (str, os.PathLike)):
        path_or_file = path = os.path.join(_root(), os.fspath(path_or_file))
    headers: Dict[str, str] = {}
    if isinstance(etag, str):
        headers["etag"] = f'"{etag}"'
    if last_modified is not None:
        moment = last_modified
        if isinstance(moment, datetime):
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
        headers["last-modified"] = formatdate(moment, usegmt=True)
    return FileResponse(
        path_or_file,
        filename=download_name,
        media_type=mimetype,
        headers=headers,
        as_attachment=as_attachment,
        conditional=conditional,
        etag=bool(etag),
        max_age=max_age(path) if callable(max_age) else max_age,
    )


def send_from_directory(directory: Any, path: str, **options: Any) -> FileResponse:
    """Answer with a file inside a directory; 404 for whatever is not there or leads outside.

    Args:
        directory: The directory, relative to the app's `root_path`.
        path: The relative path, as it came from outside.
        **options: As `send_file`.

    Raises:
        NotFound: The path leaves the directory.
    """
    full = safe_join(os.path.join(_root(), os.fspath(directory)), path)
    if full is None:
        raise NotFound()
    return send_file(full, **options)


def _root() -> str:
    connection = current.get(None)
    return os.getcwd() if connection is None else str(connection.app.root_path)
