"""A dict that tells when it changes, and functions that heed it."""

from __future__ import annotations

from collections import UserDict
from typing import Any, Callable, Dict, Mapping

from ._types import AnyCallable


class WatchedDict(UserDict):  # type: ignore[type-arg]  # Python 3.8 takes no parameters here
    """A dict that tells when it changes; each change puts another `data` in the place of the last."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.data: Dict[AnyCallable, AnyCallable] = {}
        self._changed = changed

    def __setitem__(self, key: AnyCallable, value: AnyCallable) -> None:
        self.replace({**self.data, key: value})

    def __delitem__(self, key: AnyCallable) -> None:
        data = {**self.data}
        del data[key]
        self.replace(data)

    def replace(self, items: Mapping[AnyCallable, AnyCallable]) -> None:
        """Hold other items instead."""
        self.data = dict(items)
        self._changed()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Add or replace items, as `dict.update` does; one change."""
        self.replace({**self.data, **dict(*args, **kwargs)})

    def clear(self) -> None:
        """Remove all items."""
        self.replace({})


def heeding(overrides: WatchedDict, made: AnyCallable, make: Callable[[], AnyCallable]) -> AnyCallable:
    """Return a function that calls another one, which is made anew at the first call after a change.

    Args:
        overrides: What may change.
        made: The function for what it holds now.
        make: Makes it.
    """
    heeded = overrides.data

    def call(*args: Any) -> Any:
        nonlocal made, heeded
        present = overrides.data
        if heeded is not present:
            made = make()  # first: another thread may call meanwhile
            heeded = present
        return made(*args)

    return call
