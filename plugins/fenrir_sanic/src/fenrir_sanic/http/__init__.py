"""Constants of HTTP; the protocol itself is the server's."""

from __future__ import annotations

from .constants import HTTP, Stage

__all__ = ("HTTP", "Stage")
