"""The changes of files that cause a reload."""

from __future__ import annotations

import fnmatch
import os
from typing import AsyncIterator, List, Sequence, Set, Tuple

from watchfiles import Change, DefaultFilter, awatch

from .ignored import Ignored

#: Source, templates, configuration. Data (JSON, databases, uploads) is not: apps write those themselves.
SUFFIXES = (
    ".py", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".tpl", ".toml", ".ini", ".cfg", ".yaml", ".yml",
)  # fmt: skip


class SourceFilter(DefaultFilter):
    """A filter of changes: source, templates, configuration and `.env` files, outside of caches and environments.

    What an ignore file names does not count, but `.env` files do: they are ignored to be kept
    out of repositories, not because they don't matter.

    Args:
        root: The directory that patterns are relative to.
        include: Patterns of further files that count, those that are ignored too.
        exclude: Patterns of files that don't; these take precedence.
    """

    def __init__(self, root: str = "", include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        super().__init__()
        self._root, self._include, self._exclude = root, tuple(include), tuple(exclude)
        self._ignored = Ignored(root)

    def __call__(self, change: Change, path: str) -> bool:
        """Return whether a change counts."""
        name = os.path.basename(path)
        relative = path[len(self._root) :] if path.startswith(self._root) else path
        if _is_any(relative, name, self._exclude):
            return False
        if not super().__call__(change, path):
            return False
        if _is_any(relative, name, self._include) or name == ".env" or name.startswith(".env."):
            return True
        return name.endswith(SUFFIXES) and path not in self._ignored


def _is_any(path: str, name: str, patterns: Sequence[str]) -> bool:
    """Return whether a pattern matches a file by name (``*.sql``), path (``data/*.json``) or directory (``data``)."""
    return any(
        fnmatch.fnmatch(name, pattern)
        or fnmatch.fnmatch(path, pattern)
        or fnmatch.fnmatch(path, pattern.rstrip("/") + "/*")
        for pattern in patterns
    )


async def changes(
    directories: List[str], include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> AsyncIterator[List[str]]:
    """Yield the paths that changed, after each change, relative to the first directory if they are in it."""
    root = directories[0] + os.sep
    batch: Set[Tuple[Change, str]]
    async for batch in awatch(*directories, watch_filter=SourceFilter(root, include, exclude)):
        yield sorted({path[len(root) :] if path.startswith(root) else path for _, path in batch})
