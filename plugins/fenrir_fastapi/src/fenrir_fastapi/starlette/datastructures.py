"""The small types that handlers use: uploads, URLs, addresses, multi-value mappings."""

from __future__ import annotations

from io import BytesIO
from shlex import shlex
from typing import IO, Any, Iterator, NamedTuple, Optional, Sequence

from pydantic_core import core_schema

import fenrir_core

from .header_mappings import Headers, MutableHeaders
from .multi_dicts import FormData, ImmutableMultiDict, MultiDict, QueryParams
from .types import Values
from .urls import URL, URLPath

__all__ = [
    "URL", "Address", "CommaSeparatedStrings", "FormData", "Headers", "ImmutableMultiDict", "MultiDict",
    "MutableHeaders", "QueryParams", "Secret", "State", "URLPath", "UploadFile",
]  # fmt: skip


class UploadFile(fenrir_core.UploadFile):
    """An uploaded file, see `fenrir_core.UploadFile`; pydantic models may have fields of this type.

    Args:
        file: The binary file with the content.
        size: The length in bytes; None if unknown.
        filename: The name as the client sent it.
        headers: The headers of its part.
    """

    def __init__(
        self,
        file: Optional[IO[bytes]] = None,
        *,
        size: Optional[int] = None,
        filename: Optional[str] = None,
        headers: Optional[fenrir_core.Headers] = None,
    ) -> None:
        super().__init__(filename, Headers() if headers is None else headers, file, size)

    @property
    def in_memory(self) -> bool:
        """Whether the content is in memory, so that reading it never blocks."""
        return isinstance(self.file, BytesIO) or super().in_memory

    @classmethod
    def validate(cls, value: object) -> UploadFile:
        """Return an uploaded file as an object of this class.

        Raises:
            ValueError: `value` is no uploaded file.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, fenrir_core.UploadFile):
            raise ValueError(f"Expected UploadFile, received: {type(value)}")
        return cls(value.file, size=value.size, filename=value.filename, headers=value.headers)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Return pydantic's schema: the value must be an uploaded file."""
        return core_schema.no_info_plain_validator_function(cls.validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: object) -> Values:
        """Return the JSON schema for the OpenAPI document."""
        return {"type": "string", "contentMediaType": "application/octet-stream"}

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(filename={self.filename!r}, size={self.size!r}, "
            f"headers={Headers(raw=self.headers.raw)!r})"
        )


class Address(NamedTuple):
    """A host and port."""

    host: str
    port: int


class State:
    """An object with whatever attributes are set on it; its keys are the same values.

    Args:
        state: A dict that keeps the values.
    """

    _state: Values

    def __init__(self, state: Optional[Values] = None) -> None:
        object.__setattr__(self, "_state", {} if state is None else state)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._state[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        self._state[name] = value

    def __delattr__(self, name: str) -> None:
        del self._state[name]

    def __getitem__(self, name: str) -> Any:
        return self._state[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._state[name] = value

    def __delitem__(self, name: str) -> None:
        del self._state[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)


class Secret:
    """A text whose `repr()` does not show it."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}('**********')"

    def __str__(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)


class CommaSeparatedStrings(Sequence[str]):
    """A sequence of strings, from a list or from comma-separated text."""

    def __init__(self, value: Any) -> None:
        if isinstance(value, str):
            splitter = shlex(value, posix=True)
            splitter.whitespace, splitter.whitespace_split = ",", True
            self._items = [item.strip() for item in splitter]
        else:
            self._items = list(value)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __str__(self) -> str:
        return ", ".join(repr(item) for item in self._items)
