"""The event loop, which is the server's to choose."""

from __future__ import annotations


def try_use_uvloop() -> None:
    """Do nothing: `fenrir run --loop` chooses the event loop."""
