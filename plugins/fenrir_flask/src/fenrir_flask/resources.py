"""Files of applications and blueprints: static ones, and those beside the code."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import IO, Any, Optional

from ._types import SomeResponse
from .globals import current_app


def max_age_of(filename: Optional[str]) -> Optional[int]:
    """Return how many seconds browsers may keep a file, or None: `SEND_FILE_MAX_AGE_DEFAULT`."""
    value = current_app.config["SEND_FILE_MAX_AGE_DEFAULT"]
    return int(value.total_seconds()) if isinstance(value, timedelta) else value


def static_file(owner: Any, filename: str) -> SomeResponse:
    """Return the response with a file of the static folder of an app or a blueprint.

    Raises:
        RuntimeError: There is no static folder.
        NotFound: There is no such file.
    """
    from .files import send_from_directory

    if not owner.has_static_folder:
        raise RuntimeError("'static_folder' must be set to serve static_files.")
    return send_from_directory(owner.static_folder, filename, max_age=owner.get_send_file_max_age(filename))


def open_file(root: str, resource: str, mode: str, encoding: Optional[str]) -> IO[Any]:
    """Open a file for reading.

    Args:
        root: The directory that its path is relative to.
        resource: The path.
        mode: ``r``, ``rt`` or ``rb``.
        encoding: That of text.

    Raises:
        ValueError: The mode is not one for reading.
    """
    if mode not in {"r", "rt", "rb"}:
        raise ValueError("Resources can only be opened for reading.")
    path = os.path.join(root, resource)
    return open(path, mode) if mode == "rb" else open(path, mode, encoding=encoding)
