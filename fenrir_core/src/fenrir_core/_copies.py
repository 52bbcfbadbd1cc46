"""Copies of objects that are made by the thousand."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def changed(item: T, **values: object) -> T:
    """Return a copy of an object with other values of some attributes.

    Args:
        item: An object without slots; that of a frozen dataclass may be one. `__init__` and `__post_init__` don't run.
        **values: The attributes, which are not checked.
    """
    # PERF: `dataclasses.replace` takes 5 us for a `Route`, and `copy.copy` 3 us; this takes 0.5
    copied = object.__new__(type(item))
    copied.__dict__.update(item.__dict__, **values)
    return copied
