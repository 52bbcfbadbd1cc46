"""Starlette's data structures and FastAPI's own, at FastAPI's import path."""

from __future__ import annotations

from typing import Any

from .starlette.datastructures import (
    URL,
    Address,
    CommaSeparatedStrings,
    FormData,
    Headers,
    ImmutableMultiDict,
    MultiDict,
    MutableHeaders,
    QueryParams,
    Secret,
    State,
    UploadFile,
    URLPath,
)

__all__ = [
    "URL", "Address", "CommaSeparatedStrings", "Default", "DefaultPlaceholder", "FormData", "Headers",
    "ImmutableMultiDict", "MultiDict", "MutableHeaders", "QueryParams", "Secret", "State", "URLPath", "UploadFile",
]  # fmt: skip


class DefaultPlaceholder:
    """A default value that can be told apart from one that was set."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DefaultPlaceholder) and other.value == self.value

    __hash__ = object.__hash__


def Default(value: Any) -> Any:
    """Return a placeholder for a default value that a router or the app may override."""
    return DefaultPlaceholder(value)
