"""A handler that serves files."""

from __future__ import annotations

import os
from typing import Any, Optional

from fenrir_core import FileResponse, safe_join

from .exceptions import FileNotFound


def is_file(path: Any) -> bool:
    """Return whether a path is that of a file."""
    return os.path.isfile(path)


def handler(root: Any, content_type: Optional[str], index: Optional[str]) -> Any:
    """Return a handler that sends the file `filename` of a directory, or one file.

    Args:
        root: The path of the directory or file; must be trusted.
        content_type: The content type; guessed from each name by default.
        index: The file that is sent for a directory.
    """

    def find(filename: str) -> Optional[str]:
        if os.path.isfile(root):
            return str(root)
        found = safe_join(root, filename)
        if found is not None and index and os.path.isdir(found):
            found = os.path.join(found, index)
        return found if found is not None and os.path.isfile(found) else None

    async def static(request: Any, filename: str = "") -> FileResponse:
        found = await request.app.run_in_thread(find, filename)
        if found is None:
            raise FileNotFound("File not found", path=root, relative_url=filename)
        return FileResponse(found, media_type=content_type)

    return static
