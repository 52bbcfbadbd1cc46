"""Parameters of queries and forms, and uploaded files, as Sanic has them."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

from fenrir_core import UploadFile


class RequestParameters(Dict[str, List[Any]]):
    """Values by name, several for each; `get` returns the first."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the first value of a name, or `default`."""
        return super().get(name, [default])[0]

    def getlist(self, name: str, default: Any = None) -> Any:
        """Return all values of a name, or `default` (an empty list)."""
        return super().get(name, [] if default is None else default)


class File(NamedTuple):
    """An uploaded file, in memory."""

    type: str
    body: bytes
    name: str


def parameters_of_pairs(pairs: Iterable[Tuple[str, Any]]) -> RequestParameters:
    """Return the values of pairs by name, in order."""
    found = RequestParameters()
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def file_of(upload: UploadFile) -> File:
    """Return an uploaded file with its content."""
    upload.file.seek(0)
    body = upload.file.read()
    upload.file.seek(0)
    return File(upload.content_type or "application/octet-stream", body, upload.filename or "")
