"""Path templates as regular expressions, for routes that match by themselves."""

from __future__ import annotations

import re
from typing import List, Pattern, Tuple

_PARAM = re.compile(r"{([^{}:]+)(?::([^{}]+))?}")
_PATTERNS = {"int": "[0-9]+", "float": r"[0-9]+(\.[0-9]+)?", "path": ".*", "uuid": "[0-9a-fA-F-]{36}"}


def compile_path(path: str) -> Tuple[Pattern[str], str]:
    """Return the pattern of the paths that a path template matches, and the template without converters."""
    parts: List[str] = []
    end = 0
    for found in _PARAM.finditer(path):
        pattern = _PATTERNS.get(found.group(2) or "", "[^/]+")
        name = re.sub(r"\W", "_", found.group(1))
        parts.append(f"{re.escape(path[end : found.start()])}(?P<{name}>{pattern})")
        end = found.end()
    parts.append(re.escape(path[end:]))
    return re.compile(f"^{''.join(parts)}$"), _PARAM.sub(r"{\1}", path)
