"""Names of files: the one safe way from a URL to a path, and what a name says about a file."""

from __future__ import annotations

import mimetypes
import ntpath
import os
import re
from functools import lru_cache
from os import PathLike
from typing import Optional, Union

_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
# COMPAT: mimetypes of Python 3.8 lacks these, or has what RFC 9239 has replaced.
_NEWER_TYPES = {
    ".avif": "image/avif",
    ".js": "text/javascript",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
#: The `Cache-Control` of files whose name changes with their content.
IMMUTABLE = "public, max-age=31536000, immutable"
#: A hash in hexadecimal, and the eight characters that bundlers write, between the name and its extension.
_hash = re.compile(r"[.-](?:([0-9a-f]{8,64})|([A-Za-z0-9_-]{8}))\.[A-Za-z0-9.]{1,12}$").search


def safe_join(directory: Union[str, PathLike[str]], path: str) -> Optional[str]:
    """Join a path from outside to a directory safely; all file helpers use it.

    Args:
        directory: Where the result must be. Links in it are followed.
        path: The relative path with "/", percent-decoded by the caller, once: a remaining ``%2e``
            is part of a name.

    Returns:
        The real path, links followed, which need not exist; the directory itself for ``""``.
        None for a path that leaves the directory (by "..", an absolute path or a link), and for
        one that only an attack contains: with NUL, a backslash or a drive.
    """
    if "\0" in path or "\\" in path or path.startswith("/") or ntpath.splitdrive(path)[0]:
        return None
    if os.name == "nt" and ":" in path:  # pragma: no cover - an alternate data stream
        return None
    try:
        base = os.path.realpath(directory)
        full = os.path.realpath(os.path.join(base, path))
        if os.path.realpath(full) != full:
            return None  # realpath stops at a loop of links: of ``loop/../link`` it returns the link itself
        return full if os.path.commonpath((base, full)) == base else None
    except (OSError, ValueError):  # a loop of links, another drive, characters that are not allowed in file names
        return None


@lru_cache(maxsize=None)
def _known_types() -> mimetypes.MimeTypes:
    types = mimetypes.MimeTypes()
    for extension, kind in _NEWER_TYPES.items():
        types.add_type(kind, extension)
    return types


@lru_cache(maxsize=1024)
def guess_type(filename: str) -> str:
    """Return the media type for a file name, ``application/octet-stream`` if it is unknown.

    A compressed file has the type of its compression (``a.tar.gz``: ``application/gzip``), because
    it is sent as it is. The result does not depend on the machine's own tables.
    """
    kind, compression = _known_types().guess_type(filename)
    if compression is not None:
        kind = _COMPRESSED.get(compression)
    return kind or "application/octet-stream"


def has_hash(filename: str) -> bool:
    """Return whether a file name has a hash of its content: ``app.3f2a9c1b.js``, ``index-BX1f4a_k.css``.

    A number such as a date is none.
    """
    found = _hash(filename)
    if found is None:
        return False
    hexadecimal, mixed = found.groups()
    text = hexadecimal or mixed
    kinds = [any(map(test, text)) for test in (str.isdigit, str.islower, str.isupper)]
    return all(kinds[:2]) if hexadecimal else all(kinds)
