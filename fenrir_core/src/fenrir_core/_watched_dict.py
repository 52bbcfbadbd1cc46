"""A dict that tells when it changes."""

from __future__ import annotations

from collections import UserDict
from typing import Any, Callable, Dict, Mapping

from ._types import AnyCallable


class WatchedDict(UserDict):  # type: ignore[type-arg]  # Python 3.8 takes no parameters here
    """A dict that tells when it changes."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.data: Dict[AnyCallable, AnyCallable] = {}
        self._changed = changed

    def __setitem__(self, key: AnyCallable, value: AnyCallable) -> None:
        self.replace({**self.data, key: value})

    def __delitem__(self, key: AnyCallable) -> None:
        del self.data[key]
        self._changed()

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
