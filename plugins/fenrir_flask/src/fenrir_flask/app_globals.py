"""The namespace that `g` refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from fenrir_core import Connection, current

from ._types import Stored

_MISSING: Any = object()


class AppGlobals:
    """A namespace for data of the current request or app context; attributes are missing until they are set."""

    def __getattr__(self, name: str) -> Stored:
        raise AttributeError(f"g has no {name!r} in this request. Set it first, or use g.get({name!r}, default).")

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Stored) -> None: ...
        def __delattr__(self, name: str) -> None: ...

    def get(self, name: str, default: Stored = None) -> Stored:
        """Return an attribute, or `default`."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Stored = _MISSING) -> Stored:
        """Remove an attribute and return its value.

        Raises:
            KeyError: The attribute is missing and no default was passed.
        """
        return self.__dict__.pop(name) if default is _MISSING else self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Stored = None) -> Stored:
        """Return an attribute, after setting it to `default` if it is missing."""
        return self.__dict__.setdefault(name, default)

    def __getitem__(self, name: str) -> Stored:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Stored) -> None:
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
        context = current.get(None)
        name = getattr(getattr(context, "app", None), "name", None)
        return f"<flask.g of {name!r}>" if name is not None else object.__repr__(self)


def globals_of(connection: Connection) -> Any:
    """Return the namespace of a connection."""
    kind = getattr(connection.app, "app_ctx_globals_class", AppGlobals)
    return kind()
