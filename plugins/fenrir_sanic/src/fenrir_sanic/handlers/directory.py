"""What is sent for a directory: its index file, or a list of its files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence, Union
from urllib.parse import unquote

from ..exceptions import NotFound
from ..pages.directory_page import DirectoryPage, FileInfo
from ..response import file, html, redirect


def is_within(path: Path, root: Path) -> bool:
    """Return whether a path, links followed, is below a directory."""
    try:
        path.resolve().relative_to(root.resolve())
    except (ValueError, OSError, RuntimeError):
        return False
    return True


class DirectoryHandler:
    """What is sent for the directories below one.

    Args:
        uri: The prefix of the paths.
        directory: The directory; must be trusted.
        directory_view: Whether a directory without an index file is listed.
        index: The names of index files, the first that exists is sent.
        root_path: What links must not lead out of; the directory by default.
        follow_external_symlink_files, follow_external_symlink_dirs: Whether links out of it are listed.
    """

    def __init__(
        self,
        uri: str,
        directory: Path,
        directory_view: bool = False,
        index: Union[str, Sequence[str], None] = None,
        root_path: Optional[Path] = None,
        follow_external_symlink_files: bool = False,
        follow_external_symlink_dirs: bool = False,
    ) -> None:
        self.base, self.directory, self.directory_view = uri.strip("/"), Path(directory), directory_view
        self.index = (index,) if isinstance(index, str) else tuple(index or ())
        self.root_path = self.directory if root_path is None else root_path
        self.follow_external_symlink_files = follow_external_symlink_files
        self.follow_external_symlink_dirs = follow_external_symlink_dirs

    async def handle(self, request: Any, path: str) -> Any:
        """Return the response for a directory.

        Args:
            request: The request.
            path: Its path; must lead to a directory below the handler's.

        Raises:
            NotFound: There is no index file, and no list is wanted.
            IsADirectoryError: Neither is configured.
        """
        current = unquote(path).strip("/")[len(self.base) :].strip("/")
        for name in self.index:
            found = self.directory / current / name
            if found.is_file():
                return await file(found)
        if self.directory_view:
            return self._listing(self.directory / current, path, request.app.debug)
        if self.index:
            raise NotFound("File not found")
        raise IsADirectoryError(f"{self.directory.as_posix()} is a directory")

    def _listing(self, location: Path, path: str, debug: bool) -> Any:
        if "//" in path or not path.endswith("/"):
            return redirect("/" + "".join(f"{part}/" for part in path.split("/") if part))
        return html(DirectoryPage(self._files(location), path, debug).render())

    def _files(self, location: Path) -> Iterator[FileInfo]:
        found = []
        for item in location.iterdir():
            try:
                is_dir = item.resolve().is_dir()
                stat = item.stat()
            except OSError:
                continue
            follow = self.follow_external_symlink_dirs if is_dir else self.follow_external_symlink_files
            if item.is_symlink() and not follow and not is_within(item, self.root_path):
                continue
            modified = datetime.fromtimestamp(stat.st_mtime).isoformat(" ")[:19]
            name = item.name + "/" * is_dir
            found.append((not is_dir, name, "📁" if is_dir else "📄", modified, stat.st_size))
        for _, name, icon, modified, size in sorted(found):
            yield FileInfo(icon=icon, file_name=name, file_access=modified, file_size=str(size))
