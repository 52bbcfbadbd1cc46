"""Mappings in which a name may have several values; `[]` and `get` return the last one."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Tuple, Union
from urllib.parse import parse_qsl, urlencode

import fenrir_core
from fenrir_core.authoring import split_query

__all__ = ["FormData", "ImmutableMultiDict", "MultiDict", "QueryParams"]

#: What a mapping is made of.
Source = Union[fenrir_core.MultiDict, Mapping[Any, Any], Iterable[Tuple[Any, Any]]]


def _pairs(source: Any) -> List[Tuple[Any, Any]]:
    if isinstance(source, fenrir_core.MultiDict):
        return list(source.pairs)
    if hasattr(source, "multi_items"):
        return list(source.multi_items())
    if hasattr(source, "items"):
        return list(source.items())
    return list(source)


class ImmutableMultiDict(fenrir_core.MultiDict):
    """A read-only mapping of pairs.

    Args:
        args: A mapping or pairs, at most one.
        kwargs: Further pairs.
    """

    __slots__ = ("_last",)

    def __init__(self, *args: Source, **kwargs: Any) -> None:
        assert len(args) < 2, "Too many arguments."
        given = _pairs(args[0]) if args and args[0] else []
        self._set([*given, *kwargs.items()])

    def _set(self, pairs: List[Tuple[Any, Any]]) -> None:
        fenrir_core.MultiDict.__init__(self, pairs)
        self._last: Dict[str, Any] = dict(self.pairs)

    def __getitem__(self, key: str) -> Any:
        return self._last[key]

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:
        """Return the last value of a name, or `default`."""
        return self._last.get(key, default)

    def getlist(self, key: str, type: Any = None) -> List[Any]:
        """Return every value of a name, in order."""
        return [value for name, value in self.pairs if name == key]

    def keys(self) -> Any:
        """Return the names, each once."""
        return self._last.keys()

    def values(self) -> Any:
        """Return the last value of each name."""
        return self._last.values()

    def items(self) -> Any:
        """Return each name with its last value."""
        return self._last.items()

    def multi_items(self) -> List[Tuple[Any, Any]]:
        """Return every pair, in order."""
        return list(self.pairs)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ImmutableMultiDict):
            return isinstance(other, type(self)) and sorted(self.pairs, key=repr) == sorted(other.pairs, key=repr)
        return isinstance(other, fenrir_core.MultiDict) and self.pairs == other.pairs

    __hash__ = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.multi_items()!r})"


class MultiDict(ImmutableMultiDict):
    """A mapping of pairs that can be changed."""

    __slots__ = ()

    def __setitem__(self, key: str, value: Any) -> None:
        self.setlist(key, [value])

    def __delitem__(self, key: str) -> None:
        self._set([pair for pair in self.pairs if pair[0] != key])

    def pop(self, key: str, default: Any = None) -> Any:
        """Remove a name and return its last value, or `default`."""
        found = self._last.get(key, default)
        del self[key]
        return found

    def popitem(self) -> Tuple[Any, Any]:
        """Remove a name and return it with its last value."""
        key, value = self._last.popitem()
        self._set([pair for pair in self.pairs if pair[0] != key])
        return key, value

    def poplist(self, key: str) -> List[Any]:
        """Remove a name and return all of its values."""
        found = self.getlist(key)
        del self[key]
        return found

    def clear(self) -> None:
        """Remove everything."""
        self._set([])

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the last value of a name, which is set to `default` if it is missing."""
        if key not in self._last:
            self.append(key, default)
        return self[key]

    def setlist(self, key: str, values: List[Any]) -> None:
        """Replace the values of a name."""
        self._set([*(pair for pair in self.pairs if pair[0] != key), *((key, value) for value in values)])

    def append(self, key: str, value: Any) -> None:
        """Add a value and keep the others of the name."""
        self._set([*self.pairs, (key, value)])

    def update(self, *args: Source, **kwargs: Any) -> None:
        """Replace the names of a mapping or of pairs by its values."""
        new = MultiDict(*args, **kwargs)
        self._set([*(pair for pair in self.pairs if pair[0] not in new._last), *new.pairs])


class QueryParams(ImmutableMultiDict):
    """Query parameters, from pairs, a mapping or a query string."""

    __slots__ = ()

    def __init__(self, *args: Union[Source, str, bytes], **kwargs: Any) -> None:
        assert len(args) < 2, "Too many arguments."
        source: Any = args[0] if args else []
        if isinstance(source, (str, bytes)):
            source = split_query(source.encode() if isinstance(source, str) else source)
        super().__init__(source, **kwargs)
        self._set([(str(key), str(value)) for key, value in self.pairs])

    def __str__(self) -> str:
        return urlencode(self.pairs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class FormData(ImmutableMultiDict):
    """The fields of a form: text and `UploadFile` objects."""

    __slots__ = ()

    async def close(self) -> None:
        """Close the files; the request also does so at its end."""
        for _, value in self.pairs:
            if isinstance(value, fenrir_core.UploadFile):
                await value.close()


def query_pairs(query: str) -> List[Tuple[str, str]]:
    """Return the pairs of a query string, those without a value included."""
    return parse_qsl(query, keep_blank_values=True)
