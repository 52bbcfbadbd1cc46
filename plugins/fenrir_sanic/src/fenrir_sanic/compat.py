"""Header fields with Sanic's methods, and helpers for files and enumerations."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Mapping
from contextlib import contextmanager
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import (
    TYPE_CHECKING,
    Any,
    BinaryIO,
    Iterable,
    Iterator,
    List,
    Optional,
    Tuple,
    Union,
)
from typing import Mapping as MappingOf

from fenrir_core import MutableHeaders
from fenrir_core.authoring import encode_header, run_in_thread

from ._executor import file_pool
from .helpers import Default, _default
from .values import AnyCallable, Values

if TYPE_CHECKING:
    from typing_extensions import Self

OS_IS_WINDOWS = os.name == "nt"
PYPY_IMPLEMENTATION = platform.python_implementation() == "PyPy"
UVLOOP_INSTALLED = find_spec("uvloop") is not None
CancelledErrors = (asyncio.CancelledError,)
HeaderValues = Union[MappingOf[str, object], Iterable[Tuple[str, object]]]


class StrEnum(str, Enum):
    """An enumeration whose members are strings."""


class UpperStrEnum(StrEnum):
    """An enumeration of upper-case words; a member equals its word in any case."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: List[Any]) -> str:
        return name.upper()

    def __eq__(self, value: object) -> bool:
        return str.__eq__(self.value, str(value).upper())

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return str(self.value)


class Header(MutableHeaders):
    """Header fields: case-insensitive, repeats kept, values of any type written as text.

    ``headers.user_agent`` is the value of `User-Agent`, ``""`` if there is none.

    Args:
        source: A mapping, or pairs.
        raw: Raw pairs, used as they are.
        **values: Further fields.
    """

    __slots__ = ()

    def __init__(
        self,
        source: Optional[HeaderValues] = None,
        *,
        raw: Optional[List[Tuple[bytes, bytes]]] = None,
        **values: object,
    ) -> None:
        super().__init__(raw=raw)
        if source or values:
            self.extend(source or (), **values)

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        return ",".join(self.getlist(name.rstrip("_").replace("_", "-")))

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value if type(value) is str else str(value))

    def add(self, name: str, value: object) -> None:
        """Add a value at the end and keep the others."""
        self._append(encode_header(name, text_of(value)))

    def extend(self, source: HeaderValues = (), **values: object) -> None:
        """Add all fields of a mapping or of pairs."""
        for name, value in (*pairs_of(source), *values.items()):
            self.add(name, value)

    def update(self, *sources: HeaderValues, **values: object) -> None:  # type: ignore[override]
        """Replace the named fields; a name that is repeated in `sources` gets all of its new values."""
        super().update(*([(name, text_of(value)) for name, value in pairs_of(source)] for source in (*sources, values)))

    def setdefault(self, name: str, default: object = "") -> str:
        """Return the first value of a field, which is set to `default` if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    def getall(self, name: str, default: Any = _default) -> Any:
        """Return all values of a field.

        Raises:
            KeyError: There is no such field, and no default.
        """
        found = self.getlist(name)
        if found or not isinstance(default, Default):
            return found or default
        raise KeyError(name)

    def get_all(self, key: str) -> List[str]:
        """Return all values of a field; an empty list if there is none."""
        return self.getlist(key)

    def getone(self, name: str, default: Any = _default) -> Any:
        """Return the first value of a field.

        Raises:
            KeyError: There is no such field, and no default.
        """
        return self[name] if isinstance(default, Default) else self.get(name, default)

    def popall(self, name: str, default: Any = _default) -> Any:
        """Remove a field and return all of its values.

        Raises:
            KeyError: There is no such field, and no default.
        """
        found = self.getall(name, default)
        if name in self:
            del self[name]
        return found

    def popone(self, name: str, default: Any = _default) -> Any:
        """Remove the first value of a field and return it.

        Raises:
            KeyError: There is no such field, and no default.
        """
        first, *others = self.popall(name, [default])
        for value in others:
            self.add(name, value)
        if isinstance(first, Default):
            raise KeyError(name)
        return first

    def copy(self) -> Self:
        """Return a copy."""
        return type(self)(raw=list(self.raw))


def header_of(raw: List[Tuple[bytes, bytes]]) -> Header:
    """Return header fields that read and write a list of raw pairs."""
    # PERF: without the two constructors, 0.6 -> 0.2 us; each access to `response.headers` makes one
    found = Header.__new__(Header)
    found.raw, found._index = raw, None
    return found


def text_of(value: object) -> str:
    """Return the text of a header's value."""
    return value if type(value) is str else str(value)


def pairs_of(source: HeaderValues) -> List[Tuple[str, object]]:
    """Return the pairs of a mapping, or the pairs themselves."""
    return list(source.items()) if isinstance(source, Mapping) else list(source)


class AsyncFile:
    """A file that is read and written in a thread; an async context manager.

    Args:
        file: The open file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def __aenter__(self) -> AsyncFile:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def read(self, size: int = -1) -> Any:
        """Return up to `size` bytes or characters."""
        return await run_in_thread(file_pool(), self._file.read, size)

    async def write(self, data: Any) -> int:
        """Write bytes or text."""
        return await run_in_thread(file_pool(), self._file.write, data)

    async def seek(self, offset: int, whence: int = 0) -> int:
        """Move the position."""
        return await run_in_thread(file_pool(), self._file.seek, offset, whence)

    async def close(self) -> None:
        """Close the file."""
        await run_in_thread(file_pool(), self._file.close)


async def open_async(file: Any, mode: str = "r", **kwargs: Any) -> AsyncFile:
    """Open a file in a thread."""
    opened: Any = await run_in_thread(file_pool(), lambda: open(file, mode, **kwargs))
    return AsyncFile(opened)


async def stat_async(path: Union[str, os.PathLike[str]]) -> os.stat_result:
    """Return the state of a file, read in a thread."""
    return await run_in_thread(file_pool(), os.stat, path)


@contextmanager
def use_context(method: Any) -> Iterator[None]:
    """Set `Sanic.start_method` for a block; without a meaning here, where the server starts the processes."""
    owner: Any = import_module(f"{__package__}.app").Sanic  # the application imports this module
    before, owner.start_method = owner.start_method, method
    try:
        yield
    finally:
        owner.start_method = before


def clear_function_annotate(*functions: AnyCallable) -> None:
    """Forget the lazily evaluated annotations of functions (Python 3.14)."""
    for function in functions:
        attributes: Values = getattr(function, "__dict__", {})
        if getattr(function, "__annotate__", None) is not None and attributes is not None:
            function.__annotate__ = None  # type: ignore[attr-defined]


def enable_windows_color_support() -> None:
    """Do nothing: the command line writes colours itself."""


def pypy_os_module_patch() -> None:
    """Do nothing: no such patch is needed."""


def pypy_windows_set_console_cp_patch() -> None:
    """Do nothing: no such patch is needed."""


def ctrlc_workaround_for_windows(app: Any) -> None:
    """Do nothing: the server handles Ctrl+C."""
