"""Look at who calls: where something was written, and the names around it."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional, Tuple


def caller() -> Tuple[str, Optional[Dict[str, Any]]]:
    """Give ``file:line`` and local names of the nearest caller outside of Fenrir's packages."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package != "fenrir" and not package.startswith("fenrir_"):
            break
        frame = frame.f_back
    local = None if frame.f_locals is frame.f_globals else dict(frame.f_locals)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}", local


def local_names(endpoint: Any) -> Optional[Dict[str, Any]]:
    """Give the names around an endpoint that is defined in a function, for its string annotations."""
    target = endpoint
    annotations = getattr(target, "__annotations__", {})
    if "<locals>" not in getattr(target, "__qualname__", "") or not annotations:
        return None
    return caller()[1]
