"""Versions of HTTP, and the stages of a request."""

from __future__ import annotations

from enum import Enum, IntEnum


class Stage(Enum):
    """How far a request has come."""

    IDLE = 0
    REQUEST = 1
    HANDLER = 3
    RESPONSE = 4
    FAILED = 100


class HTTP(IntEnum):
    """A version of HTTP."""

    VERSION_1 = 1
    VERSION_3 = 3

    def display(self) -> str:
        """Return the version as in a request line."""
        return "HTTP/1.1" if self is HTTP.VERSION_1 else f"HTTP/{self.value}"
