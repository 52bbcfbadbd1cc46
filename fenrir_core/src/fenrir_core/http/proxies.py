"""Proxies of objects that belong to the current request.

A proxy finds the connection through the kernel's one context variable, so that it works in
coroutines, threads, templates, streams and background work.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Hashable, Iterable, Iterator

from ..exceptions import NoRequest
from .connection import Connection, current

_connection = current.get
#: What makes the object of a connection.
Kind = Callable[[Connection], Any]


class LocalProxy:
    """A proxy of an object of the current request.

    Args:
        name: Its name for the message of the error outside of requests.
        kind: Called with the connection, once in a request; returns the object.
    """

    __slots__ = ("_local_name", "_local_kind")

    _local_name: str
    _local_kind: Kind

    def __init__(self, name: str, kind: Kind) -> None:
        object.__setattr__(self, "_local_name", name)
        object.__setattr__(self, "_local_kind", kind)

    def _get_current_object(self) -> Any:
        """Return the object itself.

        Raises:
            NoRequest: The code runs outside a request.
        """
        try:
            connection = _connection()
        except LookupError:
            raise NoRequest(self._local_name) from None
        kind = self._local_kind
        facades = connection.facades  # PERF: the cached case of `Connection.facade` written out
        found = None if facades is None else facades.get(kind)
        return connection.facade(kind) if found is None else found

    def __getattr__(self, name: str) -> Any:
        # PERF: `request.args` and the like come through here, so the look-up is written out
        try:
            connection = _connection()
        except LookupError:
            if name[:2] == "__":  # tools that inspect modules look for these
                raise AttributeError(name) from None
            raise NoRequest(self._local_name) from None
        kind = self._local_kind
        facades = connection.facades
        found = None if facades is None else facades.get(kind)
        return getattr(connection.facade(kind) if found is None else found, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._get_current_object(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._get_current_object(), name)

    def __getitem__(self, key: Hashable) -> Any:
        return self._get_current_object()[key]

    def __setitem__(self, key: Hashable, value: Any) -> None:
        self._get_current_object()[key] = value

    def __delitem__(self, key: Hashable) -> None:
        del self._get_current_object()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._get_current_object()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._get_current_object())

    def __len__(self) -> int:
        return len(self._get_current_object())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""
        return self._get_current_object()(*args, **kwargs)

    @property  # type: ignore[misc]  # typeshed declares an attribute
    def __class__(self) -> type:
        """The class of the object, so that `isinstance` sees through."""
        try:
            return type(self._get_current_object())
        except NoRequest:
            return LocalProxy

    def __bool__(self) -> bool:
        try:
            return bool(self._get_current_object())
        except NoRequest:
            return False

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LocalProxy):
            other = other._get_current_object()
        return bool(self._get_current_object() == other)

    def __hash__(self) -> int:
        return hash(self._get_current_object())

    def __or__(self, other: Any) -> Any:
        return self._get_current_object() | other

    def __dir__(self) -> Iterable[str]:
        try:
            return dir(self._get_current_object())
        except NoRequest:
            return []

    def __str__(self) -> str:
        return str(self._get_current_object())

    def __repr__(self) -> str:
        try:
            return repr(self._get_current_object())
        except NoRequest:
            return f"<{self._local_name}: no request>"


class StateProxy(LocalProxy):
    """A proxy of an object that is kept in `Connection.state`.

    A facade is dropped when its request ends. This object is not: a task that the request started still finds
    it after the response. It must not refer to the connection.

    Args:
        name: Its name for the message of the error outside of requests.
        kind: Called with the connection, once in a request; returns the object.
    """

    __slots__ = ()

    def _get_current_object(self) -> Any:
        try:
            connection = _connection()
        except LookupError:
            raise NoRequest(self._local_name) from None
        state: Dict[Any, Any] = connection.state
        kind = self._local_kind
        if kind not in state:
            state[kind] = kind(connection)
        return state[kind]

    def __getattr__(self, name: str) -> Any:
        # PERF: `g.user` and the like come through here, so the look-up is written out
        try:
            state: Dict[Any, Any] = _connection().state
            return getattr(state[self._local_kind], name)
        except LookupError:
            if name[:2] == "__":
                raise AttributeError(name) from None
            return getattr(self._get_current_object(), name)
