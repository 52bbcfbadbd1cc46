"""Uploaded files."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from typing import IO, Any, Optional, Union

from .properties import HeaderProperty, cached_property, read_length
from .structures import HeaderDict


class FileUpload:
    """An uploaded file.

    Args:
        fileobj: The binary file with its content.
        name: The form field.
        filename: The name as the client sent it; never use it as a path.
        headers: The headers of its part.
    """

    def __init__(self, fileobj: IO[bytes], name: str, filename: str, headers: Any = None) -> None:
        self.file, self.name, self.raw_filename = fileobj, name, filename
        self.headers = HeaderDict(headers) if headers else HeaderDict()

    content_type: HeaderProperty[str] = HeaderProperty("Content-Type")
    content_length: HeaderProperty[int] = HeaderProperty("Content-Length", reader=read_length, default="")

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header of the part, or `default`."""
        found: Optional[str] = self.headers.get(name, default)
        return found

    @cached_property
    def filename(self) -> str:
        """A name that is safe in any file system: letters, digits, "-", "_" and "."; ``empty`` if none is left."""
        name = unicodedata.normalize("NFKD", self.raw_filename).encode("ascii", "ignore").decode("ascii")
        name = os.path.basename(name.replace("\\", "/"))
        name = re.sub(r"[^a-zA-Z0-9-_.\s]", "", name).strip()
        return re.sub(r"[-\s]+", "-", name).strip(".-")[:255] or "empty"

    def save(
        self, destination: Union[str, os.PathLike[str], IO[bytes]], overwrite: bool = False, chunk_size: int = 2**16
    ) -> None:
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

    def _copy(self, target: IO[bytes], chunk_size: Optional[int]) -> None:
        position = self.file.tell()
        shutil.copyfileobj(self.file, target, chunk_size or 2**16)
        self.file.seek(position)
