"""What lives as long as a request: the namespace behind `g`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from fenrir_core import Connection

_MISSING: Any = object()


class Globals:
    """Hold whatever code of one request wants to share, by attribute or like a mapping.

    Args:
        connection: The connection that it belongs to.
    """

    def __init__(self, connection: Connection) -> None:
        # nothing is kept: whatever is in __dict__ is the user's
        del connection

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...
        def __delattr__(self, name: str) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"g has no {name!r} in this request. Set it first, or use g.get({name!r}, default).")

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or `default`."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """Remove an attribute and give it.

        Raises:
            KeyError: It is not there and no default was given.
        """
        return self.__dict__.pop(name) if default is _MISSING else self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return an attribute; set it to `default` first if it is not there."""
        return self.__dict__.setdefault(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __delitem__(self, name: str) -> None:
        del self.__dict__[name]

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<g {self.__dict__!r}>"
