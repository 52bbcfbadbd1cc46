"""Bottle's containers: forms, headers, uploads."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from typing import Any, Callable, Dict, Iterable, Iterator, List, MutableMapping, Optional, Tuple

from fenrir_core import MultiDict, UploadFile
from fenrir_core.authoring import parse_digits


class FormsDict(MultiDict):
    """Query or form values; the newest of a name wins, and names are attributes too.

    A missing name is ``""`` as an attribute, a KeyError in brackets.

    Args:
        pairs: Names and text (or uploads), in order.
    """

    __slots__ = ()

    def __init__(self, pairs: Iterable[Tuple[str, Any]] = ()) -> None:
        super().__init__(pairs)
        self._first = dict(self.pairs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name, "")

    def get(  # type: ignore[override]
        self, key: str, default: Any = None, index: int = -1, type: Optional[Callable[[Any], Any]] = None
    ) -> Any:
        """Return one value of a name.

        Args:
            key: The name.
            default: Returned if there is none, or `type` refuses it.
            index: Which of several; the newest by default.
            type: A callable that converts it.
        """
        try:
            value = self.getlist(key)[index]
            return type(value) if type else value
        except (IndexError, ValueError, TypeError):
            return default

    def getunicode(self, name: str, default: Any = None) -> Any:
        """Return the newest value as text, which all values here are."""
        return self.get(name, default)

    def getall(self, key: str) -> List[Any]:
        """Return every value of a name, oldest first."""
        return self.getlist(key)


class HeaderDict(MutableMapping[str, str]):
    """Headers by case-insensitive name, each with one value or several; values become text."""

    def __init__(self, headers: Any = ()) -> None:
        self.lists: Dict[str, List[str]] = {}
        for name, value in headers.items() if hasattr(headers, "items") else headers:
            self.append(name, value)

    def __getitem__(self, key: str) -> str:
        return self.lists[_title(key)][-1]

    def __setitem__(self, key: str, value: Any) -> None:
        self.lists[_title(key)] = [_text(key, value)]

    def __delitem__(self, key: str) -> None:
        del self.lists[_title(key)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.lists)

    def __len__(self) -> int:
        return len(self.lists)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and _title(key) in self.lists

    def append(self, key: str, value: Any) -> None:
        """Add a value to those of a name."""
        self.lists.setdefault(_title(key), []).append(_text(key, value))

    def replace(self, key: str, value: Any) -> None:
        """Set the only value of a name."""
        self[key] = value

    def getall(self, key: str) -> List[str]:
        """Return every value of a name."""
        return list(self.lists.get(_title(key), ()))

    def allitems(self) -> List[Tuple[str, str]]:
        """Return every pair."""
        return [(name, value) for name, values in self.lists.items() for value in values]

    def __repr__(self) -> str:
        return f"HeaderDict({self.allitems()!r})"


def _title(key: str) -> str:
    return key.title().replace("_", "-")


def _text(key: str, value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    if any(character in text or character in key for character in "\r\n\0"):
        raise ValueError(f"The header {key!r} contains a control character: {text!r}.")
    return text


class FileUpload:
    """An uploaded file.

    Args:
        name: The form field.
        upload: The upload as the kernel has parsed it.
    """

    def __init__(self, name: str, upload: UploadFile) -> None:
        self.name, self.file = name, upload.file
        self.raw_filename: str = upload.filename or ""
        self.content_type: str = upload.content_type or ""
        self.headers = HeaderDict(upload.headers)

    @property
    def content_length(self) -> int:
        """The length in bytes that the part announces, or -1."""
        length = parse_digits(self.headers.get("Content-Length"))
        return -1 if length is None else length

    @property
    def filename(self) -> str:
        """A name that is safe in any file system: letters, digits, "-", "_" and "."; ``empty`` if none is left."""
        name = unicodedata.normalize("NFKD", self.raw_filename).encode("ascii", "ignore").decode("ascii")
        name = os.path.basename(name.replace("\\", "/"))
        name = re.sub(r"[^a-zA-Z0-9-_.\s]", "", name).strip()
        return re.sub(r"[-\s]+", "-", name).strip(".-")[:255] or "empty"

    def save(self, destination: Any, overwrite: bool = False, chunk_size: int = 65536) -> None:
        """Write the file to a path, into a directory under its safe name, or to a file object.

        Raises:
            OSError: The file exists and `overwrite` is False.
        """
        if isinstance(destination, (str, os.PathLike)):
            path = os.fspath(destination)
            path = os.path.join(path, self.filename) if os.path.isdir(path) else path
            with open(path, "wb" if overwrite else "xb") as target:
                self._copy(target, chunk_size)
        else:
            self._copy(destination, chunk_size)

    def _copy(self, target: Any, chunk_size: int) -> None:
        position = self.file.tell()
        shutil.copyfileobj(self.file, target, chunk_size)
        self.file.seek(position)
