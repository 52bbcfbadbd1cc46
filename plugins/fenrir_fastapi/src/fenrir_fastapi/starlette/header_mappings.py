"""Header fields with Starlette's constructors and names."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Tuple

import fenrir_core
from fenrir_core.authoring import Scope

__all__ = ["Headers", "MutableHeaders"]

#: Raw pairs as ASGI has them.
Raw = List[Tuple[bytes, bytes]]


class Headers(fenrir_core.Headers):
    """Header fields, read-only: case-insensitive, in order, repeats kept.

    Args:
        headers: A mapping of text.
        raw: Raw pairs instead, names in lower case; used as they are.
        scope: An ASGI scope or a message with ``headers`` instead, which are used as they are.
    """

    __slots__ = ()

    def __init__(
        self,
        headers: Optional[Mapping[str, str]] = None,
        raw: Optional[Raw] = None,
        scope: Optional[Scope] = None,
    ) -> None:
        if headers is not None:
            assert raw is None, 'Cannot set both "headers" and "raw".'
            assert scope is None, 'Cannot set both "headers" and "scope".'
        elif raw is not None:
            assert scope is None, 'Cannot set both "raw" and "scope".'
        if scope is not None:
            # a list, so that what is written later lands in the scope or message
            raw = scope["headers"] = list(scope.get("headers") or ())
        super().__init__(headers, raw=raw)

    def getlist(self, key: str) -> List[str]:
        """Return every value of a header, in order; empty if there is none."""
        return super().getlist(key)

    def mutablecopy(self) -> MutableHeaders:
        """Return a copy that can be changed."""
        return MutableHeaders(raw=list(self.raw))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, fenrir_core.Headers) and sorted(self.raw) == sorted(other.raw)

    __hash__ = None

    def __repr__(self) -> str:
        pairs = dict(self.items())
        shown = repr(pairs) if len(pairs) == len(self.raw) else f"raw={self.raw!r}"
        return f"{type(self).__name__}({shown})"


class MutableHeaders(Headers, fenrir_core.MutableHeaders):
    """Header fields that can be changed; each write is checked, and changes the list given as `raw` in place."""

    __slots__ = ()

    def __delitem__(self, key: str) -> None:
        """Remove all values of a header; one that is missing is no error, as in Starlette."""
        if key in self:
            super().__delitem__(key)

    def setdefault(self, key: str, value: str) -> str:
        """Return the first value of a header, which is set to `value` if it is missing."""
        found = self.get(key)
        if found is None:
            self.append(key, value)
            return value
        return found

    def append(self, key: str, value: str) -> None:
        """Add a value at the end and keep the others."""
        self.add(key, value)

    def update(self, other: Any = (), **names: str) -> None:  # type: ignore[override]  # one source
        """Set the headers of a mapping, one after the other."""
        for key, value in other.items() if hasattr(other, "items") else other:
            self[key] = value
        for key, value in names.items():
            self[key] = value

    def add_vary_header(self, vary: str) -> None:
        """Add a name to the header ``Vary``."""
        self.add_vary(*[name.strip() for name in vary.split(",")])

    def __ior__(self, other: Mapping[str, str]) -> MutableHeaders:
        self.update(_mapping(other))
        return self

    def __or__(self, other: Mapping[str, str]) -> MutableHeaders:
        found = self.mutablecopy()
        found.update(_mapping(other))
        return found


def _mapping(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"Expected a mapping but got {type(value).__name__}")
    return value
