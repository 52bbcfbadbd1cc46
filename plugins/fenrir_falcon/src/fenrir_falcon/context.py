"""An object with arbitrary attributes that is a mapping too."""

from __future__ import annotations

from typing import Any, Iterator, MutableMapping


class Context(MutableMapping[str, Any]):
    """The values that handlers, hooks and middleware of one request share."""

    def __getitem__(self, key: str) -> Any:
        return self.__dict__[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.__dict__[key] = value

    def __delitem__(self, key: str) -> None:
        del self.__dict__[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def copy(self) -> Context:
        """Return a copy with the same values."""
        found = type(self)()
        found.update(self.__dict__)
        return found

    def setdefault(self, key: str, default_value: Any = None) -> Any:
        """Return the value of a key; one that is missing is set to `default_value`."""
        return self.__dict__.setdefault(key, default_value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"The context has no attribute {name!r}.")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.__dict__!r})"
