"""Find where the author of an app called, for messages."""

from __future__ import annotations

import sys


def call_site() -> str:
    """Give ``file:line`` of the nearest caller outside of Fenrir's packages."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package != "fenrir" and not package.startswith("fenrir_"):
            break
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
