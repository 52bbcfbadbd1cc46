"""Parsers and checks of the settings: excluded paths, providers and callbacks."""

from __future__ import annotations

from typing import Any, Callable, Tuple


def paths(value: Any) -> Tuple[str, ...]:
    """Return paths from a str with commas or a sequence of str.

    Raises:
        ValueError: One does not begin with "/" or has a "*" that is not at its end.
    """
    found = tuple(item.strip() for item in (value.split(",") if isinstance(value, str) else value))
    for item in found:
        if item and (not item.startswith("/") or "*" in item[:-1]):
            raise ValueError(f"{item!r} is no path such as '/health' or '/static/*'")
    return tuple(item for item in found if item)


def excluder(excluded: Tuple[str, ...]) -> Callable[[str], bool]:
    """Return a function that tells whether a path is excluded."""
    whole = frozenset(item for item in excluded if not item.endswith("*"))
    prefixes = tuple(item[:-1] for item in excluded if item.endswith("*"))
    return lambda path: path in whole or path.startswith(prefixes)


def has(method: str) -> Callable[[Any], Any]:
    """Return a check for providers, which must have a method of this name."""

    def check(value: Any) -> Any:
        if not callable(getattr(value, method, None)):
            raise ValueError(f"it has no {method}()")
        return value

    return check


def callback(value: Any) -> Any:
    """Return a callback, if it can be called."""
    if not callable(value):
        raise ValueError("it can't be called")
    return value
