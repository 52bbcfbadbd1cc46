"""The data structures of Falcon's public module."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, Mapping, MutableMapping, Tuple, Union

from ..context import Context
from ..etags import ETag

__all__ = ["CaseInsensitiveDict", "Context", "ETag"]


class CaseInsensitiveDict(MutableMapping[str, Any]):
    """A mapping whose keys are text and are compared without regard to case.

    Iteration gives each key in the form in which it was last set.
    """

    def __init__(self, data: Union[Mapping[str, Any], Iterable[Tuple[str, Any]], None] = None, **kwargs: Any) -> None:
        self._store: Dict[str, Tuple[str, Any]] = {}
        self.update(data or {}, **kwargs)

    def __setitem__(self, key: str, value: Any) -> None:
        self._store[key.lower()] = (key, value)

    def __getitem__(self, key: str) -> Any:
        return self._store[key.lower()][1]

    def __delitem__(self, key: str) -> None:
        del self._store[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._store.values())

    def __len__(self) -> int:
        return len(self._store)

    def lower_items(self) -> Iterator[Tuple[str, Any]]:
        """Iterate pairs whose keys are in lower case."""
        return ((key, pair[1]) for key, pair in self._store.items())

    def copy(self) -> CaseInsensitiveDict:
        """Return a copy."""
        return CaseInsensitiveDict(self._store.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self.lower_items()) == dict(CaseInsensitiveDict(other).lower_items())

    __hash__ = None  # type: ignore[assignment]  # it can change

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.items())!r})"
