"""A dict that can be a member of a set."""

from __future__ import annotations

from typing import Any, Dict


class HashableDict(Dict[str, Any]):
    """A dict that is hashed by its pairs; it must not be changed while it is a member of a set."""

    def __hash__(self) -> int:  # type: ignore[override]  # None in a dict
        return hash(tuple(sorted(self.items())))
