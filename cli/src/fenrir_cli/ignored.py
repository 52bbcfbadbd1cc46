"""Matching of files against `.gitignore` and `.ignore` files."""

from __future__ import annotations

import os
from typing import Dict, List, Optional, Tuple

from pathspec import GitIgnoreSpec

#: The files that are read in each directory; of two that disagree the later one counts.
NAMES = (".gitignore", ".ignore")

_Stamp = Tuple[int, int]


class Ignored:
    """The files that are ignored, by the ignore files of their directories up to the repository's top.

    Ignore files are read when they are first needed, and again once they have changed. Where
    the watched directory itself is ignored (by a home directory that is a repository, say),
    those above it do not count.

    Args:
        root: The watched directory, absolute.

    Source: gitignore(5): the nearest file and in it the last pattern decides; what lies in an
    ignored directory can't be included again.
    """

    def __init__(self, root: str) -> None:
        self._specs: Dict[str, Tuple[_Stamp, Optional[GitIgnoreSpec]]] = {}
        self._root = ""
        root = root.rstrip("/")
        if root and self._is_any_ignored(f"{root}/", _directories(root)):
            self._root = root

    def __contains__(self, path: str) -> bool:
        """Return whether a file, by its absolute path, is ignored."""
        above = _directories(path)
        if self._root in above:
            above = above[above.index(self._root) :]
        return self._is_any_ignored(path, above)

    def _is_any_ignored(self, path: str, above: List[str]) -> bool:
        """Return whether a path, or a directory that it is in, is ignored."""
        for depth, directory in enumerate(above[1:], 1):
            if self._is_ignored(directory + "/", above[:depth]):
                return True
        return self._is_ignored(path, above)

    def _is_ignored(self, path: str, directories: List[str]) -> bool:
        """Return what the ignore files of these directories say, the nearest first."""
        for directory in reversed(directories):
            relative = path[len(directory) :].lstrip("/")
            for name in reversed(NAMES):
                spec = self._spec(os.path.join(directory, name))
                included = None if spec is None else spec.check_file(relative).include
                if included is not None:
                    return included
        return False

    def _spec(self, file: str) -> Optional[GitIgnoreSpec]:
        try:
            status = os.stat(file)
        except OSError:
            self._specs.pop(file, None)
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._specs.get(file)
        if known is None or known[0] != stamp:
            known = self._specs[file] = (stamp, _read(file))
        return known[1]


def _read(file: str) -> Optional[GitIgnoreSpec]:
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            return GitIgnoreSpec.from_lines(lines)
    except (OSError, ValueError):  # it can't be read, or has an invalid pattern
        return None


def _directories(path: str) -> List[str]:
    """Return the directories that a file is in, outermost first: from the repository's top, or from the root."""
    found: List[str] = []
    directory = os.path.dirname(path)
    while True:
        found.insert(0, directory)
        parent = os.path.dirname(directory)
        if parent == directory or os.path.exists(os.path.join(directory, ".git")):
            return found
        directory = parent
