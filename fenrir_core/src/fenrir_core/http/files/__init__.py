"""Files: one safe way from a URL to a path, and responses with ranges and validators (see `conditions`)."""

from __future__ import annotations

from .compressed import CompressedCopy, compressed_copy
from .paths import IMMUTABLE, guess_type, has_hash, safe_join
from .pieces import FileParts, PartialFile, cut, file_parts
from .response import FileResponse
from .sending import SendFileOptions, send_file, send_from_directory

__all__ = [
    "IMMUTABLE",
    "CompressedCopy",
    "FileParts",
    "FileResponse",
    "PartialFile",
    "SendFileOptions",
    "compressed_copy",
    "cut",
    "file_parts",
    "guess_type",
    "has_hash",
    "safe_join",
    "send_file",
    "send_from_directory",
]
