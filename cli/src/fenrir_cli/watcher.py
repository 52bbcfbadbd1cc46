"""Which changes of files are worth a reload."""

from __future__ import annotations

import os
from typing import AsyncIterator, List, Set, Tuple

from watchfiles import Change, DefaultFilter, awatch

#: Source, templates, configuration. Data (JSON, databases, uploads) is not: apps write those themselves.
SUFFIXES = (
    ".py", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".tpl", ".toml", ".ini", ".cfg", ".yaml", ".yml",
)  # fmt: skip


class SourceFilter(DefaultFilter):
    """Let changes of source, templates, configuration and `.env` files pass, outside of caches and environments."""

    def __call__(self, change: Change, path: str) -> bool:
        """Tell whether a change counts."""
        name = os.path.basename(path)
        is_source = name.endswith(SUFFIXES) or name == ".env" or name.startswith(".env.")
        return is_source and super().__call__(change, path)


async def changes(directories: List[str]) -> AsyncIterator[List[str]]:
    """Give the paths that changed, each time some did, relative to the first directory where they are in it."""
    root = directories[0] + os.sep
    batch: Set[Tuple[Change, str]]
    async for batch in awatch(*directories, watch_filter=SourceFilter()):
        yield sorted({path[len(root) :] if path.startswith(root) else path for _, path in batch})
