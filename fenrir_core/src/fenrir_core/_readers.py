"""Readers of settings: each takes what a program sets, or the text of an environment variable."""

from __future__ import annotations

from typing import Any, Callable, Optional

#: What stands for no limit.
_NONE = (None, "", "none")


def flag(value: Any) -> bool:
    """Read a switch: a bool, or the words that environment variables use."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("", "0", "false", "no", "off"):
            return False
        raise ValueError(f"{value!r} is neither true nor false")
    return bool(value)


def size(value: Any) -> Any:
    """Read a number of bytes, or None for no limit."""
    if value in _NONE:
        return None
    number = int(value)
    if number < 0:
        raise ValueError("it must be at least 0, or None")
    return number


def optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader that also takes None, and the words for it."""
    return lambda value: None if value in _NONE else read(value)


def seconds(value: Any) -> Optional[float]:
    """Read a time in seconds, or None for no limit."""
    if value in _NONE:
        return None
    number = float(value)
    if not number > 0:
        raise ValueError("it must be more than 0, or None")
    return number


def one_of(*names: str) -> Callable[[Any], str]:
    """Return a reader that accepts some names only."""
    known = [repr(name) for name in names]

    def read(value: Any) -> str:
        if value not in names:
            raise ValueError(f"it must be {', '.join(known[:-1])} or {known[-1]}")
        return str(value)

    return read


def positive(value: Any) -> int:
    """Read a number that is at least 1."""
    number = int(value)
    if number < 1:
        raise ValueError("it must be at least 1")
    return number
