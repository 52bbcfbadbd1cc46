"""Descriptors of Bottle that plugins use: `DictProperty`, `cached_property`, `lazy_attribute`, `HeaderProperty`."""

from __future__ import annotations

import functools
from typing import Any, Callable, Generic, Optional, Protocol, TypeVar, Union, cast, overload

from fenrir_core.authoring import parse_digits

T = TypeVar("T")
S = TypeVar("S")
#: Whatever has the property.
Owner = TypeVar("Owner")


class DictProperty(Generic[T]):
    """A property whose value is kept in a dictionary of its object, and computed if it is not there.

    Args:
        attr: The attribute that holds the dictionary.
        key: The key; the name of the decorated function by default.
        read_only: Whether assignment and deletion are errors.
    """

    getter: Callable[[Any], T]

    def __init__(self, attr: str, key: Optional[str] = None, read_only: bool = False) -> None:
        self.attr, self.key, self.read_only = attr, key, read_only

    def __call__(self, func: Callable[[Any], S]) -> DictProperty[S]:
        """Set the function that computes the value."""
        functools.update_wrapper(cast(Any, self), func, updated=[])
        made = cast("DictProperty[S]", self)
        made.getter, made.key = func, self.key or func.__name__
        return made

    @overload
    def __get__(self, obj: None, cls: type) -> DictProperty[T]: ...
    @overload
    def __get__(self, obj: Owner, cls: Optional[type]) -> T: ...
    def __get__(self, obj: Owner, cls: Optional[type] = None) -> Union[DictProperty[T], T]:
        if obj is None:
            return self
        key, storage = self.key, getattr(obj, self.attr)
        if key not in storage:
            storage[key] = self.getter(obj)
        return cast(T, storage[key])

    def __set__(self, obj: Owner, value: T) -> None:
        self._check()
        getattr(obj, self.attr)[self.key] = value

    def __delete__(self, obj: Owner) -> None:
        self._check()
        del getattr(obj, self.attr)[self.key]

    def _check(self) -> None:
        if self.read_only:
            raise AttributeError(f"The property {self.key!r} can only be read.")


class cached_property(Generic[T]):
    """A property that is computed once; deleting the attribute resets it."""

    def __init__(self, func: Callable[[Any], T]) -> None:
        functools.update_wrapper(cast(Any, self), func)
        self.func = func

    @overload
    def __get__(self, obj: None, cls: type) -> cached_property[T]: ...
    @overload
    def __get__(self, obj: Owner, cls: Optional[type]) -> T: ...
    def __get__(self, obj: Owner, cls: Optional[type] = None) -> Union[cached_property[T], T]:
        if obj is None:
            return self
        value = obj.__dict__[self.func.__name__] = self.func(obj)
        return value


class lazy_attribute(Generic[T]):
    """An attribute of a class that is computed at its first use."""

    def __init__(self, func: Callable[[Any], T]) -> None:
        functools.update_wrapper(cast(Any, self), func, updated=[])
        self.getter, self.name = func, func.__name__

    def __get__(self, obj: Owner, cls: type) -> T:
        value = self.getter(cls)
        setattr(cls, self.name, value)
        return value


def read_length(text: Optional[str]) -> int:
    """Return the number of bytes that a `Content-Length` announces; -1 if it is missing or no number."""
    length = parse_digits(text or "")
    return -1 if length is None else length


class WithHeaders(Protocol):
    """An object with headers."""

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`."""


class HeaderProperty(Generic[T]):
    """A property that reads and writes a header of its object.

    Args:
        name: The header.
        reader: Makes the value of the header's text.
        writer: Makes the header's text of a value.
        default: What `reader` is given if the header is missing.
    """

    def __init__(
        self,
        name: str,
        reader: Optional[Callable[[Any], T]] = None,
        writer: Optional[Callable[[Any], str]] = None,
        default: str = "",
    ) -> None:
        self.name, self.default, self.reader, self.writer = name, default, reader, writer
        self.__doc__ = f"The header {name.title()!r}."

    @overload
    def __get__(self, obj: None, cls: type) -> HeaderProperty[T]: ...
    @overload
    def __get__(self, obj: WithHeaders, cls: Optional[type]) -> T: ...
    def __get__(self, obj: Optional[WithHeaders], cls: Optional[type] = None) -> Union[HeaderProperty[T], T]:
        if obj is None:
            return self
        value = obj.get_header(self.name, self.default)
        return self.reader(value) if self.reader else cast(T, value)

    def __set__(self, obj: Any, value: Any) -> None:
        obj[self.name] = self.writer(value) if self.writer else value

    def __delete__(self, obj: Any) -> None:
        del obj[self.name]
