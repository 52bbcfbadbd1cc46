"""Compressed copies of files: `app.js.br` beside `app.js`."""

from __future__ import annotations

import os
import stat as stat_module
from typing import Dict, List, NamedTuple, Optional

from ..accept import parse_accept

#: The codings of compressed copies with their extensions, the smallest first.
_CODINGS: Dict[str, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}


class CompressedCopy(NamedTuple):
    """A compressed copy of a file: its path, its stat, and its coding for `Content-Encoding`."""

    path: str
    stat: os.stat_result
    coding: str


def compressed_copy(path: str, modified: float, accepted: str) -> Optional[CompressedCopy]:
    """Find the compressed copy of a file that a client prefers, with the extension ``.br``, ``.zst`` or ``.gz``.

    Args:
        path: The file's path.
        modified: The file's time of change, in seconds; a copy that is older is not taken.
        accepted: The value of `Accept-Encoding`, ``""`` if the client sends none.

    Returns:
        The copy, or None; a link is none, it could lead anywhere.
    """
    for coding in _codings(accepted):
        found = path + _CODINGS[coding]
        try:
            stat = os.lstat(found)
        except OSError:
            continue
        if stat_module.S_ISREG(stat.st_mode) and int(stat.st_mtime) >= int(modified):
            return CompressedCopy(found, stat, coding)
    return None


def _codings(accepted: str) -> List[str]:
    """Return the codings of compressed copies that a client accepts, the best first."""
    weights: Dict[str, float] = {}
    for item in parse_accept(accepted):
        weights[item.value] = item.quality
    others = weights.get("*", 0.0)
    found = [coding for coding in _CODINGS if weights.get(coding, others)]
    return sorted(found, key=lambda coding: -weights.get(coding, others))
